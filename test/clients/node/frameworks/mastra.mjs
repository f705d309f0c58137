// Mastra's vector store.
import { PgVector } from '@mastra/pg';
import { cosine, has, main, vector } from '../scenario.mjs';

class Client {
  constructor() {
    this.store = new PgVector({
      id: 'vecdb',
      host: process.env.PGHOST,
      port: Number(process.env.PGPORT),
      user: process.env.PGUSER,
      database: process.env.PGDATABASE,
      // It takes none for a mistake.
      password: process.env.PGPASSWORD,
    });
  }

  // It makes the index with the table.
  create() {
    return this.store.createIndex({ indexName: 'items', dimension: 8 });
  }

  insert(items) {
    return this.store.upsert({
      indexName: 'items',
      vectors: items.map(({ number }) => vector(number)),
      metadata: items.map(({ tag }) => ({ tag })),
      ids: items.map(({ key }) => String(key)),
    });
  }

  async search(number, topK, tag) {
    const found = await this.store.query({
      indexName: 'items', queryVector: vector(number), topK, filter: tag && { tag },
    });
    return found.map((item) => Number(item.id));
  }

  update(key, number) {
    return this.store.updateVector({
      indexName: 'items', id: String(key), update: { vector: vector(number) },
    });
  }

  delete(key) {
    return this.store.deleteVector({ indexName: 'items', id: String(key) });
  }

  // With hnsw, whose searches it orders by distance.
  async typed(kind, values) {
    const indexName = `${kind}_items`;
    const opclass = kind === 'bit' ? 'bit_hamming_ops' : `${kind}_l2_ops`;
    const toArray = (v) => (kind === 'bit' ? [...v].map(Number) : v);
    await this.store.createIndex({
      indexName,
      dimension: 3,
      vectorType: kind,
      metric: kind === 'bit' ? 'hamming' : 'euclidean',
      indexConfig: { type: has(`hnsw:${opclass}`) ? 'hnsw' : 'flat' },
    });
    await this.store.upsert({ indexName, vectors: values.map(toArray) });
    const found = await this.store.query({
      indexName, queryVector: toArray(values[0]), minScore: -1, includeVector: true,
    });
    return found.map((item) => (kind === 'bit' ? item.vector.join('') : item.vector));
  }

  close() {
    return this.store.disconnect();
  }
}

await main(Client, cosine);
