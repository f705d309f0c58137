"""The semantic search of ./dev demo, on invented packages.

    test_search.py

The environment: DEMO (the folder of the programs), MODEL, DEMO_TEXTS (what
embed.py has made), DEMO_TOURED (what the tour has said), and where the server is.
"""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

DEMO = os.environ["DEMO"]
MODEL = os.environ["MODEL"]
TEXTS = Path(os.environ["DEMO_TEXTS"])
sys.path.insert(0, DEMO)

import numpy as np
import psycopg

import embed
import search
import sources
import store
from model import Model
from served import CHESS, Page
from tap import run, test

THE_MODEL = Model(MODEL)


def engine():
    return search.Search(psycopg.connect(autocommit=True), THE_MODEL)


def names(answer):
    return [row.package for row in answer.rows]


def asked(text, **how):
    return engine().answer(search.checked(text, **how))


def raises(kind, work, *words):
    try:
        work()
    except kind as error:
        missing = [word for word in words if word not in str(error)]
        assert not missing, f"{error!r} lacks {missing}"
        return
    raise AssertionError(f"there was no {kind.__name__}")


def program(name, *arguments, given="", **environment):
    """Status and everything said by a program of the demo."""
    got = subprocess.run([sys.executable, f"{DEMO}/{name}", *arguments],
                         input=given, text=True, encoding="utf-8",
                         capture_output=True, timeout=120,
                         env={**os.environ, "PYTHONUTF8": "1", **environment})
    assert "Traceback" not in got.stderr, got.stderr
    return got.returncode, got.stdout + got.stderr


@test
def texts_are_the_packages():
    """Every package is a text once, and tabs are blanks."""
    lines, vectors = store.read_texts(TEXTS)
    assert len(lines) == len(vectors) == 510, len(lines)
    found = {line[2]: line for line in lines}
    assert found["pawnstorm"][3:] == ["games", "2100", "optional"]
    assert found["a b"][1] == "a b: has a tab and a back/slash"
    assert "silent" not in found


