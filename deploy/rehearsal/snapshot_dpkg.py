#!/usr/bin/python3
"""Copies the package database while nobody writes to it.

    snapshot_dpkg.py FOLDER

The roots of the rehearsal lie over this machine's; a package manager that is at
work here would leave theirs interrupted.  Its own locks are waited for.
"""

import fcntl
import shutil
import sys
import time

DATABASE = "/var/lib/dpkg"
PATIENCE = 120


def lock(path):
    handle = open(path, "r+", encoding="ascii")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except OSError:
            if time.monotonic() > deadline:
                sys.exit("rehearse: error: another package manager has been "
                         "at work for %d s" % PATIENCE)
            time.sleep(0.2)


def main():
    held = [lock(DATABASE + "/lock-frontend"), lock(DATABASE + "/lock")]
    shutil.copytree(DATABASE, sys.argv[1], symlinks=True)
    del held


main()
