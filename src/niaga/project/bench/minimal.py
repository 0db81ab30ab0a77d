"""A yardstick: `pgbench` running the least a checkout can do in the same database server.

One order of one line: order, line, payment, two ledger rows, an event, and the stock last, because
its lock is the one that others wait for. Ten thousand products, as in the market beside it.
"""

import time
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql

from niaga.project.bench.load import Figure
from niaga.project.bench.pgbench import Pgbench
from niaga.project.bench.processor import Meter

DATABASE = "bench_minimal"
SETTLED_S = 0.2  # until the database server has counted the connections that just ended
WHAT = "minimal transaction (pgbench)"

TABLES = """
    CREATE TABLE stock (sku int PRIMARY KEY, on_hand int NOT NULL, reserved int NOT NULL DEFAULT 0,
                        CHECK (reserved BETWEEN 0 AND on_hand));
    CREATE TABLE stock_bucket (sku int, bucket int, on_hand int NOT NULL,
                               reserved int NOT NULL DEFAULT 0, PRIMARY KEY (sku, bucket),
                               CHECK (reserved BETWEEN 0 AND on_hand));
    CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                         total bigint NOT NULL, placed_at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE order_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                             order_id bigint NOT NULL REFERENCES orders, sku int NOT NULL,
                             quantity int NOT NULL, price bigint NOT NULL);
    CREATE TABLE payment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                          order_id bigint NOT NULL REFERENCES orders, amount bigint NOT NULL,
                          state text NOT NULL);
    CREATE TABLE ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                         order_id bigint NOT NULL REFERENCES orders, account text NOT NULL,
                         amount bigint NOT NULL);
    CREATE TABLE event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                        subject_id bigint NOT NULL, type text NOT NULL, payload jsonb NOT NULL,
                        at timestamptz NOT NULL DEFAULT now());
"""

TRANSACTION = r"""
\set sku random(1, :products)
\set price random(10000, 500000)
BEGIN;
INSERT INTO orders (total) VALUES (:price) RETURNING id AS order_id \gset
INSERT INTO order_line (order_id, sku, quantity, price) VALUES (:order_id, :sku, 1, :price);
INSERT INTO payment (order_id, amount, state) VALUES (:order_id, :price, 'pending');
INSERT INTO ledger (order_id, account, amount)
  VALUES (:order_id, 'buyer', 0 - :price::bigint), (:order_id, 'escrow', :price);
INSERT INTO event (subject_id, type, payload) VALUES (:order_id, 'OrderPlaced', '{"lines": 1}');
UPDATE stock SET reserved = reserved + 1 WHERE sku = :sku AND on_hand - reserved >= 1;
COMMIT;
"""

# The same where the product's stock lies in buckets: any that nobody holds will do.
BUCKETED = TRANSACTION.replace(
    "UPDATE stock SET reserved = reserved + 1 WHERE sku = :sku AND on_hand - reserved >= 1;",
    "UPDATE stock_bucket SET reserved = reserved + 1 WHERE (sku, bucket) = ("
    " SELECT sku, bucket FROM stock_bucket WHERE sku = :sku AND on_hand - reserved >= 1"
    " ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED);",
)
BUCKETS = 16


class MinimalShop:
    """The yardstick's own database on the server that listens in `socket_folder`."""

    def __init__(self, socket_folder: Path, *, products: int) -> None:
        self._host = socket_folder
        self._products = products
        with self._connect("postgres") as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with self._connect(DATABASE) as connection:
            connection.execute(TABLES)
            connection.execute(
                "INSERT INTO stock (sku, on_hand) SELECT n, 1000000 FROM generate_series(1, %s) n",
                [products],
            )
            connection.execute(
                "INSERT INTO stock_bucket (sku, bucket, on_hand)"
                " SELECT 1, n, 1000000 FROM generate_series(1, %s) n",
                [BUCKETS],
            )
            connection.execute("ANALYZE")

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._host), user="postgres", dbname=database, autocommit=True
        )

    def run(
        self, *, buyers: int, seconds: float, meter: Meter, transaction: str = TRANSACTION
    ) -> Figure:
        """Run the transaction with `buyers` connections, prepared statements, two threads.

        `meter` reads the database server's processor time.

        Raises:
            Problem: pgbench failed; its own words are in it.
        """
        before = meter.seconds()
        figure = Pgbench(self._host, DATABASE).run(
            transaction,
            what=WHAT,
            buyers=buyers,
            seconds=seconds,
            variables={"products": self._products},
        )
        time.sleep(SETTLED_S)
        after = meter.seconds()
        return replace(
            figure,
            statements=6,
            server_ms=None
            if before is None or after is None
            else (after - before) * 1000 / figure.count,
        )
