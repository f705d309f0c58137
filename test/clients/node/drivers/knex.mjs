// Knex over node-postgres.
import Knex from 'knex';
import pgvector from 'pgvector/knex';
import { SparseVector } from 'pgvector';
import { INDEX, main, vector } from '../scenario.mjs';

class Client {
  constructor() {
    // An empty connection is what makes node-postgres read its environment.
    this.knex = Knex({ client: 'pg', connection: {} });
  }

  async create() {
    await this.knex.schema.createExtensionIfNotExists('vector');
    await this.knex.schema.createTable('items', (table) => {
      table.integer('id').primary();
      table.text('tag');
      table.vector('embedding', 8);
    });
  }

  insert(items) {
    return this.knex('items').insert(
      items.map(({ key, number, tag }) => ({ id: key, tag, embedding: pgvector.toSql(vector(number)) })));
  }

  index() {
    return this.addIndex('items', 'embedding vector_l2_ops');
  }

  addIndex(name, column) {
    return this.knex.schema.alterTable(name, (table) => {
      table.index([this.knex.raw(column)], `${name}_index`, INDEX);
    });
  }

  search(number, limit, tag) {
    return this.knex('items').where(tag ? { tag } : {})
      .orderBy(this.knex.l2Distance('embedding', vector(number))).limit(limit).pluck('id');
  }

  update(key, number) {
    return this.knex('items').where({ id: key }).update({ embedding: pgvector.toSql(vector(number)) });
  }

  delete(key) {
    return this.knex('items').where({ id: key }).delete();
  }

  async typed(kind, values, opclass) {
    const name = `${kind}_items`;
    const toDriver = (v) => (kind === 'sparsevec' ? new SparseVector(v) : v);
    const toSql = (v) => (kind === 'bit' ? v : pgvector.toSql(toDriver(v)));
    const distance = kind === 'bit' ? 'hammingDistance' : 'l2Distance';
    await this.knex.schema.createTable(name, (table) => {
      table[kind]('v', kind === 'bit' ? { length: 3 } : 3);
    });
    await this.knex(name).insert(values.toReversed().map((v) => ({ v: toSql(v) })));
    if (opclass) await this.addIndex(name, `v ${opclass}`);
    const found = await this.knex(name).orderBy(this.knex[distance]('v', toDriver(values[0]))).pluck('v');
    return found.map(fromSql[kind]);
  }

  close() {
    return this.knex.destroy();
  }
}

const fromSql = {
  halfvec: JSON.parse,
  sparsevec: (v) => new SparseVector(v).toArray(),
  bit: (v) => v,
};

await main(Client);
