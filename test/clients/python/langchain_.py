"""langchain-postgres: the PGVectorStore of its second version."""
from langchain_core.embeddings import Embeddings
from langchain_postgres import PGEngine, PGVectorStore
from langchain_postgres.v2.indexes import HNSWIndex

from scenario import cosine, embed, main, text


class Embedder(Embeddings):
    def embed_documents(self, texts):
        return [embed(text) for text in texts]

    def embed_query(self, text):
        return embed(text)


class Client:
    def __init__(self):
        self.engine = PGEngine.from_connection_string("postgresql+psycopg://")
        self.store = None

    def open(self):
        if not self.store:
            self.store = PGVectorStore.create_sync(
                self.engine, Embedder(), "items", id_column="id", metadata_columns=["tag"]
            )
        return self.store

    def create(self):
        self.engine.init_vectorstore_table(
            "items",
            8,
            id_column={"name": "id", "data_type": "text", "nullable": False},
            metadata_columns=[{"name": "tag", "data_type": "text", "nullable": True}],
        )

    def insert(self, items):
        self.open().add_texts(
            [text(number) for _, number, _ in items],
            metadatas=[{"tag": tag} for _, _, tag in items],
            ids=[str(key) for key, _, _ in items],
        )

    def index(self):
        self.open().apply_vector_index(HNSWIndex())

    def search(self, number, limit, tag):
        found = self.open().similarity_search(
            text(number), k=limit, filter={"tag": {"$eq": tag}} if tag else None
        )
        return [int(document.id) for document in found]

    def update(self, key, number, tag):
        self.insert([(key, number, tag)])

    def delete(self, key):
        self.open().delete([str(key)])

    def close(self):
        self.engine._run_as_sync(self.engine.close())


main(Client, cosine)
