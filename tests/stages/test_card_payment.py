"""A purchase is paid by card: approved, declined, unanswered; held once or not at all."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from niaga.flows.goods.models import Reservation
from niaga.flows.money.card import offers
from niaga.flows.money.commands.keep_offer import NotPayable
from niaga.flows.money.commands.open_payment import MethodUnknown
from niaga.flows.money.commands.request_authorization import OfferAnswered
from niaga.flows.money.models import Authorization, Capture, Escrow, GatewayOperation
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.models import Transfer
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.states import TransitionRefused
from niaga.protocol.errors import MismatchError, ProtocolError, StaleError
from niaga.protocol.gateway.authorization import Decision
from niaga.stages.ordering import paying
from niaga.stages.ordering.commands.cancel_order import (
    cancel_purchase,
    expire_purchase,
    purchases_to_expire,
)
from niaga.stages.ordering.commands.change_method import pay_another_way
from niaga.stages.ordering.models import OrderLine
from niaga.stages.ordering.paying import OfferUnknown
from tests.support.audit import assert_flows_agree
from tests.support.bank import Line, cut
from tests.support.cards import (
    offer,
    pay_by_card,
    payment_of,
    place_by_card,
    send,
    tell_bank,
)
from tests.support.sent import sent
from tests.support.worlds import (
    make_basket,
    make_company,
    make_goods,
    make_voucher,
    orders_of,
    place,
)

pytestmark = pytest.mark.django_db
BUYER = Actor.guest()


def lost_once(path: str):
    """Return what loses the answer of the first call to `path`."""
    calls = []

    def lose(called: str) -> None:
        if called == path and not calls:
            calls.append(called)
            cut()(called)

    return lose


def attempt(placed) -> Authorization:
    return Authorization.objects.get(payment=payment_of(placed))


def events(placed) -> list[str]:
    rows = StoredEvent.objects.filter(subject_id=placed.purchase_id, flow="money")
    return list(rows.order_by("id").values_list("type", flat=True))


class TestApproved:
    def test_the_bank_holds_and_the_sellers_begin(self, bank, wallet):
        placed = place_by_card(
            (make_goods(make_company()), 1), (make_goods(make_company(), price=75_000), 2)
        )
        assert pay_by_card(placed, wallet).status == "paid"
        payment = payment_of(placed)
        assert payment.state == "authorized"
        assert {order.state for order in orders_of(placed)} == {"confirmed"}
        assert set(Reservation.objects.values_list("expires_at", flat=True)) == {None}
        [held] = bank.held.values()
        assert held.position.authorised_minor == payment.amount_minor
        assert not Capture.objects.exists()
        assert not Transfer.objects.exists()
        assert events(placed) == ["PaymentOpened", "PaymentRequested", "PaymentAuthorized"]
        assert_flows_agree()

    def test_the_offer_holds_every_sellers_part(self, wallet):
        first, second = make_company(name="Anyaman"), make_company(name="Kopi")
        placed = place_by_card((make_goods(first, name="Tas rotan"), 2), (make_goods(second), 1))
        found = offer(placed, wallet).checkout.message
        assert found.amount.minor == payment_of(placed).amount_minor
        assert sum(line.total_minor for line in found.lines) == found.amount.minor
        assert {line.seller for line in found.lines} == {"Anyaman", "Kopi"}
        assert ("item", "Tas rotan", 2) in {(r.kind, r.name, r.quantity) for r in found.lines}
        assert "Jl. Margonda Raya 100" in found.deliver_to

    def test_nothing_ordered_reaches_the_bank_and_no_card_the_market(self, bank, wallet):
        placed = place_by_card((make_goods(make_company(), name="Rahasia CANARY"), 1))
        pay_by_card(placed, wallet)
        sent = b"".join(call.body or b"" for call in bank.calls)
        assert b"CANARY" not in sent
        assert wallet.instrument.id not in str(attempt(placed).__dict__)

    def test_sent_again_it_gets_the_same_answer_and_one_hold(self, bank, wallet):
        placed = place_by_card()
        first = pay_by_card(placed, wallet)
        again = send(placed, wallet, first.kept, first.request)
        assert again.receipt.text == first.answer.receipt.text
        assert bank.paths().count("/authorize") == 1
        assert Escrow.objects.values("cause_id").distinct().count() == 1

    def test_a_free_purchase_needs_no_bank(self, bank):
        goods = make_goods(make_company(), kind="digital")
        make_voucher("GRATIS", percent_bp=10_000)
        placed = place_by_card((goods, 1), voucher="GRATIS")
        assert payment_of(placed).state == "confirmed"
        assert not bank.paths()
        assert_flows_agree()


class TestRefusedByTheBank:
    def test_declined_it_can_be_tried_again(self, bank, wallet):
        placed = place_by_card()
        bank.decide = lambda: Decision("declined", reason="insufficient_funds")
        first = pay_by_card(placed, wallet)
        assert first.status == "declined"
        assert payment_of(placed).state == "pending"
        assert orders_of(placed)[0].state == "placed"
        assert not Escrow.objects.exists()
        bank.decide = bank.approve
        second = pay_by_card(placed, wallet)
        assert second.status == "paid"
        assert first.kept.offer.offer.message.xid != second.kept.offer.offer.message.xid
        assert send(placed, wallet, first.kept, first.request).response.message.status == "declined"
        assert_flows_agree()

    def test_a_card_of_somebody_else_is_refused(self, bank, wallet):
        placed = place_by_card()
        bank.known.clear()
        assert pay_by_card(placed, wallet).status == "declined"
        assert attempt(placed).reason == "pi_invalid"
        tell_bank()
        assert [held.state for held in bank.held.values()] == ["voided"]
        assert_flows_agree()

    def test_paid_in_another_way_the_offer_is_dead(self, bank, wallet):
        placed = place_by_card()
        _, request = wallet.sign(offer(placed, wallet))
        token = payment_of(placed).token
        pay_another_way(actor=BUYER, purchase_id=placed.purchase_id, method="virtual_account")
        payment = payment_of(placed)
        assert payment.method == "virtual_account"
        assert payment.expires_at > clock.now() + timedelta(hours=23)
        assert Reservation.objects.get().expires_at == payment.expires_at
        assert paying.take_request(token=token, body=request) is None
        assert not bank.paths()
        with pytest.raises(MethodUnknown):
            pay_another_way(actor=BUYER, purchase_id=placed.purchase_id, method="cash_on_delivery")


class TestUnanswered:
    def test_a_lost_answer_is_fetched_by_the_same_bytes(self, bank, wallet):
        placed = place_by_card()
        bank.line = Line(after=lost_once("/authorize"))
        signed = pay_by_card(placed, wallet)
        assert signed.status == "pending"
        assert payment_of(placed).state == "authorizing"
        assert paying.pursue(attempt(placed).id) is None
        assert payment_of(placed).state == "authorized"
        bodies = {call.body for call in bank.calls if call.url.endswith("/authorize")}
        assert len(bodies) == 1
        assert send(placed, wallet, signed.kept, signed.request).response.message.status == "paid"
        assert_flows_agree()

    def test_after_three_sendings_an_inquiry_finds_the_answer(self, bank, wallet):
        placed = place_by_card()
        bank.line = Line(after=cut("/authorize"))
        pay_by_card(placed, wallet)
        row = attempt(placed)
        for _ in range(2):
            assert paying.pursue(row.id) is not None
        assert paying.pursue(row.id) is None
        assert bank.paths() == ["/authorize"] * 3 + ["/inquiry"]
        assert payment_of(placed).state == "authorized"
        assert_flows_agree()

    def test_a_silent_bank_is_called_off_and_holds_nothing(self, bank, wallet):
        placed = place_by_card()
        bank.line = Line(before=cut("/authorize"))
        signed = pay_by_card(placed, wallet)
        row = attempt(placed)
        assert paying.pursue(row.id) is not None
        with clock.at(clock.now() + timedelta(minutes=2)):
            assert paying.pursue(row.id) is None
            tell_bank()
        assert payment_of(placed).state == "pending"
        assert send(placed, wallet, signed.kept, signed.request).response.message.status == "voided"
        [operation] = GatewayOperation.objects.all()
        assert (operation.kind, operation.state) == ("reversal", "done")
        # The late request is declined by the tombstone.
        bank.line = Line()
        assert bank.held[row.xid].state == "voided"
        assert_flows_agree()

    def test_a_hold_made_in_silence_is_reversed_and_never_charged(self, bank, wallet):
        placed = place_by_card()
        bank.line = Line(after=cut("/authorize", "/inquiry"))
        pay_by_card(placed, wallet)
        row = attempt(placed)
        with clock.at(clock.now() + timedelta(minutes=2)):
            assert paying.pursue(row.id) is None
            bank.line = Line()
            tell_bank()
        assert bank.held[row.xid].position.authorised_minor == 0
        assert payment_of(placed).state == "pending"
        assert pay_by_card(placed, wallet).status == "paid"
        live = [h.position.authorised_minor for h in bank.held.values() if h.position]
        assert sorted(live) == [0, payment_of(placed).amount_minor]
        assert_flows_agree()

    def test_a_pending_answer_is_asked_for_until_there_is_one(self, bank, wallet):
        placed = place_by_card()
        bank.decide = lambda: Decision("pending")
        assert pay_by_card(placed, wallet).status == "pending"
        bank.decide = bank.approve
        assert paying.pursue(attempt(placed).id) is None
        assert payment_of(placed).state == "authorized"

    def test_while_the_bank_is_asked_nothing_else_ends_the_purchase(self, bank, wallet):
        placed = place_by_card()
        bank.line = Line(before=cut("/authorize"))
        pay_by_card(placed, wallet)
        with pytest.raises(TransitionRefused):
            cancel_purchase(actor=BUYER, purchase_id=placed.purchase_id, reason="x")
        with pytest.raises(TransitionRefused):
            pay_another_way(actor=BUYER, purchase_id=placed.purchase_id, method="virtual_account")
        with pytest.raises(NotPayable):
            offer(placed, wallet)
        with clock.at(clock.now() + timedelta(hours=2)):
            assert purchases_to_expire() == ()
            assert not expire_purchase(purchase_id=placed.purchase_id)
        assert orders_of(placed)[0].state == "placed"

    def test_the_workers_find_it_after_a_crash(self, bank, wallet):
        placed = place_by_card()
        bank.line = Line(before=cut("/authorize"))
        pay_by_card(placed, wallet)
        assert paying.authorizations_due() == ()
        with clock.at(clock.now() + timedelta(seconds=30)):
            assert paying.authorizations_due() == (attempt(placed).id,)


class TestRequest:
    @pytest.mark.parametrize("sellers", [1, 3])
    def test_a_payment_takes_six_statements_however_many_sellers(self, wallet, sellers):
        pay_by_card(place_by_card(), wallet)  # whom to believe is known by then
        placed = place_by_card(*((make_goods(make_company()), 2) for _ in range(sellers)))
        kept, request = wallet.sign(offer(placed, wallet))
        token = payment_of(placed).token
        with CaptureQueriesContext(connection) as statements:
            answer = paying.take_request(token=token, body=request)
        assert len(sent(statements)) == 6, "\n".join(sent(statements))
        assert wallet.check(kept, answer).response.message.status == "paid"

    def test_two_offers_one_payment(self, bank, wallet):
        placed = place_by_card()
        first = wallet.sign(offer(placed, wallet))
        second = wallet.sign(offer(placed, wallet))
        send(placed, wallet, *first)
        with pytest.raises(NotPayable):
            send(placed, wallet, *second)
        assert bank.paths().count("/authorize") == 1

    def test_one_offer_two_signatures(self, wallet):
        placed = place_by_card()
        found = offer(placed, wallet)
        send(placed, wallet, *wallet.sign(found))
        with pytest.raises(OfferAnswered):
            send(placed, wallet, *wallet.sign(found))

    def test_an_offer_of_another_purchase_is_unknown_here(self, bank, wallet):
        placed, other = place_by_card(), place_by_card()
        request = wallet.sign(offer(other, wallet))[1]
        with pytest.raises(OfferUnknown):
            paying.take_request(token=payment_of(placed).token, body=request)
        assert not bank.paths()

    def test_a_late_signature_is_stale(self, wallet):
        placed = place_by_card()
        request = wallet.sign(offer(placed, wallet))[1]
        with clock.at(clock.now() + timedelta(minutes=7)), pytest.raises(StaleError):
            paying.take_request(token=payment_of(placed).token, body=request)
        assert payment_of(placed).state == "pending"

    def test_after_its_deadline_a_purchase_is_not_offered(self, wallet):
        placed = place_by_card()
        with clock.at(clock.now() + timedelta(hours=1)):
            with pytest.raises(NotPayable):
                offer(placed, wallet)
            assert purchases_to_expire() == (placed.purchase_id,)

    def test_an_amount_that_is_not_the_orders_is_refused(self, wallet):
        placed = place_by_card()
        found = offer(placed, wallet)
        request = wallet.sign(found)[1]
        with pytest.raises(MismatchError):
            _take_at_another_total(placed, request)
        assert attempt(placed).state == "offered"

    @pytest.mark.usefixtures("bank")
    @pytest.mark.parametrize("body", [b"", b"{}", b"x" * 200_000])
    def test_nonsense_is_refused(self, body):
        placed = place_by_card()
        with pytest.raises(ProtocolError):
            paying.take_request(token=payment_of(placed).token, body=body)


def _take_at_another_total(placed, request) -> None:
    found = offers.read_request(request)
    row = Authorization.objects.get(xid=offers.request_xid(found))
    offers.check_request(found, row=row, live=Money(row.amount_minor + 100))


class TestOffered:
    @pytest.mark.usefixtures("bank")
    def test_cards_are_taken_only_where_the_market_is_certified(self, settings):
        basket = make_basket((make_goods(make_company()), 1))
        settings.CARD_GATEWAY_URL = ""
        with pytest.raises(MethodUnknown):
            place(basket, method="card")
        assert not OrderLine.objects.exists()
