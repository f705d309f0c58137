'use strict';

// What rings: a machine that fails, a server that does not answer or is not
// heard of, a full disk, a certificate about to end, a busy processor.

const { Duration } = require('aws-cdk-lib');
const cloudwatch = require('aws-cdk-lib/aws-cloudwatch');
const actions = require('aws-cdk-lib/aws-cloudwatch-actions');
const sns = require('aws-cdk-lib/aws-sns');
const subscriptions = require('aws-cdk-lib/aws-sns-subscriptions');
const { Construct } = require('constructs');

const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } =
  cloudwatch.ComparisonOperator;
const { BREACHING, MISSING } = cloudwatch.TreatMissingData;

// name, statistic, comparison, threshold, minutes, when nothing is heard
const OWN = [
  ['DatabaseAnswers', 'Minimum', LESS_THAN_THRESHOLD, 1, 10, BREACHING],
  ['DiskUsedPercent', 'Maximum', GREATER_THAN_THRESHOLD, 80, 15, BREACHING],
  ['CertificateDays', 'Minimum', LESS_THAN_THRESHOLD, 14, 15, BREACHING],
];
const EC2 = [
  ['StatusCheckFailed', 'Maximum', GREATER_THAN_THRESHOLD, 0, 10, BREACHING],
  ['CPUUtilization', 'Average', GREATER_THAN_THRESHOLD, 90, 30, MISSING],
];

class Alarms extends Construct {
  constructor(scope, id, { config, key, bastion, database }) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', {
      masterKey: key,
      enforceSSL: true,
    });
    if (config.alarmEmail) {
      this.topic.addSubscription(
        new subscriptions.EmailSubscription(config.alarmEmail));
    }
    for (const { machine, instance } of database.members) {
      this.addAll(machine, EC2, 'AWS/EC2', { InstanceId: instance.instanceId });
      this.addAll(machine, OWN, database.metricNamespace,
        { Machine: machine });
    }
    this.addAll('bastion', EC2.slice(0, 1), 'AWS/EC2',
      { InstanceId: bastion.instance.instanceId });
  }

  addAll(machine, rows, namespace, dimensionsMap) {
    for (const [metricName, statistic, comparisonOperator, threshold,
      minutes, treatMissingData] of rows) {
      const alarm = new cloudwatch.Alarm(this, `${machine}-${metricName}`, {
        metric: new cloudwatch.Metric({
          namespace,
          metricName,
          statistic,
          dimensionsMap,
          period: Duration.minutes(5),
        }),
        alarmDescription: `${machine}: ${metricName}`,
        comparisonOperator,
        threshold,
        evaluationPeriods: minutes / 5,
        treatMissingData,
      });
      const action = new actions.SnsAction(this.topic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }
}

module.exports = { Alarms };
