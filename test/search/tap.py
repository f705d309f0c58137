"""Tests that are functions, and what they say as TAP."""

import sys
import traceback

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def run(*arguments):
    failed = 0
    print(f"1..{len(TESTS)}")
    for number, function in enumerate(TESTS, 1):
        name = " ".join(function.__doc__.split()).rstrip(".")
        try:
            function(*arguments)
            print(f"ok {number} - {name}", flush=True)
        except (Exception, SystemExit):
            failed += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    sys.exit(failed > 0)
