'use strict';

// What lies still: keys, buckets, secrets; and what rings.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { only, resources, synthesize, textOf } = require('../test-support/helper');

const template = synthesize({ databaseInstances: 2 });

test('the key is renewed every year', () => {
  template.resourceCountIs('AWS::KMS::Key', 1);
  template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
});

test('no bucket is public, every one is encrypted, versioned, TLS only', () => {
  const buckets = resources(template, 'AWS::S3::Bucket');
  assert.equal(buckets.length, 3);
  for (const [id, bucket, whole] of buckets) {
    assert.deepEqual(Object.values(bucket.PublicAccessBlockConfiguration),
      [true, true, true, true]);
    assert.ok(bucket.BucketEncryption);
    assert.equal(bucket.VersioningConfiguration.Status, 'Enabled');
    assert.equal(whole.DeletionPolicy, 'Retain');
    const policies = resources(template, 'AWS::S3::BucketPolicy')
      .filter(([, policy]) => policy.Bucket.Ref === id);
    assert.ok(policies[0][1].PolicyDocument.Statement.some((s) =>
      s.Effect === 'Deny' && s.Condition.Bool
      && s.Condition.Bool['aws:SecureTransport'] === 'false'));
  }
});

test('packages and backups use the customer\'s key', () => {
  for (const part of ['Packages', 'Backups']) {
    const [, bucket] = only(template, 'AWS::S3::Bucket', part);
    const [rule] = bucket.BucketEncryption.ServerSideEncryptionConfiguration;
    assert.equal(rule.ServerSideEncryptionByDefault.SSEAlgorithm, 'aws:kms');
  }
});

test('backups are locked for as long as the parameter says', () => {
  const [, bucket] = only(synthesize({ backupLockDays: 30 }),
    'AWS::S3::Bucket', 'Backups');
  assert.equal(bucket.ObjectLockEnabled, true);
  assert.deepEqual(bucket.ObjectLockConfiguration.Rule.DefaultRetention,
    { Days: 30, Mode: 'GOVERNANCE' });
});

test('two secrets, with the customer\'s key, and no value worth having', () => {
  const secrets = resources(template, 'AWS::SecretsManager::Secret');
  assert.equal(secrets.length, 2);
  for (const [, secret] of secrets) {
    assert.ok(secret.KmsKeyId);
    assert.ok(secret.GenerateSecretString || secret.SecretString === '{}');
  }
});

test('each machine rings for what can go wrong with it', () => {
  const alarms = resources(template, 'AWS::CloudWatch::Alarm');
  assert.deepEqual(alarms.map(([, a]) => a.AlarmDescription).sort(), [
    'bastion: StatusCheckFailed',
    ...['db-1', 'db-2'].flatMap((machine) => ['CPUUtilization',
      'CertificateDays', 'DatabaseAnswers', 'DiskUsedPercent',
      'StatusCheckFailed'].map((metric) => `${machine}: ${metric}`)),
  ].sort());
  for (const [, alarm] of alarms) {
    assert.equal(alarm.AlarmActions.length, 1);
  }
});

test('the figures that ring are those that the machine reports', () => {
  const text = fs.readFileSync(
    path.join(__dirname, '..', '..', 'host', 'report.sh'), 'utf8');
  for (const [, alarm] of resources(template, 'AWS::CloudWatch::Alarm')) {
    if (alarm.Namespace === 'vecdb') {
      assert.match(text, new RegExp(`echo "${alarm.MetricName} `));
    }
  }
});

test('an address for alarms is subscribed, none is not', () => {
  template.resourceCountIs('AWS::SNS::Subscription', 0);
  synthesize({ alarmEmail: 'ops@example.org' }).hasResourceProperties(
    'AWS::SNS::Subscription', { Endpoint: 'ops@example.org' });
});

test('the outputs are the commands that a person needs next', () => {
  const outputs = template.findOutputs('*');
  const value = (name) => textOf(outputs[name].Value);
  assert.match(value('Step1PortForward'),
    /^aws ssm start-session --target <BastionInstance\w+> --document-name AWS-StartPortForwardingSessionToRemoteHost .*host=db\.vecdb\.internal,portNumber=5432/);
  assert.match(value('Step2Password'), /get-secret-value.*<SecretsAdmin\w+>/);
  assert.match(value('Step3Psql'),
    /host=db\.vecdb\.internal hostaddr=127\.0\.0\.1 port=15432 .*sslmode=verify-full sslrootcert=/);
});
