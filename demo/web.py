"""The semantic search as a page, on the loopback interface alone.

    web.py MODEL PORT      port 0 takes a free one

The page works without scripts: a question is a GET, its answer a page.  page.js
only spares the reload, by asking for the same address with "part=1".
"""

import logging
import socket
import sys
import threading

import psycopg
import waitress
from flask import Flask, render_template, request

import search
from model import Model

ADDRESS = "127.0.0.1"
GONE = "The database server does not answer. Is it still running?"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self';"
                               " style-src 'self'; connect-src 'self';"
                               " form-action 'self'; base-uri 'none';"
                               " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
TRIED = ("play chess against the computer", "recover deleted photos",
         "learn to type faster", "draw a family tree",
         "make the screen less blue at night")


class Engines:
    """A connection for each thread, made anew when the server has ended it."""

    def __init__(self, model):
        self.model = model
        self.own = threading.local()

    def get(self):
        connection = getattr(self.own, "connection", None)
        if connection is None or connection.broken:
            connection = psycopg.connect(autocommit=True, connect_timeout=5)
            self.own.connection = connection
        return search.Search(connection, self.model)

    def run(self, work):
        """work is given an engine; a connection that was lost is tried anew."""
        try:
            return work(self.get())
        except psycopg.OperationalError:
            return work(self.get())


def make_app(model):
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    engines = Engines(model)
    sections = []

    def choices():
        # Threads that come at once each ask, and put the same there.
        if not sections:
            sections[:] = engines.run(lambda engine: engine.sections())
        return sections

    def answered():
        """What the templates need, and the status."""
        asked = {name: request.args.get(name, "")
                 for name in ("q", "section", "size", "mode")}
        asked["mode"] = asked["mode"] or "index"
        found = {"asked": asked, "modes": search.MODES, "tried": TRIED,
                 "sections": [], "answer": None, "problem": None}
        try:
            found["sections"] = choices()
            if "q" in request.args:
                question = search.checked(asked["q"], asked["mode"],
                                          asked["section"], asked["size"])
                found["answer"] = engines.run(
                    lambda engine: engine.answer(question, explain=True))
        except search.BadQuestion as error:
            return {**found, "problem": str(error)}, 400
        except psycopg.OperationalError:
            return {**found, "problem": GONE}, 503
        return found, 200

    @app.get("/")
    def page():
        found, status = answered()
        part = "part" in request.args
        return render_template("answer.html" if part else "page.html",
                               **found), status

    @app.after_request
    def guard(response):
        response.headers.update(HEADERS)
        return response

    return app


def listen(port):
    """A listening socket, before the model is read: a port that is taken is
    told at once."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((ADDRESS, port))
        sock.listen()
    except OSError as error:
        raise SystemExit(f"port {port} of {ADDRESS} cannot be had:"
                         f" {error.strerror.lower()}; another one:"
                         f" --port N, and 0 takes a free one") from None
    return sock


def main(model, port):
    sock = listen(int(port))
    app = make_app(Model(model))
    print(f"The page: http://{ADDRESS}:{sock.getsockname()[1]}/   (Ctrl-C ends"
          f" it)", flush=True)
    # A name that leads here from elsewhere is not ours to answer.
    app.config["TRUSTED_HOSTS"] = [ADDRESS, "localhost"]
    # It would tell of each question that waits for a thread.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    waitress.serve(app, sockets=[sock], threads=4, _quiet=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
