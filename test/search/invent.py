"""Packages that do not exist, in the form of "apt-cache dumpavail".

    invent.py FILE

Some have a meaning that a question can find; hundreds surround them.
"""

import sys

KNOWN = (
    ("pawnstorm", "games", 2100, "board game of kings, rooks and pawns"),
    ("tilefall", "games", 900, "puzzle in which coloured blocks drop"),
    ("snapback", "utils", 450, "rescues pictures that were erased from cameras"),
    ("keydrill", "education", 700, "teaches typing on the keyboard"),
    ("sumfun", "education", 5200, "exercises in addition for young pupils"),
    ("tinyhttpd-ng", "httpd", 80, "small program that serves web pages"),
    ("bighttpd", "httpd", 90000, "large program that serves web pages"),
    ("zqxview", "graphics", 300, "viewer of drawings"),
    ("mark-up", "text", 10, "shows <b>bold</b> & \"quoted\" text"),
    ("a\tb", "text", 10, "has a tab\tand a back\\slash"),
)
THINGS = ("sockets", "calendars", "barcodes", "spreadsheets", "passwords",
          "weather", "maps", "music", "invoices", "satellites", "proteins",
          "matrices", "fonts", "printers", "clusters", "queues", "logs",
          "terminals", "recipes", "trains")
FORMS = ("library for {}", "development files for {}", "documentation of {}",
         "tool that converts {}", "daemon for {}", "Perl module for {}",
         "Python module for {}", "plugin for {}", "tests for {}",
         "command line client for {}", "graphical client for {}",
         "data of {}", "debug symbols of a program for {}",
         "parser of {}", "metapackage for {}", "statistics about {}",
         "server for {}", "simulator of {}", "monitor of {}",
         "editor of {}", "backup of {}", "compression of {}",
         "encryption of {}", "toys about {}", "drivers for {}")


def stanza(package, section, size, description):
    return (f"Package: {package}\nSection: {section}\nInstalled-Size: {size}\n"
            f"Priority: optional\nDescription: {description}\n")


def packages():
    yield from (stanza(*known) for known in KNOWN)
    for i, form in enumerate(FORMS):
        for j, thing in enumerate(THINGS):
            yield stanza(f"made-{i}-{thing}", f"section{i % 7}", 100 * j,
                         form.format(thing))
    # The older version of a package, and one that says nothing.
    yield stanza("pawnstorm", "oldlibs", 1, "an older version")
    yield "Package: silent\nSection: misc\n"


with open(sys.argv[1], "w", encoding="utf-8") as out:
    out.write("\n".join(packages()))
