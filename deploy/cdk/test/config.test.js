'use strict';

// Every parameter's limits, and what a mistake is told.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { ConfigError, PARAMETERS, readConfig } = require('../lib/config');
const { REQUIRED, resources, synthesize } = require('../test-support/helper');

function problems(parameters) {
  try {
    readConfig((key) => parameters[key]);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return [];
}

test('what is required is all that is required', () => {
  assert.deepEqual(problems(REQUIRED), []);
});

test('everything that is missing is named at once', () => {
  const found = problems({});
  assert.equal(found.length, Object.keys(REQUIRED).length);
  for (const key of Object.keys(REQUIRED)) {
    assert.ok(found.some((line) => line.startsWith(`${key} is missing`)));
  }
});

const WRONG = {
  name: ['1st', 'a name', ''],
  databaseImage: ['latest', 'ami-xyz', 'ami-1'],
  bastionImage: ['debian-12'],
  packageKeyFile: ['/nowhere/at/all', __filename],
  s3PrefixList: ['com.amazonaws.s3', 'pl-'],
  databaseInstanceType: ['large', 'r7g large'],
  bastionInstanceType: ['t4g'],
  databaseInstances: [0, 4, 1.5, 'two', -1],
  zones: [1, 4],
  network: ['10.0.0.0', '10.0.0.0/8', '10.0.0.0/28', '8.8.8.0/16',
    '172.15.0.0/16', '10.0.0.300/16'],
  privateZone: ['internal', 'Vecdb.Internal', 'a_b.c'],
  postgresMajor: [12, 19, '15.1'],
  dataGiB: [19, 16385],
  dataIops: [2999, 16001],
  dataThroughput: [124, 1001],
  passwordHours: [0, 721],
  backupLockDays: [0, 366],
  fullBackupsKept: [0, 53],
  alarmEmail: ['ops', 'a b@c.d'],
};

test('every parameter refuses what is out of its limits', () => {
  assert.deepEqual(Object.keys(WRONG).sort(), Object.keys(PARAMETERS).sort());
  for (const [key, values] of Object.entries(WRONG)) {
    for (const value of values) {
      const [problem, ...more] = problems({ ...REQUIRED, [key]: value });
      assert.deepEqual(more, [], `${key}=${value}`);
      assert.ok(problem?.startsWith(`${key} is "${value}", expected `),
        `${key}=${value}: ${problem}`);
    }
  }
});

test('throughput must fit the operations', () => {
  const fast = { ...REQUIRED, dataThroughput: 1000 };
  assert.match(problems(fast)[0], /dataThroughput is 1000, expected at most/);
  assert.deepEqual(problems({ ...fast, dataIops: 4000 }), []);
});

test('values from the command line are text', () => {
  assert.deepEqual(problems({ ...REQUIRED, zones: '3', dataGiB: '50' }), []);
});

test('the number of zones is the number of subnets of each tier', () => {
  for (const zones of [2, 3]) {
    const template = synthesize({ zones });
    assert.equal(resources(template, 'AWS::EC2::Subnet').length, 3 * zones);
  }
});

test('three members are in three zones', () => {
  const template = synthesize({ zones: 3, databaseInstances: 3 });
  const zones = resources(template, 'AWS::EC2::Volume')
    .map(([, volume]) => JSON.stringify(volume.AvailabilityZone));
  assert.equal(new Set(zones).size, 3);
});
