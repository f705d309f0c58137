"""The steps as statements, for drivers that are given SQL.

A driver says how to run one, with $1, $2 ... for its arguments, and which of its
types stand for the server's.
"""
from scenario import INDEX, vector

DISTANCE = {"halfvec": "<->", "sparsevec": "<->", "bit": "<~>"}


class Statements:
    # By type of the server: makes the driver's value of ours, and the reverse.
    to_driver = {}
    from_driver = {}

    def create(self):
        self.run("CREATE EXTENSION IF NOT EXISTS vector")
        self.register()
        self.run("CREATE TABLE items (id bigint PRIMARY KEY, tag text, embedding vector(8))")

    def insert(self, items):
        for key, number, tag in items:
            self.run("INSERT INTO items VALUES ($1, $2, $3)", key, tag, self.value(number))

    def index(self):
        self.run(f"CREATE INDEX ON items USING {INDEX} (embedding vector_l2_ops)")

    def search(self, number, limit, tag):
        # The filter first: psycopg2 has no numbers for its arguments.
        where, values = ("WHERE tag = $1", [tag]) if tag else ("", [])
        rows = self.run(
            f"SELECT id FROM items {where} ORDER BY embedding <-> ${len(values) + 1} LIMIT {limit}",
            *values, self.value(number),
        )
        return [row[0] for row in rows]

    def update(self, key, number, tag):
        self.run("UPDATE items SET embedding = $1 WHERE id = $2", self.value(number), key)

    def delete(self, key):
        self.run("DELETE FROM items WHERE id = $1", key)

    def value(self, number):
        return self.to_driver["vector"](vector(number))

    def typed(self, kind, values, opclass):
        table = f"{kind}_items"
        to_driver = self.to_driver[kind]
        self.run(f"CREATE TABLE {table} (v {kind}(3))")
        for value in reversed(values):
            self.run(f"INSERT INTO {table} VALUES ($1)", to_driver(value))
        if opclass:
            self.run(f"CREATE INDEX ON {table} USING {INDEX} (v {opclass})")
        rows = self.run(
            f"SELECT v FROM {table} ORDER BY v {DISTANCE[kind]} $1", to_driver(values[0])
        )
        return [self.from_driver[kind](row[0]) for row in rows]
