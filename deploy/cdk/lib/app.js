'use strict';

// The stack in its app, with the rules that every synthesis is held to.

const { App, Validations } = require('aws-cdk-lib');
const { AwsSolutionsChecks } = require('cdk-nag');
const { readConfig } = require('./config');
const { VecdbStack } = require('./stack');

// Behaviour that newer versions of the CDK have by default, given here and not
// in cdk.json so that the tests synthesize the same template.
const FLAGS = {
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/core:enablePartitionLiterals': true,
};

// options: App's own, for the tests.
function createApp(options = {}) {
  const app = new App({ ...options, postCliContext: FLAGS });
  const config = readConfig((key) => app.node.tryGetContext(key));
  const stack = new VecdbStack(app, config.name, { config });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack };
}

module.exports = { createApp };
