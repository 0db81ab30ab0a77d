"""What the simulated issuer does with a message: one transaction of its own file, then an answer.

Accounts behave as told: `decline:CODE`; `late:SECONDS` acts and answers late; `silent` acts and
never answers an authorization; `deaf` does neither; `forgetful` acts upon an advice or reversal at
once, and answers only its repetition.
"""

import hmac
import secrets
import sqlite3
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from niaga.gateway.issuer import iso8583
from niaga.gateway.issuer.iso8583 import Message
from niaga.gateway.issuer_simulator.cards import CARDS, CVC, Card
from niaga.protocol.messages.enrolment import CardData

NO_ORIGINAL, NO_CARD, NO_MONEY, EXPIRED, REVERSED = "25", "14", "51", "54", "12"

_TABLES = """
CREATE TABLE IF NOT EXISTS account (
    reference TEXT PRIMARY KEY, pan TEXT UNIQUE, expiry TEXT, behaviour TEXT,
    opening_minor INTEGER NOT NULL, balance_minor INTEGER NOT NULL, currency TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS payment (
    retrieval TEXT PRIMARY KEY, account TEXT, held_minor INTEGER NOT NULL DEFAULT 0,
    response TEXT NOT NULL, approval TEXT NOT NULL, CHECK (held_minor >= 0));
CREATE TABLE IF NOT EXISTS message (
    kind TEXT, trace TEXT, retrieval TEXT, processing TEXT, amount_minor INTEGER NOT NULL,
    response TEXT NOT NULL, PRIMARY KEY (kind, trace, retrieval));
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and when to give it; None: never."""

    message: Message
    after_s: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Position:
    """What an account owned when it was opened, what it owns, and what of that is held."""

    opening_minor: int
    balance_minor: int
    held_minor: int


