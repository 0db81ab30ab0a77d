"""What follows an authorization: parts taken, given back, undone, within what is live."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from niaga.gateway.commands.perform_operation import RequestReused
from niaga.gateway.models import Authorization, Capture, Credit, IssuerMessage, Operation
from niaga.gateway.references import reference
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.holds import held
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance
from niaga.protocol.messages import operations as messages
from tests.gateway.worlds import FORGETFUL, Shop, assert_books_agree, random_hash, row_of

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def shop(bank):
    return Shop.open(bank)


def owed(shop):
    return balance(AccountKey("merchant_clearing", shop.merchant_id))


def still_held(shop):
    return held(AccountKey("merchant_clearing", shop.merchant_id))


def settled(shop):
    """Everything was told; both sides agree."""
    shop.round(timedelta(hours=1))
    assert not IssuerMessage.objects.filter(state__in=["due", "refused"]).exists()
    assert_books_agree(shop.bank)


def test_parts_are_captured_until_nothing_is_left(shop):
    facts = shop.authorize(100_000)
    assert shop.capture(facts, 30_000)["refused"] == ""
    assert shop.capture(facts, 70_000)["refused"] == ""
    assert row_of(facts).state == "captured"
    assert shop.capture(facts, 1)["refused"] == "amount_exceeds_authorised"
    assert (owed(shop), still_held(shop)) == (Money.of(100_000), Money.zero())
    settled(shop)


def test_more_than_is_live_is_not_captured(shop):
    facts = shop.authorize(100_000)
    shop.reverse(facts.xid, 60_000)
    assert shop.capture(facts, 40_001)["refused"] == "amount_exceeds_authorised"
    assert not Capture.objects.exists()
    assert (owed(shop), still_held(shop)) == (Money.zero(), Money.of(40_000))
    settled(shop)


def test_a_refusal_is_for_good(shop):
    facts = shop.authorize(100_000)
    shop.capture(facts, 90_000)
    auth_id = reference(facts.authorization_id)
    too_much = shop.order(messages.Capture, facts.xid, auth_id=auth_id, rupiah=20_000)
    mark = random_hash()
    first = shop.perform(too_much, mark)
    made = Capture.objects.get()
    shop.undo_capture(facts, made.id, 90_000)
    assert shop.perform(too_much, mark) == first
    assert first["refused"] == "amount_exceeds_authorised"
    settled(shop)


def test_a_repetition_gets_the_same_bytes_and_moves_nothing(shop):
    facts = shop.authorize(100_000)
    auth_id = reference(facts.authorization_id)
    order = shop.order(messages.Capture, facts.xid, auth_id=auth_id, rupiah=30_000)
    mark = random_hash()
    assert shop.perform(order, mark) == shop.perform(order, mark)
    assert owed(shop) == Money.of(30_000)
    with pytest.raises(RequestReused):
        shop.perform(order, random_hash())
    settled(shop)


def test_a_number_counts_once_within_a_payment(shop):
    facts = shop.authorize(100_000)
    auth_id = reference(facts.authorization_id)
    for expected in ("", "sequence_conflict"):
        order = shop.order(messages.Capture, facts.xid, auth_id=auth_id, rupiah=30_000, seq=7)
        assert shop.perform(order)["refused"] == expected
    assert owed(shop) == Money.of(30_000)
    settled(shop)


def test_an_operation_on_another_payment_is_unknown(shop):
    first, second = shop.authorize(), shop.authorize()
    made = shop.capture(first, 50_000)["operation_id"]
    assert shop.credit(second, made, 50_000)["refused"] == "unknown_reference"
    assert shop.undo_capture(second, made, 50_000)["refused"] == "unknown_reference"
    auth_id = reference(second.authorization_id)
    crossed = shop.order(messages.Capture, first.xid, auth_id=auth_id, rupiah=1_000)
    assert shop.perform(crossed)["refused"] == "unknown_reference"
    assert not Credit.objects.exists()
    settled(shop)


def test_a_capture_of_what_was_never_seen_is_unknown(shop):
    order = shop.order(messages.Capture, "A" * 27, auth_id="A" * 22, rupiah=1_000)
    assert shop.perform(order)["refused"] == "unknown_reference"
    assert not Authorization.objects.exists()


def test_a_reversed_capture_is_held_again(shop):
    facts = shop.authorize(100_000)
    made = shop.capture(facts, 100_000)["operation_id"]
    assert shop.undo_capture(facts, made, 99_000)["refused"] == "amount_differs"
    assert shop.undo_capture(facts, made, 100_000)["refused"] == ""
    assert shop.undo_capture(facts, made, 100_000)["refused"] == "already_reversed"
    assert (owed(shop), still_held(shop)) == (Money.zero(), Money.of(100_000))
    assert row_of(facts).state == "approved"
    settled(shop)


def test_a_capture_reversed_after_the_time_is_let_go(shop):
    facts = shop.authorize(100_000)
    made = shop.capture(facts, 100_000)["operation_id"]
    with clock.at(clock.now() + WEEK):
        assert shop.undo_capture(facts, made, 100_000)["refused"] == ""
    row = row_of(facts)
    assert (row.state, row.released_minor) == ("expired", Money.of(100_000).minor)
    shop.round(WEEK)
    assert_books_agree(shop.bank)


def test_credits_stay_within_their_capture(shop):
    facts = shop.authorize(100_000)
    small = shop.capture(facts, 30_000)["operation_id"]
    shop.capture(facts, 70_000)
    assert shop.credit(facts, small, 20_000)["refused"] == ""
    assert shop.credit(facts, small, 10_001)["refused"] == "amount_exceeds_captured"
    assert shop.undo_capture(facts, small, 30_000)["refused"] == "not_in_this_state"
    assert owed(shop) == Money.of(80_000)
    settled(shop)


def test_a_reversed_credit_is_the_merchants_again(shop):
    facts = shop.authorize(100_000)
    made = shop.capture(facts, 100_000)["operation_id"]
    given = shop.credit(facts, made, 40_000)["operation_id"]
    assert shop.undo_credit(facts, given, 40_000)["refused"] == ""
    assert shop.undo_credit(facts, given, 40_000)["refused"] == "already_reversed"
    assert owed(shop) == Money.of(100_000)
    settled(shop)


def test_the_whole_rest_is_reversed_and_once_more_changes_nothing(shop):
    facts = shop.authorize(100_000)
    shop.capture(facts, 25_000)
    assert shop.reverse(facts.xid)["refused"] == ""
    assert shop.reverse(facts.xid)["refused"] == ""
    assert shop.capture(facts, 1_000)["refused"] == "amount_exceeds_authorised"
    assert (owed(shop), still_held(shop)) == (Money.of(25_000), Money.zero())
    assert row_of(facts).state == "reversed"
    settled(shop)


def test_a_hold_expires_when_nobody_captures(shop):
    facts = shop.authorize(100_000)
    shop.capture(facts, 25_000)
    shop.round(WEEK - timedelta(minutes=1))
    assert row_of(facts).state == "approved"
    shop.round(WEEK)
    assert (row_of(facts).state, still_held(shop)) == ("expired", Money.zero())
    assert_books_agree(shop.bank)


def test_expiry_is_judged_at_admission_whether_or_not_the_worker_came(shop):
    facts = shop.authorize(100_000)
    with clock.at(facts.expires_at):
        assert shop.capture(facts, 1_000)["refused"] == "authorization_expired"
    assert not Capture.objects.exists()
    assert still_held(shop) == Money.of(100_000)


def test_an_issuer_that_forgets_to_answer_is_told_again_and_acts_once(bank):
    shop = Shop.open(bank, FORGETFUL)
    facts = shop.authorize(100_000)
    made = shop.capture(facts, 60_000)["operation_id"]
    shop.credit(facts, made, 10_000)
    for minutes in range(1, 8):
        shop.round(timedelta(minutes=minutes))
    assert not IssuerMessage.objects.filter(state="due").exists()
    assert [m.kind for m in shop.line.sent] == ["0100", "0220", "0221", "0220", "0221"]
    assert_books_agree(bank)


@pytest.mark.parametrize(
    "change",
    [
        {"captured_minor": 10_000_001},
        {"captured_minor": 5_000_000, "released_minor": 5_000_001},
        {"credited_minor": 1},
        {"captured_minor": -1},
        {"hold_id": None},
        {"state": "declined"},
    ],
)
def test_the_database_refuses_impossible_amounts(shop, change):
    facts = shop.authorize(100_000)
    with pytest.raises(IntegrityError), transaction.atomic():
        Authorization.objects.filter(pk=facts.authorization_id).update(**change)


def entries_of(shop):
    return [
        messages.Entry(kind=o.kind, id=reference(o.id), minor=o.amount_minor)
        for o in Operation.objects.filter(refused="", amount_minor__gt=0).order_by("id")
    ]


def test_books_that_agree_are_settled_once(shop):
    facts = shop.authorize(100_000)
    made = shop.capture(facts, 60_000)["operation_id"]
    shop.credit(facts, made, 10_000)
    shop.reverse(facts.xid)
    entries = entries_of(shop)
    assert shop.batch(*entries)["differences"] == []
    assert shop.batch(*entries)["agreed"] == len(entries) == 3
    settlement = AccountKey("merchant_settlement", shop.merchant_id)
    assert (balance(settlement), owed(shop)) == (Money.of(50_000), Money.zero())
    settled(shop)


def test_what_differs_stays_in_clearing_and_is_a_task(shop):
    facts = shop.authorize(100_000)
    for rupiah in (10_000, 20_000, 30_000):
        shop.capture(facts, rupiah)
    first, second, _ = entries_of(shop)
    wrong = messages.Entry(kind="capture", id=second.id, minor=second.minor + 1)
    stranger = messages.Entry(kind="credit", id="A" * 22, minor=5)
    answer = shop.batch(first, wrong, stranger)
    assert answer["agreed"] == 1
    assert sorted(d["problem"] for d in answer["differences"]) == [
        "amount",
        "unknown_to_gateway",
        "unknown_to_merchant",
    ]
    settlement = AccountKey("merchant_settlement", shop.merchant_id)
    assert (balance(settlement), owed(shop)) == (Money.of(10_000), Money.of(50_000))
    settled(shop)


def test_what_a_batch_took_up_is_not_undone(shop):
    facts = shop.authorize(100_000)
    made = shop.capture(facts, 60_000)["operation_id"]
    shop.batch(*entries_of(shop))
    assert shop.undo_capture(facts, made, 60_000)["refused"] == "not_in_this_state"
    assert Capture.objects.get().reversed_at is None
    assert shop.credit(facts, made, 60_000)["refused"] == ""
    shop.batch(*entries_of(shop))
    assert balance(AccountKey("merchant_settlement", shop.merchant_id)) == Money.zero()
    settled(shop)
