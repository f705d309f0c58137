'use strict';

// The buckets: packages, from which the machines install; backups, which for
// some days nobody can delete; and the log of who read either.

const { Duration, RemovalPolicy } = require('aws-cdk-lib');
const s3 = require('aws-cdk-lib/aws-s3');
const { Construct } = require('constructs');

class Storage extends Construct {
  constructor(scope, id, { config, key }) {
    super(scope, id);
    const common = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    // The service that writes these logs cannot use a customer key.
    this.accessLogs = new s3.Bucket(this, 'AccessLogs', {
      ...common,
      encryption: s3.BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(90) }],
    });
    const encrypted = {
      ...common,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      serverAccessLogsBucket: this.accessLogs,
    };
    this.packages = new s3.Bucket(this, 'Packages', {
      ...encrypted,
      serverAccessLogsPrefix: 'packages/',
    });
    this.backups = new s3.Bucket(this, 'Backups', {
      ...encrypted,
      serverAccessLogsPrefix: 'backups/',
      objectLockEnabled: true,
      objectLockDefaultRetention: s3.ObjectLockRetention.governance(
        Duration.days(config.backupLockDays)),
      // What pgBackRest expires becomes an old version, and ends here.
      lifecycleRules: [{
        noncurrentVersionExpiration: Duration.days(config.backupLockDays + 1),
      }],
    });
  }
}

module.exports = { Storage };
