"""Haystack's document store and retriever."""
from haystack import Document
from haystack.document_stores.types import DuplicatePolicy
from haystack.utils import Secret
from haystack_integrations.components.retrievers.pgvector import PgvectorEmbeddingRetriever
from haystack_integrations.document_stores.pgvector import PgvectorDocumentStore

from scenario import INDEX, cosine, main, text, vector


class Client:
    def __init__(self):
        self.store = PgvectorDocumentStore(
            # An empty one is taken for none.
            connection_string=Secret.from_token("application_name=haystack"),
            table_name="items",
            embedding_dimension=8,
            # It makes the index with the table.
            search_strategy="hnsw" if INDEX else "exact_nearest_neighbor",
        )
        self.retriever = PgvectorEmbeddingRetriever(document_store=self.store)

    def create(self):
        assert self.store.count_documents() == 0

    def insert(self, items):
        self.store.write_documents(
            [
                Document(
                    id=str(key),
                    content=text(number),
                    meta={"tag": tag},
                    embedding=vector(number),
                )
                for key, number, tag in items
            ],
            DuplicatePolicy.OVERWRITE,
        )

    def search(self, number, limit, tag):
        filters = {"field": "meta.tag", "operator": "==", "value": tag} if tag else None
        found = self.retriever.run(vector(number), filters=filters, top_k=limit)
        return [int(document.id) for document in found["documents"]]

    def update(self, key, number, tag):
        self.insert([(key, number, tag)])

    def delete(self, key):
        self.store.delete_documents([str(key)])

    def close(self):
        self.store.close()


main(Client, cosine)
