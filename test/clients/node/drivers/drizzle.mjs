// Drizzle over node-postgres.
import { asc, cosineDistance, eq, hammingDistance, l2Distance, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import {
  bit, halfvec, integer, pgTable, sparsevec, text, vector as vectorColumn,
} from 'drizzle-orm/pg-core';
import pg from 'pg';
import { SparseVector } from 'pgvector';
import { INDEX, cosine, main, vector } from '../scenario.mjs';

const items = pgTable('items', {
  id: integer('id').primaryKey(),
  tag: text('tag'),
  embedding: vectorColumn('embedding', { dimensions: 8 }),
});

class Client {
  constructor() {
    this.pool = new pg.Pool();
    this.db = drizzle(this.pool);
  }

  // Tables and indexes are made by the statements that drizzle-kit writes.
  async create() {
    await this.db.execute(sql`CREATE EXTENSION IF NOT EXISTS vector`);
    await this.db.execute(sql`CREATE TABLE "items" ("id" integer PRIMARY KEY NOT NULL,
      "tag" text, "embedding" vector(8))`);
  }

  insert(rows) {
    return this.db.insert(items).values(
      rows.map(({ key, number, tag }) => ({ id: key, tag, embedding: vector(number) })));
  }

  index() {
    return this.db.execute(sql.raw(
      `CREATE INDEX "embeddingIndex" ON "items" USING ${INDEX} ("embedding" vector_cosine_ops)`));
  }

  async search(number, limit, tag) {
    const rows = await this.db.select({ id: items.id }).from(items)
      .where(tag && eq(items.tag, tag))
      .orderBy(asc(cosineDistance(items.embedding, vector(number)))).limit(limit);
    return rows.map((row) => row.id);
  }

  update(key, number) {
    return this.db.update(items).set({ embedding: vector(number) }).where(eq(items.id, key));
  }

  delete(key) {
    return this.db.delete(items).where(eq(items.id, key));
  }

  async typed(kind, values, opclass) {
    const column = { halfvec, sparsevec, bit }[kind]('v', { dimensions: 3 });
    const table = pgTable(`${kind}_items`, { v: column });
    const toDriver = kind === 'sparsevec' ? (v) => new SparseVector(v).toString() : (v) => v;
    const name = sql.raw(`${kind}_items`);
    await this.db.execute(sql`CREATE TABLE ${name} (v ${sql.raw(kind)}(3))`);
    await this.db.insert(table).values(values.toReversed().map((v) => ({ v: toDriver(v) })));
    if (opclass) {
      await this.db.execute(sql.raw(`CREATE INDEX ON ${kind}_items USING ${INDEX} (v ${opclass})`));
    }
    const distance = kind === 'bit' ? hammingDistance : l2Distance;
    const rows = await this.db.select().from(table).orderBy(distance(table.v, toDriver(values[0])));
    return rows.map(({ v }) => (kind === 'sparsevec' ? new SparseVector(v).toArray() : v));
  }

  close() {
    return this.pool.end();
  }
}

await main(Client, cosine);
