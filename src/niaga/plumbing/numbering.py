"""Gapless numbers: a counter row per series, moved inside the issuing transaction."""

from django.db import connection


def coming_number(series: str) -> int:
    """Return the number that `series` gives next, as far as is known: nothing is taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last + 1 FROM plumbing_counter WHERE series = %s", [series])
        row = cursor.fetchone()
    return int(row[0]) if row else 1


def next_number(series: str) -> int:
    """Return the next whole number of `series`, starting at 1.

    The row stays locked until the caller's transaction ends; a rollback gives the number back,
    so the series has neither gap nor twin.
    """
    assert connection.in_atomic_block, "numbers are given inside the issuing transaction"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO plumbing_counter (series, last) VALUES (%s, 1) "
            "ON CONFLICT (series) DO UPDATE SET last = plumbing_counter.last + 1 RETURNING last",
            [series],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
