"""A statement is the ledger's lines, replayed: whole, in order, with the balance after each."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import CURRENCIES, Money
from niaga.ledger.commands.carry_balances import SETTLED_AFTER, carry_balances_forward
from niaga.ledger.models import CarriedBalance
from niaga.ledger.office_queries import account_balances, count_movements
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.ledger.queries import balance, trial_balance
from niaga.ledger.statements import StatementLine, replayed, statement_page
from niaga.project.audit import run_audit

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
BANK = AccountKey("bank")

# Minutes since the step before, an amount raising (or lowering) the account; None: carry forward.
steps = st.lists(
    st.tuples(st.integers(0, 3000), st.one_of(st.none(), st.integers(-(10**12), 10**12))),
    max_size=25,
)


def move(key: AccountKey, amount: Money) -> None:
    """Raise a liability's balance by the amount, or lower it when that is negative."""
    sides = (BANK, key) if amount.minor >= 0 else (key, BANK)
    with transaction.atomic():
        post(
            Posting(
                "capture", new_id(), (Movement(*sides, Money(abs(amount.minor), amount.currency)),)
            )
        )


def walk(key: AccountKey, currency: str, limit: int) -> list[StatementLine]:
    """All pages from the newest to the oldest, oldest line first; then back the same way."""
    pages = [statement_page(key, currency=currency, limit=limit)]
    while pages[-1].older:
        pages.append(statement_page(key, currency=currency, limit=limit, before=pages[-1].older))
    for newer, older in zip(pages[-2::-1], pages[:0:-1], strict=True):
        back = statement_page(key, currency=currency, limit=limit, after=older.newer)
        # A page that is walked to from below is a full one, and ends where its neighbour began.
        assert back.lines[-1] == newer.lines[-1]
        assert back.lines[-len(newer.lines) :] == newer.lines
    assert pages[0].newer is None
    return [line for page in reversed(pages) for line in reversed(page.lines)]


@settings(max_examples=40, deadline=None)
@given(steps, st.sampled_from(sorted(CURRENCIES)), st.integers(1, 7))
def test_every_way_through_the_pages_replays_the_lines(moves, currency, limit) -> None:
    key, now, amounts = AccountKey("seller_payable", new_id()), MONDAY, []
    with transaction.atomic():
        for minutes, minor in moves:
            now += timedelta(minutes=minutes)
            with clock.at(now):
                if minor is None:
                    carry_balances_forward()
                elif minor:
                    move(key, Money(minor, currency))
                    amounts.append(Money(minor, currency))
        lines = walk(key, currency, limit)
        assert [line.amount for line in lines] == amounts
        sums = list(accumulate(amount.minor for amount in amounts))
        assert [line.balance.minor for line in lines] == sums
        assert [line.posted_at for line in lines] == sorted(line.posted_at for line in lines)
        assert list(replayed(key, currency=currency)) == lines
        standing = Money(sums[-1] if sums else 0, currency)
        assert balance(key, currency) == balance(BANK, currency) == standing
        assert trial_balance(currency).get("seller_payable", Money.zero(currency)) == standing
        assert count_movements("seller_payable", key.owner_id, currency) == len(amounts)
        if amounts:
            assert account_balances("seller_payable", currency)[key.owner_id] == standing
        assert [v for v in run_audit() if v.check.startswith("carried")] == []
        transaction.set_rollback(True)


def test_balances_are_carried_once_and_only_for_what_has_settled() -> None:
    key = AccountKey("seller_payable", new_id())
    with clock.at(MONDAY):
        move(key, Money.of(5))
        assert carry_balances_forward() == 0
    with clock.at(MONDAY + timedelta(seconds=1)):
        move(key, Money.of(7))
    later = MONDAY + SETTLED_AFTER + timedelta(milliseconds=500)
    for carried in (2, 0):  # the bank's side, too
        with clock.at(later):
            assert carry_balances_forward() == carried
    found = CarriedBalance.objects.get(account__owner_id=key.owner_id)
    assert (found.balance_minor, found.lines) == (-Money.of(5).minor, 1)
    assert balance(key) == Money.of(12)
    with clock.at(later + timedelta(days=3)):
        assert carry_balances_forward() == 2
    assert CarriedBalance.objects.filter(account__owner_id=key.owner_id).count() == 2


def test_an_account_without_lines_has_an_empty_statement() -> None:
    key = AccountKey("escrow", new_id())
    assert statement_page(key).lines == ()
    assert list(replayed(key)) == []
    move(key, Money.of(5))
    page = statement_page(key)
    assert (page.older, page.newer) == (None, None)
    # An address made by hand leads to an empty page, not to an error.
    assert statement_page(key, before=UUID(int=0)).lines == ()
    assert statement_page(key, after=UUID(int=(1 << 128) - 1)).lines == ()


def test_a_page_costs_the_same_few_statements_and_both_indexes_serve_it() -> None:
    key = AccountKey("escrow", new_id())
    for rupiah in (5, -3, 2):
        move(key, Money.of(rupiah))
    # Others' lines: among three of one's own any index is as good.
    other = AccountKey("escrow", new_id())
    for _ in range(100):
        move(other, Money.of(1))
    with CaptureQueriesContext(connection) as statements:
        statement_page(key, limit=2)
    assert len(statements) == 3
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_transfer, ledger_journalentry, ledger_account")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + statements[1]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "transfer_debited" in plan
    assert "transfer_credited" in plan
