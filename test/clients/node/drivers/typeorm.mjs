// TypeORM over node-postgres.
import pgvector from 'pgvector';
import { DataSource, EntitySchema } from 'typeorm';
import { INDEX, main, vector } from '../scenario.mjs';

const Item = new EntitySchema({
  name: 'Item',
  tableName: 'items',
  columns: {
    id: { type: 'integer', primary: true },
    tag: { type: 'text' },
    embedding: { type: 'vector', length: 8 },
  },
});

class Client {
  async open() {
    // It makes the extension where an entity has a vector.
    this.source = new DataSource({
      type: 'postgres',
      host: process.env.PGHOST,
      port: Number(process.env.PGPORT),
      username: process.env.PGUSER,
      database: process.env.PGDATABASE,
      entities: [Item],
    });
    await this.source.initialize();
    this.items = this.source.getRepository(Item);
  }

  // Later it would take the index away, which no entity names.
  create() {
    return this.source.synchronize();
  }

  insert(items) {
    return this.items.save(
      items.map(({ key, number, tag }) => ({ id: key, tag, embedding: vector(number) })));
  }

  // Entities have no words for such an index: migrations are given SQL.
  index() {
    return this.source.query(`CREATE INDEX ON items USING ${INDEX} (embedding vector_l2_ops)`);
  }

  async search(number, limit, tag) {
    const query = this.items.createQueryBuilder('item').orderBy('embedding <-> :embedding')
      .setParameters({ embedding: pgvector.toSql(vector(number)) }).limit(limit);
    if (tag) query.where({ tag });
    return (await query.getMany()).map((item) => item.id);
  }

  update(key, number) {
    return this.items.update({ id: key }, { embedding: vector(number) });
  }

  delete(key) {
    return this.items.delete({ id: key });
  }

  close() {
    return this.source.destroy();
  }
}

await main(Client);
