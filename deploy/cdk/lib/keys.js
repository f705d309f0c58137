'use strict';

// One customer key for logs, buckets, secrets, volumes and alarms, renewed by
// AWS every year.

const { Aws } = require('aws-cdk-lib');
const iam = require('aws-cdk-lib/aws-iam');
const kms = require('aws-cdk-lib/aws-kms');
const { Construct } = require('constructs');

class Keys extends Construct {
  constructor(scope, id) {
    super(scope, id);
    this.key = new kms.Key(this, 'Key', {
      description: 'vecdb: everything at rest',
      enableKeyRotation: true,
    });
    this.letLogsUseIt();
    this.letAlarmsUseIt();
  }

  letLogsUseIt() {
    this.key.addToResourcePolicy(new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${Aws.REGION}.amazonaws.com`)],
      actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*',
        'kms:GenerateDataKey*', 'kms:Describe*'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn':
            `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:*`,
        },
      },
    }));
  }

  letAlarmsUseIt() {
    this.key.addToResourcePolicy(new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }));
  }
}

module.exports = { Keys };
