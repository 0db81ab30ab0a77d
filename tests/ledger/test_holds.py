"""Holds end once, in one of three ways, and what is written stays."""

from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.ledger.holds import expire_hold, held, hold, post_hold, void_hold
from niaga.ledger.models import Hold, HoldEnd, JournalEntry
from niaga.ledger.posting import AccountKey, Movement
from niaga.ledger.queries import balance
from niaga.plumbing.command import in_one_transaction

pytestmark = pytest.mark.django_db

BANK, ESCROW = AccountKey("bank"), AccountKey("escrow", new_id())


def make_hold(rupiah: int = 100_000) -> UUID:
    movement = Movement(BANK, ESCROW, Money.of(rupiah))
    return in_one_transaction(
        lambda: hold(kind="authorization", cause_id=new_id(), movement=movement)
    )


def test_a_hold_moves_nothing():
    make_hold()
    assert (held(BANK), held(ESCROW)) == (Money.of(100_000), Money.of(100_000))
    assert balance(ESCROW) == Money.zero()


def test_a_hold_posted_whole_leaves_nothing_held():
    assert post_hold(
        hold_id=make_hold(), kind="capture", cause_id=new_id(), amount=Money.of(100_000)
    ) is None  # fmt: skip
    assert (balance(ESCROW), held(ESCROW)) == (Money.of(100_000), Money.zero())


def test_a_hold_posted_in_part_is_followed_by_the_rest():
    rest = post_hold(
        hold_id=make_hold(), kind="capture", cause_id=new_id(), amount=Money.of(30_000)
    )
    assert rest is not None
    assert (balance(ESCROW), held(ESCROW)) == (Money.of(30_000), Money.of(70_000))
    void_hold(hold_id=rest)
    assert (balance(ESCROW), held(ESCROW)) == (Money.of(30_000), Money.zero())


def test_more_than_is_held_is_not_posted():
    hold_id = make_hold()
    with pytest.raises(ValueError, match="smaller"):
        post_hold(hold_id=hold_id, kind="capture", cause_id=new_id(), amount=Money.of(100_001))
    assert not JournalEntry.objects.exists()
    assert held(BANK) == Money.of(100_000)


@pytest.mark.parametrize("end", [void_hold, expire_hold])
def test_a_hold_ends_once(end):
    hold_id = make_hold()
    end(hold_id=hold_id)
    for again in (void_hold, expire_hold):
        with pytest.raises(IntegrityError), transaction.atomic():
            again(hold_id=hold_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        post_hold(hold_id=hold_id, kind="capture", cause_id=new_id(), amount=Money.of(1))
    assert HoldEnd.objects.count() == 1
    assert (held(BANK), balance(BANK)) == (Money.zero(), Money.zero())


def test_holds_and_their_ends_stay_as_they_were_written():
    hold_id = make_hold()
    void_hold(hold_id=hold_id)
    for change in (
        lambda: Hold.objects.update(amount_minor=1),
        lambda: HoldEnd.objects.update(outcome="expired"),
        lambda: HoldEnd.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