class Bank:
    """The accounts in one SQLite file; each message is committed before it is answered.

    Connections to the file are kept: the last one to be closed would empty the journal each time.
    """

    def __init__(self, file: Path, cards: Sequence[Card] = CARDS) -> None:
        self._file = file
        self._kept: deque[sqlite3.Connection] = deque()
        weakref.finalize(self, _close_all, self._kept)
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction() as db:
            for statement in _TABLES.split(";"):
                db.execute(statement)
            db.executemany(
                "INSERT INTO account VALUES (?1, ?2, ?3, ?4, ?5, ?5, 'IDR') ON CONFLICT DO NOTHING",
                [
                    (secrets.token_hex(8), c.pan, c.expiry, c.behaviour, c.balance_minor)
                    for c in cards
                ],
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            db = self._kept.pop()
        except IndexError:  # none is free
            db = self._connect()
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except BaseException:
            db.close()  # and so takes back what was begun
            raise
        self._kept.append(db)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._file, timeout=30, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        # Whoever kills this process loses nothing. Who cuts the power may lose the last messages,
        # which a bank could not afford; this is none, and the wait for the disk is no payment's.
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    def find_account(self, card: CardData) -> str | None:
        """Return the reference of the card's account.

        None: not a card of ours, or not its date, or not its security code.
        """
        if card.cvc is None or not hmac.compare_digest(card.cvc, CVC):
            return None
        with self._transaction() as db:
            row = db.execute(
                "SELECT reference FROM account WHERE pan = ? AND expiry = ?",
                (card.pan, card.expiry),
            ).fetchone()
        return str(row[0]) if row else None

    def position(self, reference: str) -> Position:
        """Return what the account owns and what is held."""
        with self._transaction() as db:
            row = db.execute(
                "SELECT opening_minor, balance_minor,"
                " (SELECT COALESCE(SUM(held_minor), 0) FROM payment"
                " WHERE account = reference) FROM account WHERE reference = ?",
                (reference,),
            ).fetchone()
        return Position(*row)

    def answer(self, asked: Message) -> Reply:
        """Do what is asked, once however often it is asked, and return the reply."""
        if asked.kind == iso8583.NETWORK:
            return Reply(_reply(asked, iso8583.APPROVED))
        with self._transaction() as db:
            account = db.execute(
                "SELECT behaviour FROM account WHERE reference = ?", (asked.account,)
            ).fetchone()
            behaviour = str(account[0]) if account else ""
            if asked.kind == iso8583.AUTHORIZATION:
                return _late(_authorize(db, asked, behaviour), behaviour)
            reply = _once(db, asked)
        if behaviour == "forgetful" and not asked.is_repeat:
            return replace(reply, after_s=None)
        return reply


def _close_all(kept: deque[sqlite3.Connection]) -> None:
    while kept:
        kept.pop().close()


def _late(reply: Reply, behaviour: str) -> Reply:
    if behaviour in {"silent", "deaf"}:
        return replace(reply, after_s=None)
    name, _, value = behaviour.partition(":")
    return replace(reply, after_s=float(value)) if name == "late" else reply


def _authorize(db: sqlite3.Connection, asked: Message, behaviour: str) -> Reply:
    seen = db.execute(
        "SELECT response, approval FROM payment WHERE retrieval = ?", (asked.retrieval,)
    ).fetchone()
    if seen:
        return Reply(_reply(asked, *seen))
    if behaviour == "deaf":
        return Reply(_reply(asked, NO_CARD))
    response = _judge(db, asked, behaviour)
    approved = response == iso8583.APPROVED
    approval = f"{secrets.randbelow(10**6):06}" if approved else ""
    db.execute(
        "INSERT INTO payment VALUES (?, ?, ?, ?, ?)",
        (asked.retrieval, asked.account, asked.amount_minor if approved else 0, response, approval),
    )
    return Reply(_reply(asked, response, approval))


def _judge(db: sqlite3.Connection, asked: Message, behaviour: str) -> str:
    name, _, code = behaviour.partition(":")
    if name == "decline":
        return code
    row = db.execute(
        "SELECT balance_minor - (SELECT COALESCE(SUM(held_minor), 0) FROM payment"
        " WHERE account = reference) FROM account WHERE reference = ? AND currency = ?",
        (asked.account, asked.currency),
    ).fetchone()
    if row is None:
        return NO_CARD
    return iso8583.APPROVED if row[0] >= asked.amount_minor else NO_MONEY


def _once(db: sqlite3.Connection, asked: Message) -> Reply:
    """Act upon an advice or a reversal unless it was acted upon before."""
    kind = f"{asked.kind[:3]}0"
    key = (kind, asked.trace, asked.retrieval)
    seen = db.execute(
        "SELECT response FROM message WHERE kind = ? AND trace = ? AND retrieval = ?", key
    ).fetchone()
    if seen:
        return Reply(_reply(asked, *seen))
    act = {iso8583.ADVICE: _advise, iso8583.REVERSAL: _reverse}.get(kind)
    response = act(db, asked) if act else REVERSED
    db.execute(
        "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)",
        (*key, asked.processing, asked.amount_minor, response),
    )
    return Reply(_reply(asked, response))


def _advise(db: sqlite3.Connection, asked: Message) -> str:
    """Take a captured amount out of what is held, or pay a refund in."""
    if asked.processing == iso8583.REFUND:
        return _pay(db, asked, asked.amount_minor)
    if not _hold(db, asked, -asked.amount_minor):
        return NO_ORIGINAL
    return _pay(db, asked, -asked.amount_minor)


def _reverse(db: sqlite3.Connection, asked: Message) -> str:
    kind, trace = iso8583.original_of(asked)
    if kind == iso8583.AUTHORIZATION:
        return _release(db, asked)
    original = db.execute(
        "SELECT response FROM message WHERE kind = ? AND trace = ? AND retrieval = ?",
        (kind, trace, asked.retrieval),
    ).fetchone()
    if original is None or original[0] != iso8583.APPROVED:
        return NO_ORIGINAL
    if asked.processing == iso8583.REFUND:
        return _pay(db, asked, -asked.amount_minor)
    _hold(db, asked, asked.amount_minor)
    return _pay(db, asked, asked.amount_minor)


def _release(db: sqlite3.Connection, asked: Message) -> str:
    """Let go of what is held; an authorization that comes after its reversal is refused."""
    db.execute(
        "INSERT INTO payment VALUES (?, ?, 0, ?, '') ON CONFLICT DO NOTHING",
        (asked.retrieval, asked.account, REVERSED),
    )
    db.execute(
        "UPDATE payment SET held_minor = MAX(0, held_minor - ?) WHERE retrieval = ?",
        (asked.amount_minor, asked.retrieval),
    )
    return iso8583.APPROVED


def _hold(db: sqlite3.Connection, asked: Message, change_minor: int) -> bool:
    done = db.execute(
        "UPDATE payment SET held_minor = held_minor + ?"
        " WHERE retrieval = ? AND held_minor + ? >= 0",
        (change_minor, asked.retrieval, change_minor),
    )
    return done.rowcount == 1


def _pay(db: sqlite3.Connection, asked: Message, change_minor: int) -> str:
    done = db.execute(
        "UPDATE account SET balance_minor = balance_minor + ? WHERE reference = ?",
        (change_minor, asked.account),
    )
    return iso8583.APPROVED if done.rowcount == 1 else NO_CARD


def _reply(asked: Message, response: str, approval: str = "") -> Message:
    kind = f"{asked.kind[:2]}{int(asked.kind[2]) + 1}0"
    return replace(
        asked, kind=kind, response=response, approval=approval, original="", sealed="", account=""
    )
