"""What no authorisation can do without: its signatures, and the least its databases must write.

Counted of the cryptography (ECDSA P-256 with SHA-256, ECDH, AES-256-GCM), between M2 and M5:

- the market verifies the dual signature, signs AuthReq, verifies AuthRes and its receipt, signs
  PRes: 3 verifications, 2 signatures;
- the gateway verifies AuthReq, the dual signature and the passkey, opens the sealed instruction,
  signs receipt and AuthRes: 3 verifications, 2 signatures, 1 key agreement with 1 decryption.

Not counted: certificate chains and status lists (a verified chain is remembered), TLS, parsing.

Counted of the transactions: the market's (bind the offer to the signature; write the approval) and
the gateway's (admit the request and the issuer's message; decide and hold), each committed durably
by the same server. Not counted: the simulated issuer's own database, and the two hops over TLS.
"""

import os
import time
from dataclasses import replace
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from psycopg import sql

from niaga.project.bench.load import Figure
from niaga.project.bench.pgbench import Pgbench

SIGNATURES, VERIFICATIONS = 4, 6
MESSAGE_BYTES, INSTRUCTION_BYTES = 6000, 4096
DATABASE = "bench_authorization"

TABLES = """
    CREATE TABLE payment (id int PRIMARY KEY, state text NOT NULL);
    CREATE TABLE try (id int PRIMARY KEY, payment_id int NOT NULL REFERENCES payment,
                      state text NOT NULL, request text, auth_req text, auth_res text,
                      tries int NOT NULL DEFAULT 0);
    CREATE TABLE escrow (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                         payment_id int NOT NULL REFERENCES payment, amount bigint NOT NULL);
    CREATE TABLE event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                        subject_id bigint NOT NULL, type text NOT NULL, payload jsonb NOT NULL);
    CREATE TABLE asked (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                        merchant int NOT NULL, xid text NOT NULL, state text NOT NULL,
                        amount bigint NOT NULL, answer text, UNIQUE (merchant, xid));
    CREATE TABLE message (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                          asked_id bigint NOT NULL REFERENCES asked, state text NOT NULL);
    CREATE TABLE hold (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                       asked_id bigint NOT NULL REFERENCES asked, account int NOT NULL,
                       amount bigint NOT NULL);
"""
PAYMENTS = 10_000

TRANSACTIONS = r"""
\set id random(1, :payments)
BEGIN;
SELECT state FROM try WHERE id = :id FOR UPDATE;
SELECT state FROM payment WHERE id = :id FOR UPDATE;
UPDATE payment SET state = 'authorizing' WHERE id = :id;
UPDATE try SET state = 'requested', tries = 1, request = repeat('r', 6000),
  auth_req = repeat('q', 6000) WHERE id = :id;
COMMIT;
BEGIN;
INSERT INTO asked (merchant, xid, state, amount)
  VALUES (1, gen_random_uuid()::text, 'authorizing', 10000) RETURNING id AS asked_id \gset
INSERT INTO message (asked_id, state) VALUES (:asked_id, 'due') RETURNING id AS message_id \gset
COMMIT;
BEGIN;
SELECT state FROM asked WHERE id = :asked_id FOR UPDATE;
UPDATE message SET state = 'accepted' WHERE id = :message_id;
INSERT INTO hold (asked_id, account, amount) VALUES (:asked_id, 1, 10000);
UPDATE asked SET state = 'approved', answer = repeat('a', 6000) WHERE id = :asked_id;
COMMIT;
BEGIN;
UPDATE try SET state = 'approved', auth_res = repeat('a', 6000) WHERE id = :id;
UPDATE payment SET state = 'authorized' WHERE id = :id;
INSERT INTO escrow (payment_id, amount) VALUES (:id, 10000);
INSERT INTO event (subject_id, type, payload) VALUES (:id, 'PaymentAuthorized', '{}');
COMMIT;
"""
STATEMENTS = 14


CONSISTS_OF = (
    f"{SIGNATURES} signatures, {VERIFICATIONS} verifications, 1 key agreement and 1 decryption; "
    f"4 durable transactions with {STATEMENTS} statements (two the market's, two the gateway's)"
)


class Cryptography:
    """Does exactly one authorisation's cryptography, with nothing around it."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._public = self._key.public_key()
        self._other = ec.generate_private_key(ec.SECP256R1()).public_key()
        self._hash = ec.ECDSA(hashes.SHA256())
        self._message = os.urandom(MESSAGE_BYTES)
        self._signature = self._key.sign(self._message, self._hash)
        self._nonce = os.urandom(12)
        cipher = AESGCM(self._shared())
        self._sealed = cipher.encrypt(self._nonce, os.urandom(INSTRUCTION_BYTES), None)

    def run(self, *, times: int) -> Figure:
        """Return the processor time of one authorisation's, in this thread, of so many."""
        self._once()
        took_ms, begun = [], time.perf_counter()
        for _ in range(times):
            start = time.thread_time()
            self._once()
            took_ms.append((time.thread_time() - start) * 1000)
        what = "its cryptography (processor time)"
        return Figure.of(what, took_ms, seconds=time.perf_counter() - begun)

    def _once(self) -> None:
        for _ in range(SIGNATURES):
            self._key.sign(self._message, self._hash)
        for _ in range(VERIFICATIONS):
            self._public.verify(self._signature, self._message, self._hash)
        AESGCM(self._shared()).decrypt(self._nonce, self._sealed, None)

    def _shared(self) -> bytes:
        agreed = self._key.exchange(ec.ECDH(), self._other)
        return ConcatKDFHash(hashes.SHA256(), 32, b"A256GCM").derive(agreed)


class MinimalBank:
    """The transactions' own database, on the server that listens in `socket_folder`."""

    def __init__(self, socket_folder: Path) -> None:
        self._host = socket_folder
        with self._connect("postgres") as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with self._connect(DATABASE) as connection:
            connection.execute(TABLES)
            numbers = "SELECT n, {} FROM generate_series(1, %s) n"
            connection.execute(f"INSERT INTO payment {numbers.format("'pending'")}", [PAYMENTS])
            connection.execute(
                f"INSERT INTO try (id, payment_id, state) {numbers.format("n, 'offered'")}",
                [PAYMENTS],
            )
            connection.execute("ANALYZE")

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._host), user="postgres", dbname=database, autocommit=True
        )

    def run(self, *, buyers: int, payments: int) -> Figure:
        """Run all four transactions of so many payments, with `buyers` connections.

        Raises:
            Problem: pgbench failed; its own words are in it.
        """
        figure = Pgbench(self._host, DATABASE).run(
            TRANSACTIONS,
            what="its transactions (pgbench)",
            buyers=buyers,
            transactions=max(1, payments // buyers),
            variables={"payments": PAYMENTS},
        )
        return replace(figure, statements=STATEMENTS)
