"""psycopg 3, with binary parameters, results and COPY."""
import psycopg
from pgvector import Bit, HalfVector, SparseVector, Vector
from pgvector.psycopg import register_vector

from scenario import main
from statements import Statements


class Client(Statements):
    to_driver = {"vector": Vector, "halfvec": HalfVector, "sparsevec": SparseVector, "bit": Bit}
    from_driver = {
        "halfvec": HalfVector.to_list,
        "sparsevec": SparseVector.to_list,
        # It registers none for reading.
        "bit": lambda value: Bit.from_binary(value).to_text(),
    }

    def __init__(self):
        self.connection = psycopg.connect(autocommit=True, cursor_factory=psycopg.RawCursor)
        if psycopg.types.TypeInfo.fetch(self.connection, "vector"):
            self.register()

    def register(self):
        register_vector(self.connection)

    def run(self, statement, *args):
        cursor = self.connection.cursor(binary=True).execute(statement, args, binary=True)
        return cursor.fetchall() if cursor.description else []

    def insert(self, items):
        with self.connection.cursor() as cursor:
            with cursor.copy("COPY items FROM STDIN WITH (FORMAT binary)") as copy:
                copy.set_types(["int8", "text", "vector"])
                for key, number, tag in items:
                    copy.write_row([key, tag, self.value(number)])

    def close(self):
        self.connection.close()


main(Client)
