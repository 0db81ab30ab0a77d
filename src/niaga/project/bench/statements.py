"""Counts SQL statements where they arrive: in the database server (pg_stat_statements)."""

from collections.abc import Callable

import psycopg

SETTINGS = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.max": "2000"}

_COUNT = """
    SELECT coalesce(sum(s.calls), 0)::int
      FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
     WHERE d.datname = %s AND s.query !~* '^(begin|commit|rollback)( |$)'
       AND s.query NOT LIKE 'SELECT %% FROM ONLY %% FOR KEY SHARE OF x'
"""


class StatementCounter:
    """Counts what the market's database is asked; `url` must lead to another database."""

    def __init__(self, url: str, *, database: str) -> None:
        self._url = url
        self._database = database
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def each(self, deed: Callable[[], None], *, times: int) -> float:
        """Return how many statements one `deed` makes, on the mean of `times`.

        BEGIN, COMMIT and ROLLBACK are not counted; savepoints are. What the server asks itself is
        not counted: triggers, and foreign keys, which it checks at the commit. Nobody else may
        use the market meanwhile.
        """
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("SELECT pg_stat_statements_reset()")
            for _ in range(times):
                deed()
            row = connection.execute(_COUNT, [self._database]).fetchone()
        assert row is not None
        return int(row[0]) / times
