'use strict';

// The administrator's password and the server's certificate.
//
// The first value of either is of no use: the database's machine replaces the
// password as soon as it runs, and every half of its time after that; the
// certificate is put in by whoever keeps the authority, whose root key never
// comes to this account.

const { SecretValue } = require('aws-cdk-lib');
const secretsmanager = require('aws-cdk-lib/aws-secretsmanager');
const { Validations } = require('aws-cdk-lib');
const { Construct } = require('constructs');

class Secrets extends Construct {
  constructor(scope, id, { config, key }) {
    super(scope, id);
    this.admin = new secretsmanager.Secret(this, 'Admin', {
      description: `${config.name}: the database administrator's password`,
      encryptionKey: key,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: 'vecdb_admin' }),
        generateStringKey: 'password',
        excludePunctuation: true,
      },
    });
    Validations.of(this.admin).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'The database machine rotates it itself, hourly checked, with '
        + 'an end that the server enforces; no Lambda is needed.',
    });
    this.tls = new secretsmanager.Secret(this, 'Tls', {
      description: `${config.name}: the server's certificate and key`,
      encryptionKey: key,
      secretStringValue: SecretValue.unsafePlainText('{}'),
    });
    Validations.of(this.tls).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Only the keeper of the authority can sign a new certificate; '
        + 'an alarm rings before the installed one ends.',
    });
  }
}

module.exports = { Secrets };
