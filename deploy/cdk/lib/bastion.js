'use strict';

// The bastion: a machine without a public address and without an open port.
//
// People come by the session manager, whose agent calls out; from there only
// the database's port can be reached.  Whoever prefers ssh tunnels it through
// the session manager to the bastion's loopback, where the server gives that
// one forward and nothing else.

const ec2 = require('aws-cdk-lib/aws-ec2');
const { Validations } = require('aws-cdk-lib');
const { Construct } = require('constructs');
const { makeInstance, makeRole, makeUserData } = require('./machine');

class Bastion extends Construct {
  constructor(scope, id, { config, key, network, storage }) {
    super(scope, id);
    const role = makeRole(this, { storage, key });
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${scope.getLogicalId(
        storage.packages.node.defaultChild)}.Arn>/*]`,
      reason: 'It reads every object of the bucket of packages.',
    });
    this.instance = makeInstance(this, 'Instance', {
      key,
      network,
      role,
      image: config.bastionImage,
      instanceType: new ec2.InstanceType(config.bastionInstanceType),
      vpcSubnets: { subnetGroupName: 'app' },
      securityGroup: network.bastionGroup,
      userData: makeUserData({
        config,
        storage,
        packages: ['vecdb-host', 'openssh-server'],
        command: 'bastion',
        host: {
          VECDB_BASTION_LISTEN: '127.0.0.1',
          VECDB_BASTION_TARGET: `db.${config.privateZone}:5432`,
        },
      }),
    });
  }
}

module.exports = { Bastion };
