// Sequelize over node-postgres.
import { DataTypes, Sequelize } from 'sequelize';
import { SparseVector } from 'pgvector';
import { hammingDistance, l2Distance } from 'pgvector/sequelize';
import { INDEX, main, vector } from '../scenario.mjs';

class Client {
  constructor() {
    this.sequelize = new Sequelize({
      dialect: 'postgres',
      host: process.env.PGHOST,
      port: process.env.PGPORT,
      username: process.env.PGUSER,
      database: process.env.PGDATABASE,
      logging: false,
    });
    this.Item = this.sequelize.define('Item', {
      id: { type: DataTypes.INTEGER, primaryKey: true },
      tag: DataTypes.TEXT,
      embedding: DataTypes.VECTOR(8),
    }, { tableName: 'items', timestamps: false, indexes: this.indexes('embedding', 'vector_l2_ops') });
  }

  // It makes the index with the table.
  indexes(field, operator) {
    return INDEX && operator ? [{ fields: [field], using: INDEX, operator }] : [];
  }

  async create() {
    await this.sequelize.query('CREATE EXTENSION IF NOT EXISTS vector');
    await this.Item.sync();
  }

  insert(items) {
    return this.Item.bulkCreate(
      items.map(({ key, number, tag }) => ({ id: key, tag, embedding: vector(number) })));
  }

  async search(number, limit, tag) {
    const items = await this.Item.findAll({
      where: tag ? { tag } : {},
      order: l2Distance('embedding', vector(number), this.sequelize),
      limit,
    });
    return items.map((item) => item.id);
  }

  async update(key, number) {
    const item = await this.Item.findByPk(key);
    await item.update({ embedding: vector(number) });
  }

  async delete(key) {
    const item = await this.Item.findByPk(key);
    await item.destroy();
  }

  async typed(kind, values, opclass) {
    // It has no type for bit.
    const type = { halfvec: () => DataTypes.HALFVEC(3), sparsevec: () => DataTypes.SPARSEVEC(3), bit: () => 'bit(3)' }[kind]();
    const Table = this.sequelize.define(kind, { v: type },
      { tableName: `${kind}_items`, timestamps: false, indexes: this.indexes('v', opclass) });
    await Table.sync();
    const toDriver = (v) => (kind === 'sparsevec' ? new SparseVector(v) : v);
    await Table.bulkCreate(values.toReversed().map((v) => ({ v: toDriver(v) })));
    const order = (kind === 'bit' ? hammingDistance : l2Distance)('v', toDriver(values[0]), this.sequelize);
    const found = await Table.findAll({ order });
    return found.map(({ v }) => (kind === 'sparsevec' ? v.toArray() : v));
  }

  close() {
    return this.sequelize.close();
  }
}

await main(Client);
