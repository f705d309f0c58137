// LangChain.js: the PGVectorStore of its community package.
import { PGVectorStore } from '@langchain/community/vectorstores/pgvector';
import { Embeddings } from '@langchain/core/embeddings';
import { cosine, embed, main, text } from '../scenario.mjs';

class Embedder extends Embeddings {
  async embedQuery(content) {
    return embed(content);
  }

  async embedDocuments(contents) {
    return contents.map(embed);
  }
}

// Its ids are UUIDs.
const identity = (key) => `00000000-0000-0000-0000-${String(key).padStart(12, '0')}`;

class Client {
  async open() {
    this.store = await PGVectorStore.initialize(new Embedder({}), {
      postgresConnectionOptions: {}, tableName: 'items', dimensions: 8,
    });
  }

  async create() {}

  insert(items) {
    return this.store.addDocuments(
      items.map(({ key, number, tag }) => ({ pageContent: text(number), metadata: { key, tag } })),
      { ids: items.map(({ key }) => identity(key)) });
  }

  index() {
    return this.store.createHnswIndex({ dimensions: 8 });
  }

  async search(number, limit, tag) {
    const found = await this.store.similaritySearch(text(number), limit, tag && { tag });
    return found.map((document) => document.metadata.key);
  }

  async update(key, number, tag) {
    await this.delete(key);
    await this.insert([{ key, number, tag }]);
  }

  delete(key) {
    return this.store.delete({ ids: [identity(key)] });
  }

  close() {
    return this.store.end();
  }
}

await main(Client, cosine);