@test
def vectors_are_units():
    """Vectors have length one, and a text's does not depend on those beside."""
    lines, vectors = store.read_texts(TEXTS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = THE_MODEL.vector(lines[3][1])
    assert np.array_equal(alone, vectors[3])


@test
def interrupted_run_goes_on():
    """An interrupted run takes over the parts that are whole."""
    with tempfile.TemporaryDirectory() as folder:
        texts = [f"text {i}" for i in range(embed.PART + 1)]
        made = embed.Parts(Path(folder), texts)
        mark = np.full((embed.PART, 384), 7, np.float32)
        embed.save(made.path(made.parts[0]), mark)
        made.make(THE_MODEL)
        joined = made.join()
        assert (joined[:-1] == 7).all() and len(joined) == len(texts)
        assert np.array_equal(joined[-1], THE_MODEL.vector(texts[-1]))


@test
def definitions_are_read():
    """A line of WordNet becomes words, definition and examples."""
    row = sources.synonyms(
        '00001740 29 v 02 take_a_breath 0 respire(a) 1 000 | draw air in;'
        ' "he could not breathe well";  \n', "verb")
    assert row.text == "take a breath, respire: draw air in", row.text
    assert row.attributes == ("take a breath", "verb", "verb.body", "7")
    assert row.foreign == ("he could not breathe well",)


@test
def meaning_is_found():
    """Words that no description has find what they mean, by every way."""
    for mode in search.MODES:
        assert names(asked(CHESS, mode=mode))[0] == "pawnstorm", mode
    assert names(asked("recover deleted photos"))[0] == "snapback"


@test
def index_finds_what_is_nearest():
    """The index finds nine in ten of the rows that an exact search finds."""
    same = total = 0
    for text in ("backup my mails", "train timetable", "draw a map of a city",
                 "scan a code at the till", "listen to songs"):
        exact, index = ({row.id for row in asked(text, mode=mode).rows}
                        for mode in ("exact", "index"))
        same += len(exact & index)
        total += len(exact)
    assert total == 50 and same >= 45, (same, total)


@test
def exact_uses_no_index_of_vectors():
    """The exact way does not read the index of vectors, the other does."""
    plans = {mode: engine().answer(search.checked(CHESS, mode=mode), True).plan
             for mode in ("exact", "index")}
    assert "embedding_idx" not in plans["exact"], plans["exact"]
    assert "embedding_idx" in plans["index"], plans["index"]
    assert "'[…]'" in plans["index"] and len(plans["index"]) < 2000


@test
def filters_hold():
    """Every answer has the section and the size that were asked for."""
    for mode in search.MODES:
        answer = asked("web server", mode=mode, section="httpd",
                       most_kb="1000")
        assert names(answer) == ["tinyhttpd-ng"], (mode, names(answer))
    assert not asked(CHESS, section="nowhere' OR 'a' = 'a").rows


@test
def hybrid_finds_names():
    """Hybrid search finds a name that has no meaning."""
    assert names(asked("zqxview", mode="hybrid"))[0] == "zqxview"
    assert asked("the of and", mode="hybrid").rows, "without a word to search"
    assert asked("it's \\'x\\y' & | ! <-> :*", mode="hybrid").rows


@test
def bad_questions_are_refused():
    """An empty or long question, an unknown way, a wrong size are refused."""
    bad = search.BadQuestion
    for text in ("", None, "  \t\n", "\0"):
        raises(bad, lambda: search.checked(text), "Type a question")
    raises(bad, lambda: search.checked("x" * 10000), "1,000", "10,000")
    raises(bad, lambda: search.checked("x", mode="magic"), "magic", "hybrid")
    for size in ("-1", "1e3", "two", "1" * 10, "１２"):
        raises(bad, lambda: search.checked("x", most_kb=size), "whole number")
    assert search.checked("x" * 1000).text
    assert not asked("caf\udce9", mode="hybrid", section="caf\udce9").rows
    assert search.checked("caf\udce9").text == "caf?"


@test
def broken_cache_is_told():
    """A cache that is broken or absent is named, with what mends it."""
    with tempfile.TemporaryDirectory() as folder:
        texts, vectors = (Path(folder, name)
                          for name in ("texts.tsv", "vectors.npy"))
        def wrong():
            raises(SystemExit, lambda: store.read_texts(folder),
                   folder, "remove that folder")
        wrong()
        texts.write_bytes((TEXTS / "texts.tsv").read_bytes())
        wrong()
        whole = (TEXTS / "vectors.npy").read_bytes()
        for content in (b"", b"not an array", whole[:-1000], whole[:50]):
            vectors.write_bytes(content)
            wrong()
        np.save(vectors, np.ones((3, 384), np.float32))
        wrong()


@test
def absent_model_is_told():
    """Without a model or a server the programs say so."""
    for name, more in (("tour.py", ("ask",)), ("web.py", ())):
        arguments = (*more, "/nowhere", "0")[:2]
        status, said = program(name, *arguments)
        assert status and "there is no model" in said, said
    status, said = program("tour.py", "ask", MODEL, PGHOST="/nowhere")
    assert status and "/nowhere" in said, said


@test
def document_has_the_sql():
    """docs/search.md has the SQL that runs."""
    said = Path(DEMO, "../docs/search.md").read_text(encoding="utf-8")
    filtered = search.checked("x", "index", "games", "1")
    hybrid = search.checked("x", "hybrid")
    for sql in (Path(DEMO, "table.sql").read_text(),
                Path(DEMO, "indexes.sql").read_text(),
                search.Statement(filtered, "[]").sql + ";",
                search.Statement(hybrid, "[]").sql + ";"):
        assert sql in said, sql


@test
def tour_shows_answers():
    """The tour shows statement, times, answers and recall."""
    said = Path(os.environ["DEMO_TOURED"]).read_text(encoding="utf-8")
    for words in ("ORDER BY embedding <=> $1::vector", "pawnstorm: board game",
                  "of the 10 rows are the same", "recall of the index: "):
        assert words in said, words
    assert float(said.split("recall of the index: ")[1].split()[0]) >= 0.9


@test
def prompt_answers():
    """The prompt takes questions and settings, and goes on after a wrong one."""
    status, said = program(
        "tour.py", "talk", MODEL, given="\n/section httpd\n/size 1000\n"
        "web pages\n/size much\n/what\n/hybrid\n/plan\nweb pages\n/sections\n")
    assert status == 0
    for words in ("Type a question first", "tinyhttpd-ng: small program",
                  "section httpd, at most 1,000 kB", "whole number",
                  "Ctrl-D ends", "WITH near AS", "education 2"):
        assert words in said, words
    assert "bighttpd" not in said


@test
def page_answers():
    """The page has the form, and answers with rows, time, SQL and plan."""
    with Page() as page:
        status, text = page.get()
        assert status == 200 and 'name="q"' in text and "httpd (2)" in text
        for mode in search.MODES:
            status, text = page.get(q=CHESS, mode=mode, section="games")
            for words in ("<h2>pawnstorm</h2>", " ms</strong>", "LIMIT 10",
                          "Execution Time", '<option value="games" selected'):
                assert status == 200 and words in text, (mode, words)
        status, text = page.get(q=CHESS, part=1)
        assert "<h2>pawnstorm</h2>" in text and "<html" not in text
        status, text = page.get(q=CHESS, section="nowhere")
        assert status == 200 and "No package fits" in text


@test
def page_escapes():
    """The page escapes what is asked, and what the rows say."""
    with Page() as page:
        _, text = page.get(q="<script>alert(1)</script> bold quoted text",
                           section="\"><i>", mode="hybrid")
        assert "<script>alert" not in text and "<i>" not in text
        _, text = page.get(q="bold quoted text mark-up", mode="hybrid")
        assert "shows &lt;b&gt;bold&lt;/b&gt; &amp;" in text


@test
def page_refuses():
    """The page says what is wrong with a question, and answers no other host."""
    with Page() as page:
        for fields, words in (({"q": " "}, "Type a question"),
                              ({"q": "x" * 10000}, "1,000 characters"),
                              ({"q": "x", "mode": "<i>"}, "“&lt;i&gt;”"),
                              ({"q": "x", "size": "-3"}, "whole number")):
            status, text = page.get(**fields)
            assert status == 400 and words in text, (fields, text)
        status, _ = page.get({"Host": "elsewhere.example"}, q="x")
        assert status == 400
        port = page.address.rstrip("/").rsplit(":", 1)[1]
        status, said = program("web.py", MODEL, port)
        assert status and "cannot be had" in said and "--port" in said, said


@test
def page_outlives_the_server():
    """A lost connection is made anew; without a server the page says so."""
    with Page() as page:
        assert page.get(q="x")[0] == 200
        with psycopg.connect(autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'")
        assert page.get(q="x")[0] == 200
    with Page(PGHOST="/nowhere") as page:
        status, text = page.get(q="x")
        assert status == 503 and "does not answer" in text


@test
def page_answers_many():
    """Questions at the same time are all answered."""
    with Page() as page:
        got = []
        threads = [threading.Thread(target=lambda: got.append(page.get(q=CHESS)))
                   for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [status for status, _ in got] == [200] * 8
        _, text = page.get()
        assert text.count('<option value="games"') == 1, "each section once"


if __name__ == "__main__":
    run()
