'use strict';

// The machines, what they hold and what they may do.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { only, resources, synthesize, textOf } = require('../test-support/helper');

const HOST = path.join(__dirname, '..', '..', 'host');
const template = synthesize({ databaseInstances: 2 });
const instances = resources(template, 'AWS::EC2::Instance');

function userData(part) {
  return textOf(only(template, 'AWS::EC2::Instance', part)[1].UserData);
}

// What stands between "cat >FILE" and its end mark.
function fileIn(script, name) {
  const [, text] = script.split(`cat >${name} <<'VECDB_END'\n`);
  assert.ok(text, `${name} is not written`);
  return text.slice(0, text.indexOf('\nVECDB_END'));
}

test('IMDSv2 only, no key pair, no end by mistake', () => {
  assert.equal(instances.length, 3);
  for (const [, instance] of instances) {
    assert.equal(instance.MetadataOptions.HttpTokens, 'required');
    assert.equal(instance.MetadataOptions.HttpPutResponseHopLimit, 1);
    assert.equal(instance.KeyName, undefined);
    assert.equal(instance.DisableApiTermination, true);
  }
});

test('the images are the pinned ones', () => {
  assert.deepEqual([...new Set(instances.map(([, i]) => i.ImageId))].sort(),
    ['ami-0123456789abcdef0', 'ami-0fedcba9876543210']);
});

test('every volume is encrypted with the customer\'s key', () => {
  for (const [, instance] of instances) {
    for (const device of instance.BlockDeviceMappings) {
      assert.equal(device.Ebs.Encrypted, true);
      assert.ok(device.Ebs.KmsKeyId);
    }
  }
  const volumes = resources(template, 'AWS::EC2::Volume');
  assert.equal(volumes.length, 2);
  for (const [, volume, whole] of volumes) {
    assert.equal(volume.Encrypted, true);
    assert.ok(volume.KmsKeyId);
    assert.equal(volume.VolumeType, 'gp3');
    assert.equal(whole.DeletionPolicy, 'Retain');
  }
});

test('a member and its volume are in one zone, the members in two', () => {
  const zones = resources(template, 'AWS::EC2::Volume')
    .map(([, volume]) => JSON.stringify(volume.AvailabilityZone));
  const homes = instances.filter(([id]) => id.startsWith('Database'))
    .map(([, instance]) => JSON.stringify(instance.AvailabilityZone));
  assert.deepEqual(homes, zones);
  assert.equal(new Set(zones).size, 2);
});

test('the machines start with the very script that the rehearsal runs', () => {
  const script = fs.readFileSync(path.join(HOST, 'bootstrap.sh'), 'utf8');
  for (const part of ['Bastion', 'Member1', 'Member2']) {
    assert.equal(
      fileIn(userData(part), '/usr/local/sbin/vecdb-bootstrap'),
      script.trimEnd());
  }
});

test('user data fits into its 16 KiB', () => {
  for (const [, instance] of instances) {
    assert.ok(Buffer.byteLength(textOf(instance.UserData)) < 14000);
  }
});

// lib.sh refuses a key that it does not know, on the machine; here it is seen
// before.
test('every key of the configuration is one that the scripts know', () => {
  const known = fs.readFileSync(path.join(HOST, 'lib.sh'), 'utf8')
    .match(/^ {2}\[(VECDB_[A-Z_]+)\]=/gm).map((line) => line.slice(3, -2));
  for (const part of ['Bastion', 'Member1', 'Member2']) {
    const lines = fileIn(userData(part), '/etc/vecdb/host.conf').split('\n');
    for (const line of lines) {
      assert.ok(known.includes(line.split('=')[0]), line);
    }
  }
});

test('the second member is a standby of the first', () => {
  assert.doesNotMatch(userData('Member1'), /VECDB_PRIMARY/);
  assert.match(userData('Member2'), /^VECDB_PRIMARY=db\.vecdb\.internal$/m);
  const names = resources(template, 'AWS::Route53::RecordSet')
    .map(([, record]) => record.Name);
  assert.deepEqual(names.sort(), ['db-1.vecdb.internal.',
    'db-2.vecdb.internal.', 'db.vecdb.internal.']);
});

function statements(part) {
  return resources(template, 'AWS::IAM::Policy')
    .filter(([id]) => id.includes(part))
    .flatMap(([, policy]) => policy.PolicyDocument.Statement);
}

test('no policy allows everything, nor a whole service', () => {
  for (const { Action } of statements('')) {
    for (const action of [Action].flat()) {
      assert.doesNotMatch(action, /^\*$|:\*$/);
    }
  }
});

test('any resource is allowed to the session manager and metrics only', () => {
  const open = statements('Bastion').concat(statements('Database'))
    .filter(({ Resource }) => [Resource].flat().includes('*'))
    .flatMap(({ Action }) => Action);
  assert.ok(open.length > 0);
  for (const action of open) {
    assert.match(action, /^(ssm:Update|ssmmessages:|cloudwatch:PutMetric)/);
  }
});

test('no managed policy is attached', () => {
  for (const [, role] of resources(template, 'AWS::IAM::Role')) {
    assert.equal(role.ManagedPolicyArns, undefined);
  }
});

test('the bastion reads no secret and no backup', () => {
  const text = JSON.stringify(statements('Bastion'));
  assert.doesNotMatch(text, /secretsmanager|Backups/);
});

test('the database reads two secrets and writes the password only', () => {
  const writes = statements('Member1')
    .filter(({ Action }) => [Action].flat().some((a) => /PutSecret/.test(a)));
  assert.equal(writes.length, 1);
  assert.match(textOf(writes[0].Resource), /SecretsAdmin/);
});
