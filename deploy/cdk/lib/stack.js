'use strict';

// A PostgreSQL with vecdb that only a bastion reaches: the parts, in the order
// in which they need each other.
//
// The stack is environment-agnostic: nothing is looked up when it is
// synthesized, so it is the same for everybody and its tests need no account.

const { Fn, Stack, Tags } = require('aws-cdk-lib');
const { Keys } = require('./keys');
const { Network } = require('./network');
const { Storage } = require('./storage');
const { Secrets } = require('./secrets');
const { Bastion } = require('./bastion');
const { Database } = require('./database');
const { Alarms } = require('./alarms');
const { addOutputs } = require('./outputs');

class VecdbStack extends Stack {
  constructor(scope, id, { config }) {
    super(scope, id, {
      description: 'PostgreSQL with vecdb in a private network',
      terminationProtection: true,
    });
    this.zones = config.zones;
    const { key } = new Keys(this, 'Keys');
    const storage = new Storage(this, 'Storage', { config, key });
    const network = new Network(this, 'Network', { config, key, storage });
    const secrets = new Secrets(this, 'Secrets', { config, key });
    const shared = { config, key, network, storage, secrets };
    const bastion = new Bastion(this, 'Bastion', shared);
    const database = new Database(this, 'Database', shared);
    new Alarms(this, 'Alarms', { ...shared, bastion, database });
    addOutputs(this, { ...shared, bastion, database });
    Tags.of(this).add('application', config.name);
  }

  // Without an account CDK would offer two zones only.
  get availabilityZones() {
    return Array.from({ length: this.zones ?? 2 },
      (_, index) => Fn.select(index, Fn.getAzs()));
  }
}

module.exports = { VecdbStack };
