'use strict';

// The template as a whole: CloudFormation's own schemas, and cdk-nag's rules.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const ec2 = require('aws-cdk-lib/aws-ec2');
const { REQUIRED, makeApp } = require('../test-support/helper');

const PROGRAM = path.join(__dirname, '..', 'bin', 'vecdb.js');

// As the CDK's command line runs it.
function run(parameters) {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'vecdb-cdk-out-'));
  const result = spawnSync(process.execPath, [PROGRAM], {
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_CONTEXT_JSON: JSON.stringify(parameters),
      CDK_OUTDIR: outdir,
    },
  });
  fs.rmSync(outdir, { recursive: true });
  return result;
}

test('CloudFormation\'s validation and cdk-nag find nothing', () => {
  const { status, stdout, stderr } = run({ ...REQUIRED, databaseInstances: 3,
    zones: 3, alarmEmail: 'ops@example.org' });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /WARNING|ERROR|AwsSolutions/);
});

test('the program says what is wrong and builds nothing', () => {
  const { status, stderr } = run({ ...REQUIRED, zones: 9 });
  assert.equal(status, 1);
  assert.match(stderr, /^vecdb: error: zones is "9", expected a whole number/);
  assert.doesNotMatch(stderr, /at .*\.js:/);
});

// A rule that could not fail would prove nothing.
test('cdk-nag would see an open security group', () => {
  const { app, stack } = makeApp();
  const group = stack.node.findChild('Network').bastionGroup;
  group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(22));
  assert.throws(() => app.synth(), /EC23|[Vv]alidation/);
});

test('every acknowledged finding has a reason', () => {
  const { stack } = makeApp();
  const all = stack.node.findAll().flatMap((construct) =>
    construct.node.metadata.filter(({ type }) => /acknowledg/i.test(type)));
  const ours = all.flatMap(({ data }) => Object.entries(data))
    .filter(([id]) => /AwsSolutions-|W9010/.test(id));
  assert.ok(ours.length > 5);
  for (const [id, reason] of ours) {
    assert.match(reason, /^\S.{30,}\.$/s, id);
  }
});
