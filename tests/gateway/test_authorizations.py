"""One payment is asked for, held or declined once, whatever the issuer does."""

from datetime import timedelta

import pytest

from niaga.gateway.authorize import ISSUER_TIMEOUT_S
from niaga.gateway.commands.admit_authorization import XidReused, admit_authorization
from niaga.gateway.commands.decide_authorization import IssuerAnswer, decide_authorization
from niaga.gateway.issuer.messages import on_the_line, request_of
from niaga.gateway.models import Authorization, IssuerMessage
from niaga.kernel.money import Money
from niaga.ledger.holds import held
from niaga.ledger.models import Hold
from niaga.ledger.posting import AccountKey
from tests.gateway.worlds import (
    DEAF,
    LATE,
    POOR,
    REFUSING,
    SILENT,
    TOO_LATE,
    Shop,
    assert_books_agree,
    random_hash,
    row_of,
    seal,
)

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=1)


def test_an_approved_payment_holds_the_money_on_both_sides(bank):
    shop = Shop.open(bank)
    facts = shop.authorize(100_000)
    assert (facts.state, facts.reason) == ("approved", "")
    assert facts.answer
    assert held(AccountKey("cardholder", shop.instrument_id)) == Money.of(100_000)
    assert held(AccountKey("merchant_clearing", shop.merchant_id)) == Money.of(100_000)
    assert_books_agree(bank)


@pytest.mark.parametrize(
    ("pan", "reason"), [(REFUSING, "refused_by_issuer"), (POOR, "insufficient_funds")]
)
def test_a_declined_payment_holds_nothing(bank, pan, reason):
    facts = Shop.open(bank, pan).authorize()
    assert (facts.state, facts.reason) == ("declined", reason)
    assert not Hold.objects.exists()
    assert_books_agree(bank)


def test_a_repetition_gets_the_same_bytes_and_asks_nobody(bank):
    shop = Shop.open(bank)
    asked = shop.ask()
    first = shop.authorize(**_same(asked))
    again = shop.authorize(**_same(asked))
    resigned = shop.authorize(**_same(asked) | {"request_hash": random_hash()})
    assert first.answer == again.answer == resigned.answer
    assert len(shop.line.sent) == 1
    assert Hold.objects.count() == 1


def _same(asked):
    return {name: getattr(asked, name) for name in ("xid", "ds_hash", "request_hash")}


def test_another_signature_under_the_same_xid_is_refused_and_changes_nothing(bank):
    shop = Shop.open(bank)
    first = shop.authorize()
    with pytest.raises(XidReused):
        shop.authorize(999_000, xid=first.xid)
    assert Authorization.objects.get().amount_minor == Money.of(100_000).minor
    assert len(shop.line.sent) == 1
    assert_books_agree(bank)


@pytest.mark.parametrize("pan", [SILENT, DEAF, TOO_LATE])
def test_silence_declines_and_the_issuer_lets_go(bank, pan):
    shop = Shop.open(bank, pan)
    facts = shop.authorize()
    assert (facts.state, facts.reason) == ("declined", "issuer_unavailable")
    assert not Hold.objects.exists()
    shop.round()
    assert [message.kind for message in shop.line.sent] == ["0100", "0400"]
    assert not IssuerMessage.objects.filter(state="due").exists()
    assert_books_agree(bank)


def test_a_late_answer_within_the_budget_counts(bank):
    assert ISSUER_TIMEOUT_S > 2
    assert Shop.open(bank, LATE).authorize().state == "approved"


def test_an_issuer_that_was_never_reached_needs_no_reversal(bank):
    shop = Shop.open(bank)
    shop.line.cut = True
    assert shop.authorize().reason == "issuer_unavailable"
    assert not IssuerMessage.objects.filter(kind="0400").exists()
    assert_books_agree(bank)


def test_a_reversal_is_repeated_until_it_is_answered(bank):
    shop = Shop.open(bank, SILENT)
    shop.authorize()
    shop.line.loses_answers = True
    for minutes in range(1, 4):
        shop.round(timedelta(minutes=minutes))
    shop.line.loses_answers = False
    shop.round(timedelta(hours=1))
    kinds = [message.kind for message in shop.line.sent]
    assert kinds == ["0100", "0400", "0401", "0401", "0401"]
    assert len({message.trace for message in shop.line.sent[1:]}) == 1
    assert_books_agree(bank)


def test_a_reversal_that_overtakes_its_request_still_wins(bank):
    shop = Shop.open(bank, DEAF)
    shop.authorize()
    shop.round()
    request = shop.line.sent[0]
    late = bank.answer(request)
    assert late.message.response != "00"
    assert_books_agree(bank)


def test_what_a_dead_asker_left_is_declined_and_reversed(bank):
    shop = Shop.open(bank)
    admission = admit_authorization(asked=shop.ask(), seal=seal)
    assert admission.request
    assert shop.round() == 0, "somebody may still be asking"
    shop.round(LATER)
    row = row_of(admission.facts)
    assert (row.state, row.reason) == ("declined", "issuer_unavailable")
    assert [message.kind for message in shop.line.sent] == ["0400"]
    assert_books_agree(bank)


def test_an_asker_that_comes_back_after_the_worker_decided_changes_nothing(bank):
    shop = Shop.open(bank)
    admission = admit_authorization(asked=shop.ask(), seal=seal)
    shop.round(LATER)
    decided = row_of(admission.facts)
    late = decide_authorization(
        authorization_id=decided.id, answer=IssuerAnswer("00", "123456"), seal=seal
    )
    assert (late.state, late.answer) == ("declined", decided.answer)
    assert not Hold.objects.exists()
    assert_books_agree(bank)


def test_while_the_issuer_is_asked_a_repetition_waits_without_an_answer(bank):
    shop = Shop.open(bank)
    asked = shop.ask()
    admit_authorization(asked=asked, seal=seal)
    again = admit_authorization(asked=asked, seal=seal)
    assert (again.request, again.facts.state, again.facts.answer) == (None, "authorizing", "")


def test_a_reversal_for_an_unseen_payment_lets_it_be_declined_when_it_comes(bank):
    shop = Shop.open(bank)
    asked = shop.ask()
    assert shop.reverse(asked.xid)["refused"] == ""
    facts = shop.authorize(**_same(asked))
    again = shop.authorize(**_same(asked))
    assert (facts.state, facts.reason, facts.answer) == ("voided", "voided", again.answer)
    with pytest.raises(XidReused):
        shop.authorize(xid=asked.xid)
    assert not shop.line.sent
    assert_books_agree(bank)


def test_a_reversal_while_the_issuer_is_asked_voids_and_reaches_the_issuer_after_it(bank):
    shop = Shop.open(bank)
    admission = admit_authorization(asked=shop.ask(), seal=seal)
    shop.reverse(admission.facts.xid)
    assert shop.round() == 0, "the request is not answered yet"
    told = shop.line.ask(_request(admission.facts.authorization_id), timeout_s=ISSUER_TIMEOUT_S)
    facts = decide_authorization(
        authorization_id=admission.facts.authorization_id,
        answer=IssuerAnswer(told.response, told.approval),
        seal=seal,
    )
    assert facts.state == "voided"
    assert facts.answer
    shop.round()
    assert [message.kind for message in shop.line.sent] == ["0100", "0400"]
    assert_books_agree(bank)


def _request(authorization_id):
    return on_the_line(request_of(Authorization.objects.get(pk=authorization_id)))
