'use strict';

// What both kinds of machine share: a role that the session manager needs, no
// key pair, IMDSv2 only, an encrypted root volume, and the first step of the
// host scripts as user data.

const fs = require('node:fs');
const path = require('node:path');
const ec2 = require('aws-cdk-lib/aws-ec2');
const iam = require('aws-cdk-lib/aws-iam');
const { Validations } = require('aws-cdk-lib');

const BOOTSTRAP = path.join(__dirname, '..', '..', 'host', 'bootstrap.sh');

// The managed policy for this also reads every parameter of the account.
function makeRole(scope, { storage, key }) {
  const role = new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
  });
  role.addToPolicy(new iam.PolicyStatement({
    sid: 'SessionManager',
    actions: ['ssm:UpdateInstanceInformation',
      'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel'],
    resources: ['*'],
  }));
  role.addToPolicy(new iam.PolicyStatement({
    sid: 'Packages',
    actions: ['s3:GetObject'],
    resources: [storage.packages.arnForObjects('*')],
  }));
  role.addToPolicy(new iam.PolicyStatement({
    sid: 'PackageList',
    actions: ['s3:ListBucket'],
    resources: [storage.packages.bucketArn],
  }));
  role.addToPolicy(new iam.PolicyStatement({
    sid: 'Decrypt',
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
  }));
  return role;
}

function heredoc(file, text) {
  return [`cat >${file} <<'VECDB_END'`, text.trimEnd(), 'VECDB_END'];
}

const UNIT = `
[Unit]
Description=Install and set up vecdb
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/bin/bash /usr/local/sbin/vecdb-bootstrap
# The bucket is filled after the machine is made.
Restart=on-failure
RestartSec=60

[Install]
WantedBy=multi-user.target
`.trimStart();

function settings(values) {
  return Object.entries(values)
    .filter(([, value]) => value !== '' && value !== undefined)
    .map(([name, value]) => `${name}=${value}`).join('\n');
}

// The scripts themselves come out of the package; only the step that installs
// it travels here, as the same file that the rehearsal runs.
function makeUserData({ config, storage, packages, command, host }) {
  const userData = ec2.UserData.forLinux();
  userData.addCommands(
    'set -euo pipefail',
    'umask 022',
    'install -d /etc/vecdb /etc/apt/keyrings',
    ...heredoc('/etc/apt/keyrings/vecdb.asc', config.packageKeyFile),
    ...heredoc('/etc/vecdb/bootstrap.conf', settings({
      REPOSITORY: `s3://${storage.packages.bucketName}`,
      PACKAGES: packages.join(' '),
      COMMAND: command,
    })),
    ...heredoc('/etc/vecdb/host.conf', settings(host)),
    ...heredoc('/usr/local/sbin/vecdb-bootstrap',
      fs.readFileSync(BOOTSTRAP, 'utf8')),
    ...heredoc('/etc/systemd/system/vecdb-bootstrap.service', UNIT),
    'systemctl daemon-reload',
    'systemctl enable vecdb-bootstrap.service',
    'systemctl start --no-block vecdb-bootstrap.service',
  );
  return userData;
}

// The image is pinned by its id: "the latest" would replace a machine, and its
// address with it, on some later day.
function makeInstance(scope, id, props) {
  const { image, userData, key, network, ...rest } = props;
  const instance = new ec2.Instance(scope, id, {
    vpc: network.vpc,
    machineImage: {
      getImage: () => ({
        imageId: image,
        osType: ec2.OperatingSystemType.LINUX,
        userData,
      }),
    },
    userData,
    userDataCausesReplacement: false,
    associatePublicIpAddress: false,
    httpTokens: ec2.HttpTokens.REQUIRED,
    httpPutResponseHopLimit: 1,
    detailedMonitoring: true,
    disableApiTermination: true,
    ebsOptimized: true,
    blockDevices: [{
      deviceName: '/dev/xvda',
      volume: ec2.BlockDeviceVolume.ebs(16, {
        encrypted: true,
        kmsKey: key,
        volumeType: ec2.EbsDeviceVolumeType.GP3,
      }),
    }],
    ...rest,
  });
  Validations.of(instance).acknowledge({
    id: 'CloudFormation-Validate::W9010',
    reason: 'The image is pinned on purpose; it is a parameter of the app.',
  });
  Validations.of(instance.role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'The session manager\'s actions, and PutMetricData, take no '
      + 'resource; the latter is held to one namespace by a condition.',
  });
  return instance;
}

module.exports = { makeInstance, makeRole, makeUserData };
