"""llama-index over its PGVectorStore."""
import asyncio

from llama_index.core.schema import TextNode
from llama_index.core.vector_stores import MetadataFilter, MetadataFilters, VectorStoreQuery
from llama_index.vector_stores.postgres import PGVectorStore

from scenario import INDEX, cosine, main, text, vector


class Client:
    def __init__(self):
        hnsw = {"hnsw_m": 16, "hnsw_ef_construction": 64, "hnsw_ef_search": 40}
        self.store = PGVectorStore.from_params(
            connection_string="postgresql+psycopg2://",
            async_connection_string="postgresql+asyncpg://",
            table_name="items",
            embed_dim=8,
            # It makes the index with the table.
            hnsw_kwargs=hnsw if INDEX else None,
        )

    def create(self):
        self.store.clear()

    def insert(self, items):
        self.store.add(
            [
                TextNode(
                    id_=str(key),
                    text=text(number),
                    metadata={"tag": tag},
                    embedding=vector(number),
                )
                for key, number, tag in items
            ]
        )

    def search(self, number, limit, tag):
        filters = MetadataFilters(filters=[MetadataFilter(key="tag", value=tag)]) if tag else None
        found = self.store.query(
            VectorStoreQuery(
                query_embedding=vector(number), similarity_top_k=limit, filters=filters
            )
        )
        return [int(key) for key in found.ids]

    def update(self, key, number, tag):
        self.delete(key)
        self.insert([(key, number, tag)])

    def delete(self, key):
        self.store.delete_nodes([str(key)])

    def close(self):
        asyncio.run(self.store.close())


main(Client, cosine)
