#!/usr/bin/python3
"""The tutorial's own shape: psycopg2, a batch insert, an index, a search.

    tutorial.py CONNECTION WORDS

Ends with an error unless the neighbours found through the index are those of
an exact search.
"""

import sys

import psycopg2
from psycopg2.extras import execute_values

QUERY = """
    SELECT word FROM word_embeddings_py
    WHERE word <> %(word)s
    ORDER BY embedding <=> (
        SELECT embedding FROM word_embeddings_py WHERE word = %(word)s)
    LIMIT 9"""


def read_words(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.rstrip().split(" ")
            yield word, "[" + ",".join(numbers) + "]"


def load(cursor, path):
    cursor.execute("""
        CREATE TABLE word_embeddings_py (
            id bigserial PRIMARY KEY, word text, embedding vector(100))""")
    execute_values(
        cursor,
        "INSERT INTO word_embeddings_py (word, embedding) VALUES %s",
        read_words(path), page_size=1000)


def neighbours(cursor, indexed):
    cursor.execute("SET LOCAL enable_seqscan = %s" % ("off" if indexed else "on"))
    cursor.execute("SET LOCAL enable_indexscan = %s" % ("on" if indexed else "off"))
    cursor.execute("EXPLAIN " + QUERY, {"word": "pumpkin"})
    plan = "\n".join(row[0] for row in cursor)
    if indexed != ("word_embeddings_py_embedding" in plan):
        sys.exit("not the plan that was asked for:\n" + plan)
    cursor.execute(QUERY, {"word": "pumpkin"})
    return [row[0] for row in cursor]


def main():
    connection = psycopg2.connect(sys.argv[1])
    with connection, connection.cursor() as cursor:
        load(cursor, sys.argv[2])
        exact = neighbours(cursor, indexed=False)
        cursor.execute("""
            CREATE INDEX ON word_embeddings_py
            USING ivfflat (embedding vector_cosine_ops)""")
        found = neighbours(cursor, indexed=True)
    if set(found) != set(exact):
        sys.exit("exact: %s\nindex: %s" % (exact, found))
    print("pumpkin:", ", ".join(found))


main()
