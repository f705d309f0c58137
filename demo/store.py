"""The table of packages: how texts and vectors get into it.

    store.py TEXTS      load texts.tsv and vectors.npy of this folder

Where the server is, libpq's environment says.
"""

import sys

import numpy as np
import psycopg

COLUMNS = "id, package, description, section, size_kb, priority, embedding"
TYPES = ("int4", "text", "text", "text", "int4", "text")
LONGEST = 2**31 - 1


def read_texts(folder):
    """Lines of texts.tsv, each a list, and the vectors; or what is wrong."""
    try:
        with open(f"{folder}/texts.tsv", encoding="utf-8") as file:
            lines = [line.rstrip("\n").split("\t") for line in file][1:]
        vectors = np.load(f"{folder}/vectors.npy", mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise SystemExit(broken(folder, error)) from None
    if vectors.ndim != 2 or len(lines) != len(vectors):
        raise SystemExit(broken(folder, f"{len(lines)} texts and vectors of"
                                        f" the form {vectors.shape}"))
    return lines, vectors


def broken(folder, why):
    return (f"the cached texts in {folder} cannot be used: {why};"
            f" remove that folder to have them made again")


def load(connection, folder):
    """Rows by COPY in binary, in one transaction."""
    lines, vectors = read_texts(folder)
    # The binary form of a vector: its dimensions, a zero, big-endian floats.
    head = vectors.shape[1].to_bytes(2, "big") + bytes(2)
    with connection.cursor() as cursor, cursor.copy(
            f"COPY packages ({COLUMNS}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types((*TYPES, "bytea"))
        for line, vector in zip(lines, vectors):
            copy.write_row((*row_of(line),
                            head + vector.astype(">f4").tobytes()))
    connection.commit()
    return len(lines)


def row_of(line):
    number, text, package, section, size, priority = line
    description = text.removeprefix(f"{package}: ")
    size = int(size) if size.isdigit() else 0
    return (int(number), package, description, section, min(size, LONGEST),
            priority)


if __name__ == "__main__":
    with psycopg.connect() as db:
        print(f"{load(db, sys.argv[1]):,} packages")
