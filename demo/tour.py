"""The semantic search in a terminal.

    tour.py ask MODEL [QUESTION]...   answer these, or a handful of our own
    tour.py measure MODEL             time and recall over 200 questions
    tour.py talk MODEL                answer what is typed
"""

import statistics
import sys
import textwrap

import psycopg

import search
from model import Model

SHOWN = (
    search.Question("play chess against the computer"),
    search.Question("recover deleted photos from a memory card"),
    search.Question("help children to learn arithmetic", section="games"),
    search.Question("web server that needs little memory", most_kb=1000),
)
SHOWN_HYBRID = search.Question("edit pdf files with python", mode="hybrid")
MEASURED = 200
HELP = """\
Type a question in plain words.  What begins with a slash sets how it is answered:
  /section games   only this section; /section alone: any
  /size 5000       of at most so many kB; /size alone: any
  /exact, /index, /hybrid
  /sections        the sections there are
  /plan            also show the SQL and its plan, or no longer
Ctrl-D ends."""


def ask(engine, questions):
    """Each exactly and by the index; the SQL where it is a new one."""
    seen = set()
    for question in questions:
        answer = engine.answer(question)
        heading(question)
        if answer.sql not in seen:
            seen.add(answer.sql)
            print(textwrap.indent(answer.sql, "    "), end="\n\n")
        if question.mode == "index":
            compare(engine, question)
        else:
            say_time(question.mode, engine.answer(question))
        show(answer.rows[:5])


def heading(question):
    conditions = [f"section {question.section}"] * (question.section is not None)
    if question.most_kb is not None:
        conditions.append(f"at most {question.most_kb:,} kB")
    print(f'"{question.text}"', *conditions, sep=", ", end="\n\n")


def compare(engine, question):
    """Both ways once more, since their first time reads what is not cached."""
    exact, index = (engine.answer(question._replace(mode=mode))
                    for mode in ("exact", "index"))
    say_time("exact", exact)
    same = len({row.id for row in exact.rows} & {row.id for row in index.rows})
    say_time("index", index, f"; {same} of the {len(exact.rows)} rows are the"
             " same")


def say_time(mode, answer, more=""):
    print(f"    {mode:7}{answer.ms:8.1f} ms   {search.MODES[mode]}{more}")


def show(rows):
    print()
    for row in rows:
        what = textwrap.shorten(f"{row.package}: {row.description}", 66,
                                placeholder=" …")
        print(f"    {row.distance:.3f}  {what:66}  {row.section},"
              f" {row.size_kb:,} kB")
    if not rows:
        print("    no package fits")
    print()


def measure(engine):
    """Descriptions without the package's name, as people would ask for it."""
    texts = [row[0] for row in engine.connection.execute(
        "SELECT description FROM packages WHERE id %% greatest(1,"
        " (SELECT count(*) FROM packages) / %s) = 0 ORDER BY id LIMIT %s",
        (MEASURED, MEASURED))]
    times = {"exact": [], "index": [], "hybrid": []}
    found = []
    for text in texts:
        question = search.checked(text[:search.LONGEST])
        ids = {}
        for mode, taken in times.items():
            answer = engine.answer(question._replace(mode=mode))
            taken.append(answer.ms)
            ids[mode] = {row.id for row in answer.rows}
        found.append(len(ids["index"] & ids["exact"]) / len(ids["exact"]))
    print(f"    {'':10}{'median':>10}{'slowest':>10}   of {len(texts)} questions")
    for mode, taken in times.items():
        print(f"    {mode:10}{statistics.median(taken):7.2f} ms"
              f"{max(taken):7.2f} ms")
    print(f"\n    recall of the index: {statistics.mean(found):.3f} (the share"
          f" of the true {search.LIMIT} nearest that it finds)")


class Talk:
    """What was set so far, and the answers."""

    def __init__(self, engine):
        self.engine = engine
        self.set = {}
        self.plan = False

    def line(self, line):
        if line.startswith("/"):
            self.command(*line[1:].strip().split(maxsplit=1))
            return
        question = search.checked(line, **self.set)
        answer = self.engine.answer(question, explain=self.plan)
        heading(question)
        say_time(question.mode, answer)
        if self.plan:
            print("", textwrap.indent(f"{answer.sql}\n\n{answer.plan}", "    "),
                  sep="\n")
        show(answer.rows)

    def command(self, name="", value=None):
        if name == "section":
            self.set["section"] = value
        elif name == "size":
            search.checked("-", most_kb=value)
            self.set["most_kb"] = value
        elif name in search.MODES:
            self.set["mode"] = name
        elif name == "plan":
            self.plan = not self.plan
        elif name == "sections":
            print(textwrap.fill(", ".join(
                f"{section} {count:,}"
                for section, count in self.engine.sections()), 78))
        else:
            print(HELP)


def talk(engine):
    print(HELP)
    conversation = Talk(engine)
    while True:
        try:
            line = input("\nquestion> ").strip()
        except EOFError:
            print()
            return
        try:
            conversation.line(line)
        except search.BadQuestion as error:
            print(error)


def main(command, model, *questions):
    with psycopg.connect(autocommit=True) as connection:
        engine = search.Search(connection, Model(model))
        if command == "measure":
            measure(engine)
        elif command == "talk":
            talk(engine)
        elif questions:
            ask(engine, map(search.checked, questions))
        else:
            ask(engine, (*SHOWN, SHOWN_HYBRID))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (search.BadQuestion, psycopg.OperationalError) as problem:
        raise SystemExit(f"{problem}") from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
