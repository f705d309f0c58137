'use strict';

// Synthesizes the stack once for each set of parameters.
//
// CloudFormation's own validation takes seconds; one test runs it on purpose,
// the others do without.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Template } = require('aws-cdk-lib/assertions');
const { createApp } = require('../lib/app');

const KEY = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawNgiRYJKwYBBAHaRw8BAQdASystwciiBjULUARgdMxvQLx8IzQM69isvjYv
-----END PGP PUBLIC KEY BLOCK-----
`;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vecdb-cdk-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true }));
const keyFile = path.join(folder, 'vecdb.asc');
fs.writeFileSync(keyFile, KEY);

const REQUIRED = {
  databaseImage: 'ami-0123456789abcdef0',
  bastionImage: 'ami-0fedcba9876543210',
  packageKeyFile: keyFile,
  s3PrefixList: 'pl-0123abcd',
};

function makeApp(parameters = {}, options = {}) {
  return createApp({
    context: { ...REQUIRED, ...parameters },
    outdir: fs.mkdtempSync(path.join(folder, 'out-')),
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    ...options,
  });
}

const templates = new Map();

function synthesize(parameters = {}) {
  const name = JSON.stringify(parameters);
  if (!templates.has(name)) {
    templates.set(name, Template.fromStack(makeApp(parameters).stack));
  }
  return templates.get(name);
}

// The resources of a type, as [logical id, properties, whole].
function resources(template, type) {
  return Object.entries(template.findResources(type))
    .map(([id, whole]) => [id, whole.Properties ?? {}, whole]);
}

// A token-free rendering of anything, good for searching in.
function textOf(value) {
  if (typeof value === 'string') {
    return value;
  }
  if (value && value['Fn::Join']) {
    return value['Fn::Join'][1].map(textOf).join(value['Fn::Join'][0]);
  }
  if (value && value['Fn::Base64']) {
    return textOf(value['Fn::Base64']);
  }
  if (value && value.Ref) {
    return `<${value.Ref}>`;
  }
  if (value && value['Fn::GetAtt']) {
    return `<${value['Fn::GetAtt'].join('.')}>`;
  }
  return JSON.stringify(value);
}

// The one resource of TYPE whose id has PART in it.
function only(template, type, part) {
  const found = resources(template, type).filter(([id]) => id.includes(part));
  if (found.length !== 1) {
    throw new Error(`${found.length} resources ${type} with "${part}"`);
  }
  return found[0];
}

module.exports = { REQUIRED, makeApp, only, resources, synthesize, textOf };
