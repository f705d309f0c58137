"""psycopg2, which writes all values into the statement's text."""
import re

import psycopg2
from pgvector import HalfVector, SparseVector, Vector
from pgvector.psycopg2 import register_vector

from scenario import main
from statements import Statements


class Client(Statements):
    to_driver = {"vector": Vector, "halfvec": HalfVector, "sparsevec": SparseVector, "bit": str}
    from_driver = {"halfvec": HalfVector.to_list, "sparsevec": SparseVector.to_list, "bit": str}

    def __init__(self):
        self.connection = psycopg2.connect("")
        self.connection.autocommit = True
        if self.run("SELECT 1 WHERE to_regtype('vector') IS NOT NULL"):
            self.register()

    def register(self):
        register_vector(self.connection)

    def run(self, statement, *args):
        with self.connection.cursor() as cursor:
            cursor.execute(re.sub(r"\$\d+", "%s", statement), args)
            return cursor.fetchall() if cursor.description else []

    def close(self):
        self.connection.close()


main(Client)
