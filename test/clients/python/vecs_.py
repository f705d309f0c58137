"""vecs, over SQLAlchemy and psycopg2."""
import vecs

from scenario import cosine, main, vector


class Client:
    def __init__(self):
        self.client = vecs.create_client("postgresql+psycopg2://")
        self.items = self.client.get_or_create_collection("items", dimension=8)

    def create(self):
        assert self.items.index is None

    def insert(self, items):
        self.items.upsert([(str(key), vector(number), {"tag": tag}) for key, number, tag in items])

    def index(self):
        self.items.create_index()

    def search(self, number, limit, tag):
        filters = {"tag": {"$eq": tag}} if tag else None
        return [int(key) for key in self.items.query(vector(number), limit, filters=filters)]

    def update(self, key, number, tag):
        self.insert([(key, number, tag)])

    def delete(self, key):
        self.items.delete([str(key)])

    def close(self):
        self.client.disconnect()


main(Client, cosine)
