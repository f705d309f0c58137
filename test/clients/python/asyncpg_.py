"""asyncpg, which speaks nothing but the binary format."""
import asyncio

import asyncpg
from pgvector import HalfVector, SparseVector, Vector
from pgvector.asyncpg import register_vector

from scenario import main
from statements import Statements

loop = asyncio.new_event_loop()


class Client(Statements):
    to_driver = {
        "vector": Vector,
        "halfvec": HalfVector,
        "sparsevec": SparseVector,
        "bit": asyncpg.BitString,
    }
    from_driver = {
        "halfvec": HalfVector.to_list,
        "sparsevec": SparseVector.to_list,
        "bit": lambda value: value.as_string().replace(" ", ""),
    }

    def __init__(self):
        self.connection = loop.run_until_complete(asyncpg.connect())
        if self.run("SELECT 1 WHERE to_regtype('vector') IS NOT NULL"):
            self.register()

    def register(self):
        loop.run_until_complete(register_vector(self.connection))

    def run(self, statement, *args):
        return loop.run_until_complete(self.connection.fetch(statement, *args))

    def insert(self, items):
        records = [(key, tag, self.value(number)) for key, number, tag in items]
        loop.run_until_complete(self.connection.copy_records_to_table("items", records=records))

    def close(self):
        loop.run_until_complete(self.connection.close())


main(Client)
