'use strict';

// The rules of the network, each on the template itself.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { only, resources, synthesize, textOf } = require('../test-support/helper');

const template = synthesize({ databaseInstances: 2 });

function groupId(part) {
  return `<${only(template, 'AWS::EC2::SecurityGroup', part)[0]}.GroupId>`;
}

const bastion = groupId('BastionGroup');
const app = groupId('AppGroup');
const database = groupId('DatabaseGroup');
const endpoints = groupId('EndpointGroup');

// Every rule of every group, wherever the template keeps it.
function rules(direction) {
  const inline = resources(template, 'AWS::EC2::SecurityGroup')
    .flatMap(([id, group]) => (group[`SecurityGroup${direction}`] ?? [])
      .map((rule) => ({ group: `<${id}.GroupId>`, ...rule })));
  const apart = resources(template, `AWS::EC2::SecurityGroup${direction}`)
    .map(([, rule]) => ({ group: textOf(rule.GroupId), ...rule }));
  return [...inline, ...apart];
}

// "who port", sorted; CDK writes a rule that matches nothing where a group
// may send nothing, because an empty list would mean everything.
function ways(direction, group) {
  return rules(direction)
    .filter((rule) => rule.group === group
      && rule.CidrIp !== '255.255.255.255/32')
    .map((rule) => {
      assert.equal(rule.FromPort, rule.ToPort);
      const peer = rule.SourceSecurityGroupId
        ?? rule.DestinationSecurityGroupId ?? rule.SourcePrefixListId
        ?? rule.DestinationPrefixListId ?? rule.CidrIp;
      return `${textOf(peer)} ${rule.FromPort}`;
    })
    .sort();
}

test('only bastion, app and the database itself reach 5432', () => {
  assert.deepEqual(ways('Ingress', database),
    [`${app} 5432`, `${bastion} 5432`, `${database} 5432`].sort());
});

test('nobody comes in at the bastion, nor at the app\'s group', () => {
  assert.deepEqual(ways('Ingress', bastion), []);
  assert.deepEqual(ways('Ingress', app), []);
});

test('the bastion goes to the database, the endpoints, the buckets', () => {
  assert.deepEqual(ways('Egress', bastion),
    [`${database} 5432`, `${endpoints} 443`, 'pl-0123abcd 443'].sort());
});

test('the database goes to its like, the endpoints, the buckets', () => {
  assert.deepEqual(ways('Egress', database),
    [`${database} 5432`, `${endpoints} 443`, 'pl-0123abcd 443'].sort());
});

test('the app\'s group goes to the database only', () => {
  assert.deepEqual(ways('Egress', app), [`${database} 5432`]);
});

test('the endpoints answer bastion and database only, and call nobody', () => {
  assert.deepEqual(ways('Ingress', endpoints),
    [`${bastion} 443`, `${database} 443`].sort());
  assert.deepEqual(ways('Egress', endpoints), []);
});

test('no rule names an address', () => {
  for (const rule of [...rules('Ingress'), ...rules('Egress')]) {
    assert.ok(rule.CidrIpv6 === undefined);
    assert.ok([undefined, '255.255.255.255/32'].includes(rule.CidrIp));
  }
});

test('only the public subnets have a route out', () => {
  const routes = resources(template, 'AWS::EC2::Route');
  assert.ok(routes.length > 0);
  for (const [id] of routes) {
    assert.match(id, /publicSubnet/);
  }
});

test('every private subnet keeps to a route table of its own tier', () => {
  const links = resources(template, 'AWS::EC2::SubnetRouteTableAssociation');
  assert.equal(links.length, 6);
  for (const [, link] of links) {
    const [, tier] = link.SubnetId.Ref.match(/Vpc(public|app|database)/);
    assert.match(link.RouteTableId.Ref, new RegExp(`Vpc${tier}`));
  }
});

test('there is no NAT and no address of the internet', () => {
  template.resourceCountIs('AWS::EC2::NatGateway', 0);
  template.resourceCountIs('AWS::EC2::EIP', 0);
  for (const [, subnet] of resources(template, 'AWS::EC2::Subnet')) {
    assert.equal(subnet.MapPublicIpOnLaunch, false);
  }
});

test('the machines are in private subnets, without a public address', () => {
  const instances = resources(template, 'AWS::EC2::Instance');
  assert.equal(instances.length, 3);
  for (const [id, instance] of instances) {
    const [card, ...more] = instance.NetworkInterfaces;
    assert.deepEqual(more, []);
    assert.equal(card.AssociatePublicIpAddress, false);
    assert.match(card.SubnetId.Ref,
      id.startsWith('Bastion') ? /Vpcapp/ : /Vpcdatabase/);
  }
});

test('the buckets\' gateway lets through the two buckets only', () => {
  const [, gateway] = only(template, 'AWS::EC2::VPCEndpoint', 's3');
  const [statement, ...more] = gateway.PolicyDocument.Statement;
  assert.deepEqual(more, []);
  assert.deepEqual(
    [...new Set(statement.Resource.map((r) => textOf(r).split('.')[0]))].length,
    2);
  assert.ok(statement.Condition.StringEquals['aws:PrincipalAccount']);
  assert.equal(gateway.RouteTableIds.length, 4);
});

test('the interface endpoints serve this account only', () => {
  const found = resources(template, 'AWS::EC2::VPCEndpoint')
    .filter(([, endpoint]) => endpoint.VpcEndpointType === 'Interface');
  assert.deepEqual(
    found.map(([, e]) => textOf(e.ServiceName).split('.').pop()).sort(),
    ['kms', 'logs', 'monitoring', 'secretsmanager', 'ssm', 'ssmmessages']);
  for (const [, endpoint] of found) {
    assert.deepEqual(endpoint.SecurityGroupIds.map(textOf), [endpoints]);
    assert.equal(endpoint.PrivateDnsEnabled, true);
    for (const statement of endpoint.PolicyDocument.Statement) {
      assert.ok(statement.Condition.StringEquals['aws:PrincipalAccount']);
    }
  }
});

test('the flow of all traffic is logged, encrypted, for three months', () => {
  template.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'ALL' });
  for (const [, group] of resources(template, 'AWS::Logs::LogGroup')) {
    assert.ok(group.KmsKeyId);
    assert.ok(group.RetentionInDays >= 90);
  }
});
