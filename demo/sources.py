"""The texts: Debian's packages and WordNet's definitions, with attributes.

Each source is a row of SOURCES: a function from a path to rows, the columns
beside "text", and where questions of another kind than the rows come from.
"""

import random
import re
from typing import NamedTuple


class Row(NamedTuple):
    text: str
    attributes: tuple
    foreign: tuple  # what a person might ask and would mean this row


def deb(path):
    """What "apt-cache dumpavail" says, a package a row; of the versions of one
    package, the first."""
    seen = set()
    with open(path, encoding="utf-8", errors="replace") as file:
        for stanza in file.read().split("\n\n"):
            fields = dict(re.findall(r"^([\w-]+): *(.*)$", stanza, re.M))
            # Repositories differ in whether they say which language it is.
            text = fields.get("Description") or fields.get("Description-en")
            name = fields.get("Package")
            if not name or not text or name in seen:
                continue
            seen.add(name)
            yield Row(f"{name}: {text}",
                      (name, fields.get("Section", "unknown"),
                       fields.get("Installed-Size", "0"),
                       fields.get("Priority", "optional")),
                      (text,))


# lexnames(5WN): the files in which lexicographers sort words by their meaning.
LEXICOGRAPHER = (
    "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact"
    " noun.attribute noun.body noun.cognition noun.communication noun.event"
    " noun.feeling noun.food noun.group noun.location noun.motive noun.object"
    " noun.person noun.phenomenon noun.plant noun.possession noun.process"
    " noun.quantity noun.relation noun.shape noun.state noun.substance"
    " noun.time verb.body verb.change verb.cognition verb.communication"
    " verb.competition verb.consumption verb.contact verb.creation"
    " verb.emotion verb.motion verb.perception verb.possession verb.social"
    " verb.stative verb.weather adj.ppl").split()
PARTS = ("noun", "verb", "adj", "adv")


def wn(folder):
    """WordNet's synonym sets, by wndb(5WN): "word, word: definition"."""
    for part in PARTS:
        with open(f"{folder}/data.{part}", encoding="utf-8") as file:
            for line in file:
                if not line.startswith("  "):  # the licence
                    yield synonyms(line, part)


def synonyms(line, part):
    head, _, gloss = line.rstrip().partition(" | ")
    fields = head.split(" ")
    count = int(fields[3], 16)
    words = [re.sub(r"\(\w+\)$", "", word).replace("_", " ")
             for word in fields[4:4 + 2 * count:2]]
    examples = re.findall(r'"([^"]{12,})"', gloss)
    definition = re.sub(r'[;:,]? *"[^"]*"?', "", gloss).strip(" ;")
    text = f"{', '.join(words)}: {definition or gloss}"
    return Row(text, (words[0], part, LEXICOGRAPHER[int(fields[1])],
                      str(len(text.split()))),
               tuple(examples))


class Source(NamedTuple):
    rows: callable
    columns: tuple
    foreign_are_rows: bool  # their rows are held out of the table


SOURCES = {
    "deb": Source(deb, ("package", "section", "size_kb", "priority"), True),
    "wn": Source(wn, ("word", "part", "file", "words"), False),
}


def read(name, path, limit=None):
    """All rows, or so many of them, which are spread evenly."""
    rows = list(SOURCES[name].rows(path))
    if not rows:
        raise SystemExit(f"{path} has no texts")
    if limit and limit < len(rows):
        rows = [rows[i * len(rows) // limit] for i in range(limit)]
    return rows


def draw(items, count, seed):
    """So many of them at random; equal seeds give equal ones, in order."""
    items = list(items)
    return sorted(random.Random(seed).sample(items, min(count, len(items))))
