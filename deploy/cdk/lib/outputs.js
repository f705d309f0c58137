'use strict';

// What a person needs next: the names of things, and three commands that begin
// a session.  The psql command names the database by the name that its
// certificate carries and sends the packets into the tunnel, so that nobody
// edits a hosts file.

const { CfnOutput } = require('aws-cdk-lib');

const LOCAL_PORT = 15432;

function portForward({ bastion, database }) {
  return `aws ssm start-session --target ${bastion.instance.instanceId}`
    + ' --document-name AWS-StartPortForwardingSessionToRemoteHost'
    + ` --parameters host=${database.name},portNumber=5432,`
    + `localPortNumber=${LOCAL_PORT}`;
}

function password({ secrets }) {
  return 'export PGPASSWORD=$(aws secretsmanager get-secret-value'
    + ` --secret-id ${secrets.admin.secretArn} --query SecretString`
    + ' --output text | python3 -c'
    + ' "import json, sys; print(json.load(sys.stdin)[\'password\'])")';
}

function psql({ database }) {
  return `psql "host=${database.name} hostaddr=127.0.0.1 port=${LOCAL_PORT}`
    + ' dbname=vecdb user=vecdb_admin sslmode=verify-full'
    + ' sslrootcert=ca.crt"';
}

function addOutputs(stack, shared) {
  const { bastion, database, network, secrets, storage } = shared;
  const outputs = {
    BastionId: bastion.instance.instanceId,
    DatabaseAddress: database.name,
    PackageBucket: storage.packages.bucketName,
    BackupBucket: storage.backups.bucketName,
    CertificateSecret: secrets.tls.secretArn,
    AppSecurityGroup: network.appGroup.securityGroupId,
    Step1PortForward: portForward(shared),
    Step2Password: password(shared),
    Step3Psql: psql(shared),
  };
  for (const [name, value] of Object.entries(outputs)) {
    new CfnOutput(stack, name, { value });
  }
}

module.exports = { addOutputs };
