"""How fast the ledger takes entries, sellers are paid, and a long statement is read.

The lines are made by SQL, spread over a year; everything measured is the market's own code, in one
process with one connection. Beside each stands `pgbench` with the least statements of the same.
"""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from niaga.project.bench.load import Figure
from niaga.project.bench.money_filling import SELLERS, fill_escrow, fill_statement
from niaga.project.bench.pgbench import Pgbench
from niaga.project.database import DATABASE, embedded_folder
from niaga.project.postgres import EmbeddedServer

PAGES = 50
LIMIT = "pgbench"
_KEYS = r"""
\set a random(1, 1000000000)
BEGIN;
SELECT id FROM ledger_account WHERE kind = 'bank' AND owner_id IS NULL AND currency = 'IDR';
INSERT INTO ledger_journalentry (id, kind, cause_id, posted_at)
  VALUES (gen_random_uuid(), 'bench', gen_random_uuid(), now()) RETURNING id AS entry \gset
INSERT INTO ledger_transfer (id, entry_id, debit_id, credit_id, amount_minor, currency)
  VALUES (gen_random_uuid(), :entry, '{debit}', '{credit}', :a, 'IDR');
COMMIT;
"""
_PAGE = """
SELECT s.id, e.posted_at, e.kind, e.cause_id, s.minor FROM (
  SELECT * FROM ((SELECT id, entry_id, amount_minor AS minor FROM ledger_transfer
      WHERE debit_id = '{account}' ORDER BY id DESC LIMIT 26)
    UNION ALL (SELECT id, entry_id, -amount_minor FROM ledger_transfer
      WHERE credit_id = '{account}' ORDER BY id DESC LIMIT 26)) line
  ORDER BY id DESC LIMIT 26) s JOIN ledger_journalentry e ON e.id = s.entry_id ORDER BY s.id DESC;
"""
# The least that paying everyone can do: the parts change hands, each seller's line is written.
_PAYING = """
BEGIN;
WITH taken AS (
  UPDATE money_escrow SET state = 'paid_out', payout_id = gen_random_uuid()
   WHERE state = 'releasable' RETURNING cause_id)
INSERT INTO plumbing_storedevent (id, type, flow, audience, subject_id, payload, actor_role,
    occurred_at)
  SELECT gen_random_uuid(), 'PayoutPrepared', 'money', '{seller}', cause_id, '{}', 'system', now()
    FROM (SELECT DISTINCT cause_id FROM taken) orders;
ROLLBACK;
"""


@dataclass(frozen=True, slots=True)
class PayoutFigure:
    """A run over `parts` of orders: how long it took, beside the limit, and the memory it took."""

    parts: int
    payouts: int
    seconds: float
    limit_s: float
    rss_start_mib: float
    rss_peak_mib: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured; `figures` in pairs, ours and the limit's."""

    figures: tuple[Figure, ...]
    run: PayoutFigure
    lines: int


def measure_money(lines: int, *, seconds: float, say: Callable[[str], None]) -> Found:
    """Measure appends, a payout run over `lines` parts, and a statement of `lines` lines."""
    figures: list[Figure] = []
    say("ledger appends")
    figures += _appends(seconds)
    say(f"a statement of {lines:,} lines")
    figures += _statement(lines, seconds)
    say(f"a payout run over {lines:,} parts")
    return Found(tuple(figures), _payouts(lines), lines)


def _appends(seconds: float) -> list[Figure]:
    from niaga.kernel.ids import new_id
    from niaga.kernel.money import Money
    from niaga.ledger.posting import AccountKey, Movement, Posting, ensure_accounts, post
    from niaga.plumbing.command import command

    bank, earned = AccountKey("bank"), AccountKey("commission")

    @command
    def append() -> None:
        post(Posting("bench", new_id(), (Movement(bank, earned, Money.of(1)),)))

    append()
    ours = _timed("append an entry", append, seconds=seconds)
    accounts = ensure_accounts({(bank, "IDR"), (earned, "IDR")})
    script = _KEYS.format(debit=accounts[bank, "IDR"], credit=accounts[earned, "IDR"])
    return [ours, _pgbench("append an entry", script, seconds)]


def _statement(lines: int, seconds: float) -> list[Figure]:
    from niaga.kernel.ids import new_id
    from niaga.ledger.commands.carry_balances import carry_balances_forward
    from niaga.ledger.posting import AccountKey
    from niaga.ledger.queries import balance
    from niaga.ledger.statements import statement_page

    key = AccountKey("seller_payable", new_id())
    account_id = fill_statement(key, lines)
    carry_balances_forward()

    def last_page() -> None:
        statement_page(key, limit=25, after=UUID(int=1))

    return [
        _timed("statement, first page", lambda: statement_page(key, limit=25), times=PAGES),
        _pgbench("statement, first page", _PAGE.format(account=account_id), seconds),
        _timed("statement, last page", last_page, times=PAGES),
        _timed("balance", lambda: balance(key), times=PAGES),
    ]


def _payouts(parts: int) -> PayoutFigure:
    from niaga.flows.money.paying_out import run_payouts
    from niaga.kernel.actor import Actor

    fill_escrow(parts)
    limit = _pgbench("payout run", _PAYING, transactions=1)
    start = _rss_mib()
    began = time.perf_counter()
    made = run_payouts(actor=Actor.system())
    took = time.perf_counter() - began
    assert made.payouts == min(SELLERS, parts), "somebody was not paid"
    return PayoutFigure(parts, made.payouts, took, limit.p50_ms / 1000, start, _peak_mib())


def _timed(what: str, act: Callable[[], object], *, seconds: float = 0, times: int = 1) -> Figure:
    """Do it `times` times, and on until so many seconds have passed."""
    took_ms: list[float] = []
    began = time.perf_counter()
    while len(took_ms) < times or time.perf_counter() - began < seconds:
        one = time.perf_counter()
        act()
        took_ms.append(1000 * (time.perf_counter() - one))
    return Figure.of(what, took_ms, seconds=time.perf_counter() - began)


def _pgbench(what: str, script: str, seconds: float = 0, *, transactions: int = 0) -> Figure:
    """Run the script on one connection, for a time or a number of times. Raises as `run` does."""
    limit = Pgbench(EmbeddedServer(embedded_folder()).socket_folder(), DATABASE)
    return limit.run(script, what=f"{what} ({LIMIT})", seconds=seconds, transactions=transactions)


def _rss_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
