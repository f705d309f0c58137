#!/usr/bin/python3
"""Writes rows one by one and keeps a record of those that were acknowledged.

    acknowledged.py CONNECTION RECORD STOP

Each row has a number of its own and a vector, each a transaction of its own.
Its number goes into RECORD when the commit has come back without a warning, so
that RECORD holds what a client may rely on.  When the server goes away the
writer connects again until one answers; a number whose commit never came back
is not used again.  Ends when the file STOP exists.
"""

import os
import sys
import time

import psycopg2


def write(connection, record, number):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger VALUES (%s, ARRAY[%s, %s, 1]::vector)",
            (number, number % 97, number % 31))
    del connection.notices[:]
    connection.commit()
    # A commit that the standby has not confirmed comes back with a warning.
    if not connection.notices:
        print(number, file=record, flush=True)


def main():
    number = 0
    with open(sys.argv[2], "w", encoding="ascii") as record:
        while not os.path.exists(sys.argv[3]):
            try:
                connection = psycopg2.connect(sys.argv[1])
                while not os.path.exists(sys.argv[3]):
                    number += 1
                    write(connection, record, number)
            except (psycopg2.OperationalError, psycopg2.InterfaceError,
                    psycopg2.errors.ReadOnlySqlTransaction) as error:
                print("%d: %s" % (number, error), file=sys.stderr, flush=True)
                time.sleep(0.2)


main()
