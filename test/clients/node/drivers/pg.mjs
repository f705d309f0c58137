// node-postgres with pgvector's types.
import pg from 'pg';
import pgvector, { SparseVector } from 'pgvector';
import { registerTypes } from 'pgvector/pg';
import { INDEX, main, vector } from '../scenario.mjs';

const DISTANCE = { halfvec: '<->', sparsevec: '<->', bit: '<~>' };

const value = (number) => pgvector.toSql(vector(number));

class Client {
  async open() {
    this.client = new pg.Client();
    await this.client.connect();
  }

  query(...args) {
    return this.client.query(...args);
  }

  async create() {
    await this.query('CREATE EXTENSION IF NOT EXISTS vector');
    await registerTypes(this.client);
    await this.query('CREATE TABLE items (id int PRIMARY KEY, tag text, embedding vector(8))');
  }

  async insert(items) {
    for (const { key, number, tag } of items) {
      await this.query('INSERT INTO items VALUES ($1, $2, $3)', [key, tag, value(number)]);
    }
    const { rows } = await this.query('SELECT embedding FROM items WHERE id = 7');
    if (String(rows[0].embedding) !== String(vector(7))) throw new Error(`read ${rows[0].embedding}`);
  }

  index() {
    return this.query(`CREATE INDEX ON items USING ${INDEX} (embedding vector_l2_ops)`);
  }

  async search(number, limit, tag) {
    const { rows } = await this.query(
      `SELECT id FROM items ${tag ? 'WHERE tag = $3' : ''} ORDER BY embedding <-> $1 LIMIT $2`,
      [value(number), limit, ...(tag ? [tag] : [])]);
    return rows.map((row) => row.id);
  }

  update(key, number) {
    return this.query('UPDATE items SET embedding = $1 WHERE id = $2', [value(number), key]);
  }

  delete(key) {
    return this.query('DELETE FROM items WHERE id = $1', [key]);
  }

  async typed(kind, values, opclass) {
    const toDriver = {
      halfvec: pgvector.toSql,
      sparsevec: (array) => pgvector.toSql(new SparseVector(array)),
      bit: (bits) => bits,
    }[kind];
    await this.query(`CREATE TABLE ${kind}_items (v ${kind}(3))`);
    await registerTypes(this.client);
    for (const each of values.toReversed()) {
      await this.query(`INSERT INTO ${kind}_items VALUES ($1)`, [toDriver(each)]);
    }
    if (opclass) await this.query(`CREATE INDEX ON ${kind}_items USING ${INDEX} (v ${opclass})`);
    const { rows } = await this.query(
      `SELECT v FROM ${kind}_items ORDER BY v ${DISTANCE[kind]} $1`, [toDriver(values[0])]);
    return rows.map((row) => (kind === 'sparsevec' ? row.v.toArray() : row.v));
  }

  close() {
    return this.client.end();
  }
}

await main(Client);
