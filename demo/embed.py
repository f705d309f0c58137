"""A source's texts and their vectors, as files; what was made already stays.

    embed.py MODEL NAME SOURCE FOLDER [LIMIT]

FOLDER gets texts.tsv (a header, then a row a line) and vectors.npy (float32, a
row for each line).  Vectors come in parts of some thousand texts, each a file
that has its name when it is whole: an interrupted run goes on after the last.
"""

import hashlib
import os
import sys
import time
from pathlib import Path

import numpy as np

import sources
from model import Model

PART = 2048


def main(model_folder, name, source, folder, limit=None):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows = sources.read(name, source, limit and int(limit))
    write_texts(folder / "texts.tsv", sources.SOURCES[name].columns, rows)
    texts = [row.text for row in rows]
    parts = Parts(folder, texts)
    parts.make(Model(model_folder))
    save(folder / "vectors.npy", parts.join())
    parts.remove()


def write_texts(path, columns, rows):
    with open(path, "w", encoding="utf-8") as file:
        print("id", "text", *columns, sep="\t", file=file)
        for i, row in enumerate(rows):
            print(i, *map(plain, (row.text, *row.attributes)), sep="\t",
                  file=file)


def plain(text):
    """Without what has a meaning in a file of tab-separated values."""
    return " ".join(text.replace("\\", "/").split())


def save(path, array):
    new = path.with_suffix(".new")
    with open(new, "wb") as file:
        np.save(file, array)
    os.replace(new, path)


class Parts:
    """Some thousand texts each, named by them: what another run made of others
    is not taken for ours."""

    def __init__(self, folder, texts):
        self.folder = folder
        self.texts = texts
        self.parts = [texts[start:start + PART]
                      for start in range(0, len(texts), PART)]

    def path(self, part):
        named = hashlib.sha256("\n".join(part).encode()).hexdigest()
        return self.folder / f"part-{named}.npy"

    def make(self, model):
        progress = Progress(len(self.texts))
        for part in self.parts:
            if not self.path(part).exists():
                save(self.path(part), model.embed(part))
            progress.add(len(part))

    def join(self):
        return np.concatenate([np.load(self.path(part))
                               for part in self.parts])

    def remove(self):
        for path in self.folder.glob("part-*"):
            path.unlink()


class Progress:
    """A line that a terminal writes over; elsewhere, one at the end."""

    def __init__(self, total):
        self.total = total
        self.done = 0
        self.began = time.monotonic()

    def add(self, count):
        self.done += count
        took = time.monotonic() - self.began
        last = self.done == self.total
        if sys.stderr.isatty() or last:
            print(f"\r{self.done:,} of {self.total:,} texts are vectors, "
                  f"{took:.0f} s", end="\n" if last else "", file=sys.stderr,
                  flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
