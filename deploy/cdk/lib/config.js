'use strict';

// What a person may choose, and the limits of it.
//
// Every parameter is a row of one table.  All of them are looked at before
// anything is built, so that one run names every mistake.

const fs = require('node:fs');

class ConfigError extends Error {
  constructor(problems) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function whole(low, high) {
  return {
    expected: `a whole number from ${low} to ${high}`,
    read(value) {
      const text = String(value);
      const number = Number(text);
      return /^[0-9]+$/.test(text) && number >= low && number <= high
        ? number : undefined;
    },
  };
}

function text(pattern, expected) {
  return {
    expected,
    read: (value) => (pattern.test(String(value)) ? String(value) : undefined),
  };
}

const instanceType = text(/^[a-z][a-z0-9-]*\.[a-z0-9]+$/,
  'an instance type as "r7g.large"');
const image = text(/^ami-[0-9a-f]{8,17}$/, 'an image id as "ami-0123456789abcdef0"');

// The public half of the key that signs the package repository, as the file
// vecdb.asc that make-repository writes.
const keyFile = {
  expected: 'the path of an armored OpenPGP public key',
  read(value) {
    try {
      const key = fs.readFileSync(String(value), 'ascii').trim();
      return /^-----BEGIN PGP PUBLIC KEY BLOCK-----/.test(key) ? key : undefined;
    } catch {
      return undefined;
    }
  },
};

// A second or third machine is a standby of the first.
const PARAMETERS = {
  name: { ...text(/^[a-zA-Z][a-zA-Z0-9-]{0,30}$/,
    'letters, digits and "-", at most 31'), otherwise: 'vecdb' },
  databaseImage: image,
  bastionImage: image,
  packageKeyFile: keyFile,
  // The addresses of S3 in the region, which the groups' ways out name.
  s3PrefixList: text(/^pl-[0-9a-f]{8,17}$/,
    'the id of the region\'s S3 prefix list as "pl-0123abcd"'),
  databaseInstanceType: { ...instanceType, otherwise: 'r7g.large' },
  bastionInstanceType: { ...instanceType, otherwise: 't4g.micro' },
  databaseInstances: { ...whole(1, 3), otherwise: 1 },
  zones: { ...whole(2, 3), otherwise: 2 },
  network: { ...text(/^(10|172|192)(\.[0-9]{1,3}){3}\/(1[6-9]|2[0-2])$/,
    'a private network as "10.0.0.0/16", /16 to /22'),
  otherwise: '10.0.0.0/16' },
  privateZone: { ...text(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/,
    'a domain as "vecdb.internal"'), otherwise: 'vecdb.internal' },
  postgresMajor: { ...whole(13, 18), otherwise: 15 },
  dataGiB: { ...whole(20, 16384), otherwise: 100 },
  dataIops: { ...whole(3000, 16000), otherwise: 3000 },
  dataThroughput: { ...whole(125, 1000), otherwise: 125 },
  passwordHours: { ...whole(1, 720), otherwise: 36 },
  backupLockDays: { ...whole(1, 365), otherwise: 14 },
  fullBackupsKept: { ...whole(1, 52), otherwise: 4 },
  alarmEmail: { ...text(/^$|^[^@\s]+@[^@\s]+\.[^@\s]+$/, 'an e-mail address'),
    otherwise: '' },
};

function readOne(key, given, problems) {
  const parameter = PARAMETERS[key];
  if (given === undefined || given === null) {
    if (parameter.otherwise === undefined) {
      problems.push(`${key} is missing, expected ${parameter.expected}`);
    }
    return parameter.otherwise;
  }
  const value = parameter.read(given);
  if (value === undefined) {
    problems.push(`${key} is "${given}", expected ${parameter.expected}`);
  }
  return value;
}

// What holds between parameters.  EBS allows 1 MiB/s for every 4 IOPS.
function checkTogether(config, problems) {
  if (config.dataThroughput * 4 > config.dataIops) {
    problems.push(`dataThroughput is ${config.dataThroughput}, `
      + `expected at most a quarter of dataIops (${config.dataIops})`);
  }
  if (config.network && !isPrivate(config.network)) {
    problems.push(`network is "${config.network}", expected one of 10.0.0.0/8, `
      + '172.16.0.0/12 or 192.168.0.0/16');
  }
}

function isPrivate(network) {
  const bytes = network.split('/')[0].split('.').map(Number);
  const [a, b] = bytes;
  return bytes.every((byte) => byte <= 255) && (a === 10
    || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168));
}

// get(KEY) answers undefined for what was not given.
function readConfig(get) {
  const problems = [];
  const config = {};
  for (const key of Object.keys(PARAMETERS)) {
    config[key] = readOne(key, get(key), problems);
  }
  if (problems.length === 0) {
    checkTogether(config, problems);
  }
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  return Object.freeze(config);
}

module.exports = { ConfigError, PARAMETERS, readConfig };
