'use strict';

// The database's machines: the first is the primary, the others its standbys,
// each in the next zone.
//
// Data lies on a volume of its own, which stays when the machine or the whole
// stack goes; a machine that finds a cluster on its volume adopts it.

const { Aws, RemovalPolicy, Size, Tags, Validations } = require('aws-cdk-lib');
const { Duration } = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const iam = require('aws-cdk-lib/aws-iam');
const route53 = require('aws-cdk-lib/aws-route53');
const { Construct } = require('constructs');
const { makeInstance, makeRole, makeUserData } = require('./machine');

const NAMESPACE = 'vecdb';

class Database extends Construct {
  constructor(scope, id, shared) {
    super(scope, id);
    this.shared = shared;
    this.name = `db.${shared.config.privateZone}`;
    this.metricNamespace = NAMESPACE;
    const { subnets } = shared.network.vpc.selectSubnets({
      subnetGroupName: 'database',
    });
    this.members = Array.from(
      { length: shared.config.databaseInstances },
      (_, index) => this.addMember(index, subnets[index % subnets.length]));
    this.instance = this.members[0].instance;
    this.addName('db', this.instance);
  }

  addName(recordName, instance) {
    new route53.ARecord(this, `Name-${recordName}`, {
      zone: this.shared.network.zone,
      recordName,
      target: route53.RecordTarget.fromIpAddresses(instance.instancePrivateIp),
      ttl: Duration.seconds(30),
    });
  }

  addMember(index, subnet) {
    const { config, key, network } = this.shared;
    const member = new Construct(this, `Member${index + 1}`);
    const machine = `db-${index + 1}`;
    const volume = this.makeVolume(member, subnet);
    const instance = makeInstance(member, 'Instance', {
      key,
      network,
      role: this.makeRole(member),
      image: config.databaseImage,
      instanceType: new ec2.InstanceType(config.databaseInstanceType),
      vpcSubnets: { subnets: [subnet] },
      securityGroup: network.databaseGroup,
      userData: makeUserData({
        ...this.shared,
        packages: this.packages(),
        command: 'database',
        host: this.hostConfig(index, machine, volume),
      }),
    });
    new ec2.CfnVolumeAttachment(member, 'Attachment', {
      device: '/dev/sdf',
      instanceId: instance.instanceId,
      volumeId: volume.volumeId,
    });
    this.addName(machine, instance);
    return { machine, instance, volume };
  }

  makeVolume(scope, subnet) {
    const { config, key } = this.shared;
    const volume = new ec2.Volume(scope, 'Data', {
      availabilityZone: subnet.availabilityZone,
      size: Size.gibibytes(config.dataGiB),
      volumeType: ec2.EbsDeviceVolumeType.GP3,
      iops: config.dataIops,
      throughput: config.dataThroughput,
      encrypted: true,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Tags.of(volume).add('Name', `${config.name} data`);
    return volume;
  }

  packages() {
    const major = this.shared.config.postgresMajor;
    return [`postgresql-${major}`, `postgresql-${major}-vecdb`,
      `postgresql-${major}-pgaudit`, 'pgbackrest', 'vecdb-host'];
  }

  hostConfig(index, machine, volume) {
    const { config, network, secrets, storage } = this.shared;
    return {
      VECDB_PG_MAJOR: config.postgresMajor,
      VECDB_NAME: this.name,
      VECDB_MACHINE: machine,
      VECDB_PRIMARY: index === 0 ? '' : this.name,
      VECDB_ALLOW: network.vpc.vpcCidrBlock,
      VECDB_DATA_VOLUME: volume.volumeId,
      VECDB_TLS_SOURCE: `aws:${secrets.tls.secretArn}`,
      VECDB_ADMIN_SECRET: `aws:${secrets.admin.secretArn}`,
      VECDB_PASSWORD_HOURS: config.passwordHours,
      VECDB_METRICS: `aws:${NAMESPACE}`,
      VECDB_BACKUP_BUCKET: storage.backups.bucketName,
      VECDB_BACKUP_REGION: Aws.REGION,
      VECDB_BACKUP_ENDPOINT: `s3.${Aws.REGION}.amazonaws.com`,
      VECDB_BACKUP_FULL_KEPT: config.fullBackupsKept,
    };
  }

  makeRole(scope) {
    const { key, secrets, storage } = this.shared;
    const role = makeRole(scope, { storage, key });
    const allow = (sid, actions, resources, conditions) => role.addToPolicy(
      new iam.PolicyStatement({ sid, actions, resources, conditions }));
    allow('Secrets', ['secretsmanager:GetSecretValue'],
      [secrets.admin.secretArn, secrets.tls.secretArn]);
    allow('NewPassword', ['secretsmanager:PutSecretValue'],
      [secrets.admin.secretArn]);
    allow('Backups', ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      [storage.backups.arnForObjects('vecdb/*')]);
    allow('BackupList', ['s3:ListBucket'], [storage.backups.bucketArn]);
    allow('Encrypt', ['kms:GenerateDataKey'], [key.keyArn]);
    allow('Metrics', ['cloudwatch:PutMetricData'], ['*'],
      { StringEquals: { 'cloudwatch:namespace': NAMESPACE } });
    this.acknowledge(role, storage);
    return role;
  }

  acknowledge(role, storage) {
    const arn = (bucket) => role.stack.getLogicalId(bucket.node.defaultChild);
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${arn(storage.packages)}.Arn>/*]`,
      reason: 'It reads every object of the bucket of packages.',
    }, {
      id: `AwsSolutions-IAM5[Resource::<${arn(storage.backups)}.Arn>/vecdb/*]`,
      reason: 'pgBackRest names its objects itself, below this prefix.',
    });
  }
}

module.exports = { Database };
