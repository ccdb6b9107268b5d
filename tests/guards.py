"""The database's guards in tests: taken off where a test wants to do what they refuse, and put back."""

from contextlib import contextmanager

from django.db import connection
from django.test import TransactionTestCase

from agreements import guards


@contextmanager
def lifted(table=""):
    """Let everything be written meanwhile, to one table or all: what tamperers with the database's own rights do."""
    if connection.vendor == "postgresql":
        # Not by dropping them: PostgreSQL refuses that while deferred checks of the table are waiting.
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                yield
            finally:
                cursor.execute("SET session_replication_role = origin")
        return
    with connection.cursor() as cursor:
        standing = {name: sql for name, sql in guards.standing(connection).items() if f' ON "{table}' in sql}
        for name in standing:
            cursor.execute(f'DROP TRIGGER "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for sql in standing.values():
                cursor.execute(sql)


def let_tables_be_emptied():
    """Let tests that commit empty all tables behind them; Django's post_migrate then puts the guards back."""
    empty = TransactionTestCase._fixture_teardown

    def take_down_and_empty(case):
        guards.take_down(connection)
        empty(case)
        guards.put_up(connection)

    TransactionTestCase._fixture_teardown = take_down_and_empty
