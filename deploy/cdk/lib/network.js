'use strict';

// The network: three tiers over the zones, security groups, endpoints.
//
//   public     for a load balancer before the user's own program; nothing of
//              ours is in it, and it gives out no public address by itself
//   app        the bastion and the user's program; no route out
//   database   PostgreSQL and the endpoints; no route out
//
// There is no NAT: what the machines need of AWS they reach by endpoints, and
// of anything else they need nothing.

const ec2 = require('aws-cdk-lib/aws-ec2');
const iam = require('aws-cdk-lib/aws-iam');
const logs = require('aws-cdk-lib/aws-logs');
const route53 = require('aws-cdk-lib/aws-route53');
const { Aws, RemovalPolicy } = require('aws-cdk-lib');
const { Construct } = require('constructs');

const POSTGRES = ec2.Port.tcp(5432);
const HTTPS = ec2.Port.tcp(443);
const INTERFACES = ['ssm', 'ssmmessages', 'secretsmanager', 'kms', 'logs',
  'monitoring'];

class Network extends Construct {
  constructor(scope, id, { config, key, storage }) {
    super(scope, id);
    this.vpc = this.makeVpc(config);
    this.keepFlowLogs(key);
    this.makeGroups();
    this.openWays(config);
    this.addEndpoints(storage);
    this.zone = new route53.PrivateHostedZone(this, 'Zone', {
      vpc: this.vpc,
      zoneName: config.privateZone,
    });
  }

  // Nothing uses the default group; emptying it would take a Lambda.
  makeVpc(config) {
    return new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(config.network),
      maxAzs: config.zones,
      natGateways: 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        {
          name: 'public',
          subnetType: ec2.SubnetType.PUBLIC,
          mapPublicIpOnLaunch: false,
          cidrMask: 26,
        },
        {
          name: 'app',
          subnetType: ec2.SubnetType.PRIVATE_ISOLATED,
          cidrMask: 26,
        },
        {
          name: 'database',
          subnetType: ec2.SubnetType.PRIVATE_ISOLATED,
          cidrMask: 26,
        },
      ],
    });
  }

  keepFlowLogs(key) {
    this.flowLogGroup = new logs.LogGroup(this, 'FlowLogs', {
      encryptionKey: key,
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.vpc.addFlowLog('FlowLog', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(this.flowLogGroup),
      trafficType: ec2.FlowLogTrafficType.ALL,
    });
  }

  makeGroup(name, description) {
    return new ec2.SecurityGroup(this, name, {
      vpc: this.vpc,
      description,
      allowAllOutbound: false,
    });
  }

  makeGroups() {
    this.bastionGroup = this.makeGroup('BastionGroup', 'in: nobody');
    this.appGroup = this.makeGroup('AppGroup',
      'out: the database; give it to programs that use it');
    this.databaseGroup = this.makeGroup('DatabaseGroup',
      'in: bastion and app on 5432');
    this.endpointGroup = this.makeGroup('EndpointGroup',
      'in: bastion and database on 443');
  }

  openWays({ s3PrefixList }) {
    for (const client of [this.bastionGroup, this.appGroup]) {
      this.open(client, this.databaseGroup, POSTGRES);
    }
    // A standby copies from its primary.
    this.open(this.databaseGroup, this.databaseGroup, POSTGRES);
    for (const client of [this.bastionGroup, this.databaseGroup]) {
      this.open(client, this.endpointGroup, HTTPS);
      client.addEgressRule(ec2.Peer.prefixList(s3PrefixList), HTTPS,
        `${client.node.id} to the buckets`);
    }
  }

  open(from, to, port) {
    const how = `${from.node.id} to ${to.node.id}`;
    from.addEgressRule(to, port, how);
    to.addIngressRule(from, port, how);
  }

  addEndpoints(storage) {
    this.addBuckets([storage.packages, storage.backups]);
    for (const name of INTERFACES) {
      const endpoint = this.vpc.addInterfaceEndpoint(`Endpoint-${name}`, {
        service: new ec2.InterfaceVpcEndpointAwsService(name),
        subnets: { subnetGroupName: 'database' },
        securityGroups: [this.endpointGroup],
        privateDnsEnabled: true,
        open: false,
      });
      endpoint.addToPolicy(ownAccountOnly());
    }
  }

  // The S3 gateway lets nothing through but the two buckets, so that a machine
  // that was taken over cannot copy data into somebody else's.  Amazon's own
  // list of its addresses is what the groups' way out names.
  addBuckets(buckets) {
    const gateway = this.vpc.addGatewayEndpoint('Endpoint-s3', {
      service: ec2.GatewayVpcEndpointAwsService.S3,
      subnets: [{ subnetGroupName: 'app' }, { subnetGroupName: 'database' }],
    });
    gateway.addToPolicy(new iam.PolicyStatement({
      principals: [new iam.AnyPrincipal()],
      actions: ['s3:*'],
      resources: buckets.flatMap((b) => [b.bucketArn, b.arnForObjects('*')]),
      conditions: {
        StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID },
      },
    }));
  }
}

function ownAccountOnly() {
  return new iam.PolicyStatement({
    principals: [new iam.AnyPrincipal()],
    actions: ['*'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID } },
  });
}

module.exports = { Network };
