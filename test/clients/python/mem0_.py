"""mem0's vector store: what lies above it wants a language model."""
import os
import uuid

from mem0.vector_stores.pgvector import PGVector

from scenario import INDEX, cosine, main, text, vector


def identity(key):
    return str(uuid.UUID(int=key))


class Client:
    def __init__(self):
        self.store = PGVector(
            dbname=os.environ["PGDATABASE"],
            collection_name="items",
            embedding_model_dims=8,
            user=None,
            password=None,
            host=None,
            port=None,
            diskann=False,
            # It makes the index with the table, unless it is told not to.
            hnsw=bool(INDEX),
            connection_string="application_name=mem0",
        )

    def create(self):
        assert self.store.list() == [[]]

    def insert(self, items):
        self.store.insert(
            [vector(number) for _, number, _ in items],
            payloads=[{"data": text(number), "tag": tag} for _, number, tag in items],
            ids=[identity(key) for key, _, _ in items],
        )

    def search(self, number, limit, tag):
        found = self.store.search(
            text(number), vector(number), top_k=limit, filters={"tag": tag} if tag else None
        )
        return [uuid.UUID(item.id).int for item in found]

    def update(self, key, number, tag):
        self.store.update(identity(key), vector(number), {"data": text(number), "tag": tag})

    def delete(self, key):
        self.store.delete(identity(key))

    def close(self):
        self.store.connection_pool.close()


main(Client, cosine)
