"""Questions in plain words, answered by one SQL statement each.

There are three ways: "exact" compares every row that the filter leaves, "index"
searches the vectors' index, "hybrid" puts the answers of the index and of full
text search together by their places (reciprocal rank fusion).
"""

import re
import time
from typing import NamedTuple, Optional

import psycopg
from psycopg.rows import namedtuple_row

MODES = {
    "exact": "every row compared",
    "index": "through an index",
    "hybrid": "meanings by an index, and words",
}
LIMIT = 10
LONGEST = 1000

NEAR = """\
SELECT id, package, description, section, size_kb,
  embedding <=> {vector} AS distance
FROM packages{where}
ORDER BY embedding <=> {vector}
LIMIT {limit}"""

# The first 50 of each; 60 keeps the first places from deciding alone.  Of the
# question's words the three that fewest packages have: "library" says nothing.
HYBRID = """\
WITH near AS (
  SELECT id, row_number() OVER (ORDER BY distance) AS place
  FROM (SELECT id, embedding <=> {vector} AS distance
        FROM packages{where}
        ORDER BY embedding <=> {vector}
        LIMIT 50) AS nearest
), asked AS (
  SELECT string_agg(quote_literal(word), ' | ')::tsquery AS query
  FROM (SELECT word FROM lexemes
        WHERE word = ANY (tsvector_to_array(to_tsvector('english', {question})))
        ORDER BY ndoc, word
        LIMIT 3) AS rarest
), matching AS (
  SELECT id, row_number() OVER (ORDER BY rank DESC, id) AS place
  FROM (SELECT id, ts_rank(words, query) AS rank
        FROM packages, asked
        WHERE words @@ query{also}
        ORDER BY rank DESC, id
        LIMIT 50) AS matches
)
SELECT id, package, description, section, size_kb,
  embedding <=> {vector} AS distance,
  coalesce(1.0 / (60 + near.place), 0) +
  coalesce(1.0 / (60 + matching.place), 0) AS score
FROM near FULL JOIN matching USING (id) JOIN packages USING (id)
ORDER BY score DESC, id
LIMIT {limit}"""


class BadQuestion(ValueError):
    """What the person who asked can mend; the text says how."""


class Question(NamedTuple):
    text: str
    mode: str = "index"
    section: Optional[str] = None
    most_kb: Optional[int] = None


class Answer(NamedTuple):
    rows: list
    sql: str
    plan: str
    embed_ms: float
    ms: float


def checked(text, mode="index", section=None, most_kb=None):
    """A question of what was typed; empty filters are none."""
    text = " ".join(typed(text).split())
    if not text:
        raise BadQuestion("Type a question first: some words for what you"
                          " look for.")
    if len(text) > LONGEST:
        raise BadQuestion(f"A question has at most {LONGEST:,} characters;"
                          f" this one has {len(text):,}.")
    if mode not in MODES:
        raise BadQuestion(f"There is no way of searching “{mode}”: there are"
                          f" {', '.join(MODES)}.")
    most_kb = (str(most_kb) if most_kb is not None else "").strip()
    if most_kb and not re.fullmatch("[0-9]{1,9}", most_kb):
        raise BadQuestion(f"The size is a whole number of kB, of at most nine"
                          f" digits, not “{most_kb[:40]}”.")
    section = typed(section).strip()
    return Question(text, mode, section or None,
                    int(most_kb) if most_kb else None)


def typed(text):
    """Without what neither the model nor the server takes: a NUL, and bytes that
    were no UTF-8, which Python has as halves of pairs."""
    return (text or "").replace("\0", " ").encode(
        "utf-8", "replace").decode("utf-8")


class Statement:
    """SQL whose values are parameters, $1 and on."""

    def __init__(self, question, vector):
        self.values = []
        named = {"vector": self.parameter(vector) + "::vector"}
        conditions = []
        if question.section is not None:
            conditions.append(f"section = {self.parameter(question.section)}")
        if question.most_kb is not None:
            conditions.append(
                f"size_kb <= {self.parameter(question.most_kb)}::int")
        named["where"] = ("\nWHERE " + " AND ".join(conditions)
                          if conditions else "")
        named["also"] = "".join(f" AND {one}" for one in conditions)
        named["limit"] = LIMIT
        form = NEAR
        if question.mode == "hybrid":
            form = HYBRID
            named["question"] = self.parameter(question.text)
        self.sql = form.format(**named)

    def parameter(self, value):
        self.values.append(value)
        return f"${len(self.values)}"


class Search:
    """connection is psycopg's; model has vector(text)."""

    def __init__(self, connection, model):
        self.connection = connection
        self.model = model

    def answer(self, question, explain=False):
        began = time.perf_counter()
        vector = literal(self.model.vector(question.text))
        embedded = time.perf_counter()
        statement = Statement(question, vector)
        with self.connection.transaction(), psycopg.RawCursor(
                self.connection, row_factory=namedtuple_row) as cursor:
            if question.mode == "exact":
                cursor.execute("SET LOCAL enable_indexscan = off")
            asked = time.perf_counter()
            rows = cursor.execute(statement.sql, statement.values).fetchall()
            ended = time.perf_counter()
            plan = explained(cursor, statement) if explain else ""
        return Answer(rows, statement.sql, plan, (embedded - began) * 1000,
                      (ended - asked) * 1000)

    def sections(self):
        """Names and numbers of packages, most first."""
        return self.connection.execute(
            "SELECT section, count(*) FROM packages"
            " GROUP BY section ORDER BY count(*) DESC, section").fetchall()


def literal(vector):
    return "[" + ",".join(f"{x:.7g}" for x in vector) + "]"


def explained(cursor, statement):
    """The plan without the vector's hundreds of numbers."""
    lines = cursor.execute("EXPLAIN (ANALYZE, COSTS OFF) " + statement.sql,
                           statement.values)
    return re.sub(r"'\[[^]]{40,}\]'", "'[…]'",
                  "\n".join(line for line, in lines))
