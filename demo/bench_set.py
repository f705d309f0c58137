"""A data set of the benchmark, out of what embed.py has made.

    bench_set.py MODEL NAME SOURCE TEXTS FOLDER

TEXTS is embed.py's folder.  FOLDER gets, each as vectors and as the texts with
their attributes (a header, then line i for row i):

    base.fvecs     base.tsv      the table: row i has the id i
    queries.fvecs  queries.tsv   1,000 rows held out of it
    foreign.fvecs  foreign.tsv   2,000 texts of another kind: of deb,
                                 descriptions without the package's name, whose
                                 rows are held out too; of wn, usage examples
"""

import sys
from pathlib import Path

import numpy as np

import sources
from embed import plain
from model import Model

QUERIES = 1000
FOREIGN = 2000
SEED = 1


def main(model_folder, name, source_path, texts, folder):
    source = sources.SOURCES[name]
    folder = Path(folder)
    with open(f"{texts}/texts.tsv", encoding="utf-8") as file:
        header, *lines = file.read().splitlines()
    vectors = np.load(f"{texts}/vectors.npy", mmap_mode="r")
    if len(vectors) != len(lines):
        raise SystemExit(f"{texts} has {len(lines)} texts and"
                         f" {len(vectors)} vectors")
    queries = sources.draw(range(len(lines)), QUERIES, SEED)
    foreign = draw_foreign(name, source_path, set(queries))
    held = set(queries)
    if source.foreign_are_rows:
        held.update(i for i, _ in foreign)
    base = [i for i in range(len(lines)) if i not in held]

    write(folder / "base", header, [lines[i] for i in base], vectors[base])
    write(folder / "queries", header, [lines[i] for i in queries],
          vectors[queries])
    asked = [text for _, text in foreign]
    write(folder / "foreign", header,
          [with_text(lines[i], text) for i, text in foreign],
          Model(model_folder).embed(asked))


def draw_foreign(name, path, but):
    """Pairs of a row's number and a text that means it."""
    pairs = [(i, text) for i, row in enumerate(sources.read(name, path))
             for text in row.foreign if i not in but]
    return sources.draw(pairs, FOREIGN, SEED)


def with_text(line, text):
    number, _, *attributes = line.split("\t")
    return "\t".join((number, plain(text), *attributes))


def write(stem, header, lines, vectors):
    """The column "id" becomes "source": the id is the line's place here."""
    with open(stem.with_suffix(".tsv"), "w", encoding="utf-8") as file:
        print(f"id\tsource{header.removeprefix('id')}", file=file)
        for i, line in enumerate(lines):
            print(i, line, sep="\t", file=file)
    length = np.full((len(vectors), 1), vectors.shape[1], np.int32)
    rows = np.hstack([length, np.asarray(vectors, np.float32).view(np.int32)])
    with open(stem.with_suffix(".fvecs"), "wb") as file:
        rows.tofile(file)


if __name__ == "__main__":
    main(*sys.argv[1:])
