#!/usr/bin/env node
'use strict';

// Synthesizes the stack from the context: cdk.context.json, or -c KEY=VALUE of
// the CDK's command line.  deploy/README.md shows a whole call.

const [major] = process.versions.node.split('.');
if (Number(major) < 20) {
  console.error(`vecdb: error: Node.js ${process.versions.node} is too old`);
  console.error('vecdb: hint: The cloud template needs Node.js 20 or newer.');
  process.exit(1);
}

const { ConfigError } = require('../lib/config');
const { createApp } = require('../lib/app');

try {
  createApp().app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) {
    throw error;
  }
  for (const problem of error.problems) {
    console.error(`vecdb: error: ${problem}`);
  }
  console.error('vecdb: hint: Give a value with -c KEY=VALUE.');
  process.exit(1);
}
