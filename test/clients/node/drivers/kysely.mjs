// Kysely over node-postgres.
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { SparseVector } from 'pgvector';
import pgvector, { hammingDistance, l2Distance } from 'pgvector/kysely';
import { INDEX, main, vector } from '../scenario.mjs';

const fromSql = {
  halfvec: JSON.parse,
  sparsevec: (v) => new SparseVector(v).toArray(),
  bit: (v) => v,
};

class Client {
  constructor() {
    this.db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool() }) });
  }

  async create() {
    await sql`CREATE EXTENSION IF NOT EXISTS vector`.execute(this.db);
    await this.db.schema.createTable('items')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('tag', 'text')
      .addColumn('embedding', sql`vector(8)`)
      .execute();
  }

  insert(items) {
    return this.db.insertInto('items').values(
      items.map(({ key, number, tag }) => ({ id: key, tag, embedding: pgvector.toSql(vector(number)) })),
    ).execute();
  }

  index() {
    return this.addIndex('items', sql`embedding vector_l2_ops`);
  }

  addIndex(name, expression) {
    return this.db.schema.createIndex(`${name}_index`).on(name).using(INDEX)
      .expression(expression).execute();
  }

  async search(number, limit, tag) {
    let query = this.db.selectFrom('items').select('id');
    if (tag) query = query.where('tag', '=', tag);
    const rows = await query.orderBy(l2Distance('embedding', vector(number))).limit(limit).execute();
    return rows.map((row) => row.id);
  }

  update(key, number) {
    return this.db.updateTable('items').set({ embedding: pgvector.toSql(vector(number)) })
      .where('id', '=', key).execute();
  }

  delete(key) {
    return this.db.deleteFrom('items').where('id', '=', key).execute();
  }

  async typed(kind, values, opclass) {
    const name = `${kind}_items`;
    const toDriver = (v) => (kind === 'sparsevec' ? new SparseVector(v) : v);
    const toSql = (v) => (kind === 'bit' ? v : pgvector.toSql(toDriver(v)));
    const distance = kind === 'bit' ? hammingDistance : l2Distance;
    await this.db.schema.createTable(name).addColumn('v', sql.raw(`${kind}(3)`)).execute();
    await this.db.insertInto(name).values(values.toReversed().map((v) => ({ v: toSql(v) }))).execute();
    if (opclass) await this.addIndex(name, sql.raw(`v ${opclass}`));
    const rows = await this.db.selectFrom(name).select('v')
      .orderBy(distance('v', toDriver(values[0]))).execute();
    return rows.map((row) => fromSql[kind](row.v));
  }

  close() {
    return this.db.destroy();
  }
}

await main(Client);
