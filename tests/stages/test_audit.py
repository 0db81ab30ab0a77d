"""The audit finds what was tampered with: one planted violation of each kind, seen by its name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils.timezone import localdate

from niaga.flows.documents.commands.publish_root import publish_root
from niaga.flows.documents.models import Document
from niaga.flows.documents.printing import pdf_of
from niaga.flows.goods.commands.keep_policy import Policy, keep_policy
from niaga.flows.goods.commands.transfer_stock import receive_transfer, send_transfer
from niaga.flows.goods.models import Location
from niaga.flows.money.bank_file import ReceiptLine
from niaga.flows.money.paying_out import run_payouts
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.plumbing.worker import catch_up, drain
from niaga.project.audit import CHECKS, run_audit
from niaga.project.database import server_url
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.refund_order import refund_order
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.refund_draft import RefundWish
from tests.stages.test_returns import PLANTED as RETURNS
from tests.support.audit import assert_flows_agree
from tests.support.cards import pay_by_card, place_by_card, tell_bank
from tests.support.worlds import (
    OPERATOR,
    deliver,
    make_basket,
    make_company,
    make_goods,
    make_slot,
    orders_of,
    pay,
    place,
    ship_all,
)

BUYER = Actor.guest()

# The check's name -> what somebody does to the tables behind the market's back.
PLANTED = {
    "every event is delivered": "UPDATE plumbing_delivery SET state = 'dead', done_at = NULL",
    "stock = what the movements add up to": "UPDATE goods_stocklevel SET on_hand = on_hand + 1",
    "what left for another location is on its way or arrived": (
        "DELETE FROM goods_stockmovement WHERE kind = 'arrived'"
    ),
    "waiting = the queue for stock to come": "UPDATE goods_stockpolicy SET waiting = waiting + 1",
    "reserved = open reservations": (
        "UPDATE goods_stocklevel SET reserved = reserved + 1 WHERE reserved < on_hand"
    ),
    "slot places = live bookings": "UPDATE goods_slot SET booked = 0",
    "free licence keys = what the pool says": (
        "INSERT INTO goods_keypool (sku_id, seller_id, free, alert_below)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), 1, 0)"
    ),
    "what a parcel holds left the stock": "DELETE FROM goods_stockmovement WHERE kind = 'shipped'",
    "ledger balances": "UPDATE ledger_account SET currency = 'USD' WHERE kind = 'bank'",
    "carried balances = the lines behind them": (
        "INSERT INTO ledger_carriedbalance (id, account_id, through_id, balance_minor, lines)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 7, 1 FROM ledger_account LIMIT 1"
    ),
    "escrow account = escrow held": (
        "UPDATE money_escrow SET gross_minor = gross_minor + 1 WHERE state = 'held'"
    ),
    "owed to sellers = released and not paid out - debts": (
        "UPDATE money_escrow SET gross_minor = gross_minor + 1 WHERE state = 'releasable'"
    ),
    "owed to buyers = refunds due": "UPDATE money_refund SET amount_minor = amount_minor - 1",
    "payouts in transit = payouts in bank files": (
        "UPDATE money_payout SET amount_minor = amount_minor + 1"
    ),
    "unmatched receipts = receipts nobody claimed": (
        "UPDATE money_bankreceipt SET amount_minor = amount_minor + 1 WHERE state = 'unmatched'"
    ),
    "a settled difference = its ledger entry": (
        "INSERT INTO money_reconciliationdifference"
        " (id, day, problem, kind, reference, currency, state, account, settled_minor)"
        " VALUES (gen_random_uuid(), now(), 'unexplained', 'booking', 'X', 'IDR', 'settled',"
        " 'bank_fees', -5)"
    ),
    "confirmed payment = its captures": "UPDATE money_capture SET amount_minor = amount_minor + 1",
    "payment follows its authorization": (
        "UPDATE money_payment SET state = 'authorizing' WHERE state = 'pending'"
    ),
    "commission earned = of released escrow - given back": (
        "UPDATE money_escrow SET commission_minor = commission_minor - 1"
        " WHERE released_at IS NOT NULL AND commission_minor > 0"
    ),
    "PPN on commissions = that of released escrow": (
        "UPDATE money_escrow SET commission_tax_minor = 1"
        " WHERE commission_minor > refunded_commission_minor"
    ),
    "commission invoiced - credited = earned": (
        "UPDATE documents_document SET total_minor = total_minor + 1"
        " WHERE kind = 'commission_invoice'"
    ),
    "income tax withheld = that of released escrow": (
        "UPDATE money_escrow SET withheld_minor = 1 WHERE state = 'held'"
    ),
    "refund = its parts": "UPDATE money_refundpart SET paid_minor = paid_minor + 1",
    "money held back has a reason": (
        "UPDATE money_escrow SET frozen_at = now() WHERE state = 'held'"
    ),
    "escrow of a line = its total + market's voucher share": (
        "UPDATE money_escrow SET commission_minor = commission_minor - 1"
        " WHERE commission_minor > refunded_commission_minor"
    ),
    "order's shares = its lines' shares": (
        "UPDATE ordering_orderline SET commission_minor = commission_minor + 1"
    ),
    "no more refunded than captured": "UPDATE money_refund SET amount_minor = amount_minor * 3",
    "document numbers have no gap": (
        "UPDATE documents_document SET serial = 7 WHERE kind = 'credit_note'"
    ),
    "purchase = its orders = its payment": (
        "UPDATE ordering_purchase SET total_minor = total_minor + 1"
    ),
    "order = its lines": (
        "UPDATE ordering_orderline SET unit_price_minor = unit_price_minor + 1,"
        " total_minor = total_minor + quantity"
    ),
    "captured - refunded = invoiced - credited": (
        "UPDATE documents_document SET total_minor = total_minor + 1 WHERE kind = 'invoice'"
    ),
    "every parcel has a delivery note": (
        "DELETE FROM documents_document WHERE kind = 'delivery_note'"
    ),
    "line shipped = in parcels": (
        "UPDATE ordering_orderline SET shipped_quantity = 0, delivered_quantity = 0"
        " WHERE kind = 'goods'"
    ),
    "line to ship = promised stock + stock to come": (
        "UPDATE goods_reservation SET state = 'released', closed_at = now() WHERE state = 'open'"
    ),
    "escrow = order total + market's voucher share": (
        "UPDATE money_escrow SET gross_minor = gross_minor + 1"
    ),
    "money follows the order's state": (
        "UPDATE ordering_order SET state = 'completed', completed_at = now(), delivered_at = now()"
        " WHERE state = 'confirmed'"
    ),
}
PLANTED_IN_CARDS = {
    "owed by the gateway = captured - credited - settled": (
        "UPDATE money_gatewayoperation SET moved_minor = moved_minor - 1 WHERE kind = 'capture'"
    ),
    "refund of a card = its credits": "DELETE FROM money_gatewayoperation WHERE kind = 'credit'",
    "authorization = its captures and releases": (
        "UPDATE money_gatewayoperation SET amount_minor = amount_minor - 1 WHERE kind = 'capture'"
    ),
    "escrow of a card's order = its captured charges": (
        "UPDATE money_escrow SET gross_minor = gross_minor + 1"
    ),
    "line charged = in charges": "UPDATE ordering_chargeline SET quantity = quantity + 1",
    "order charged whole = its charges": "UPDATE ordering_charge SET tax_minor = tax_minor + 1",
}

PLANTED_IN_CHAINS = {
    "a document is what was sealed": (
        "UPDATE documents_document SET content = jsonb_set(content, '{buyer,name}', '\"X\"')"
        " WHERE kind = 'invoice'"
    ),
    "each seal follows the one before it": "DELETE FROM documents_seal WHERE position = 2",
    "a daily root is the hash of its heads": ("UPDATE documents_dailyroot SET day = day - 1"),
    "published heads are in their chains": (
        "UPDATE documents_dailyroot SET heads = jsonb_set(heads, '{0,1}', '1')"
    ),
}

# One line of two units, each a hundredth of a rupiah dearer.
DEARER = """
    UPDATE ordering_orderline SET unit_price_minor = unit_price_minor + 1,
           total_minor = total_minor + quantity WHERE order_id = %s
"""


def make_market() -> Order:
    """Orders in most states, a bank file, a refund due and a receipt that fits nothing."""
    company = make_company()
    goods, service = make_goods(company, stock=50), make_goods(company, kind="service")
    sold, waiting, cancelled, paid_out, booked = (
        orders_of(placed)[0]
        for placed in (
            _paid(make_basket((goods, 2))),
            _paid(make_basket((goods, 1))),
            _paid(make_basket((goods, 1))),
            _paid(make_basket((goods, 1))),
            _paid(
                make_basket((service, 1), slots={service.variant.id: make_slot(service)}),
            ),
        )
    )
    place(make_basket((goods, 1)))
    for order in (sold, paid_out):
        deliver(ship_all(order))
    cancel_order(actor=BUYER, order_id=cancelled.id, reason="")
    complete_order(actor=BUYER, order_id=paid_out.id)
    run_payouts(actor=OPERATOR)
    complete_order(actor=BUYER, order_id=sold.id)
    take_bank_receipt(
        actor=OPERATOR, line=ReceiptLine("R-1", "8808000000000000", Money.of(5), clock.now())
    )
    move_between_shelves(company, goods)
    assert {waiting.seller_id, booked.seller_id} == {company.id}
    return sold


def move_between_shelves(company, goods) -> None:
    """A transfer that arrived, and a buyer who waits for stock to come."""
    seller_id = company.id
    shop = Location.objects.create(
        seller_id=seller_id, name="Toko", city="Depok", province="Jawa Barat", postal_code="16423"
    )
    moved = send_transfer(
        actor=OPERATOR,
        seller_id=seller_id,
        sku_id=goods.variant.id,
        origin_id=goods.location.id,
        destination_id=shop.id,
        quantity=3,
    )
    receive_transfer(actor=OPERATOR, seller_id=seller_id, transfer_id=moved.transfer_id, quantity=2)
    rare = make_goods(company, stock=1)
    policy = Policy(when_out="backorder", most_waiting=5, lead_days=7)
    keep_policy(actor=OPERATOR, seller_id=seller_id, sku_id=rare.variant.id, policy=policy)
    place(make_basket((rare, 3)))


def _paid(basket):
    placed = place(basket)
    pay(placed)
    return placed


def plant(statement: str) -> None:
    """Change the tables as only somebody with all rights can: past triggers and foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount > 0, "nothing was planted"
        cursor.execute("SET LOCAL session_replication_role = origin")


def found() -> set[str]:
    return {violation.check for violation in run_audit()}


@pytest.mark.django_db
def test_every_check_has_a_violation_planted_here():
    assert {check.name for check in CHECKS} == (
        PLANTED.keys() | PLANTED_IN_CARDS.keys() | PLANTED_IN_CHAINS.keys() | RETURNS.keys()
    )


@pytest.mark.django_db
@pytest.mark.parametrize("check", PLANTED)
def test_a_planted_violation_is_found(check):
    make_market()
    assert_flows_agree()
    plant(PLANTED[check])
    assert check in found()


@pytest.mark.django_db
@pytest.mark.parametrize("check", PLANTED_IN_CARDS)
def test_a_violation_planted_among_card_payments_is_found(check, bank, wallet):
    placed = place_by_card()
    assert pay_by_card(placed, wallet).status == "paid"
    order = orders_of(placed)[0]
    ship_all(order)
    tell_bank()
    refund_order(
        actor=OPERATOR,
        order_id=order.id,
        wish=RefundWish("amount", amount=Money.of(1_000)),
        reason="scratched",
    )
    tell_bank()
    assert_flows_agree()
    plant(PLANTED_IN_CARDS[check])
    assert check in found()


def seal_everything() -> str:
    """Print and seal every document, and publish today's root."""
    for document_id in Document.objects.order_by("issued_at").values_list("id", flat=True):
        pdf_of(document_id)
    root = publish_root(day=localdate())
    assert root is not None
    return root


@pytest.mark.django_db
@pytest.mark.parametrize("check", PLANTED_IN_CHAINS)
def test_a_violation_planted_in_the_chains_of_documents_is_found(check):
    _paid(make_basket((make_goods(make_company()), 2)))
    assert_flows_agree()
    seal_everything()
    assert_flows_agree()
    plant(PLANTED_IN_CHAINS[check])
    assert check in found()


ALTERED = {
    "content": 'UPDATE documents_document SET content = content || \'{"number": "1"}\'',
    "xml": "UPDATE documents_document SET xml = xml || ' '",
    "pdf": "UPDATE documents_document SET pdf_sha256 = repeat('0', 64)",
    "redaction": "UPDATE documents_document SET content = '{}', xml = '', redacted_at = now()",
    "seal": "UPDATE documents_seal SET sealed_at = sealed_at + interval '1 second'",
}


@pytest.mark.django_db
@pytest.mark.parametrize("part", ALTERED)
def test_the_audit_names_the_part_of_a_document_that_was_altered(part):
    _paid(make_basket((make_goods(make_company()), 2)))
    drain()
    seal_everything()
    plant(ALTERED[part])
    told = [violation for violation in run_audit() if "what was sealed" in violation.check]
    assert len(told) == Document.objects.count()
    assert {violation.amounts["altered"] for violation in told} == {part}


@pytest.mark.django_db
def test_a_violation_names_the_order_and_both_amounts():
    order = make_market()
    with connection.cursor() as cursor:
        cursor.execute(DEARER, [order.id])
    [violation] = [one for one in run_audit() if one.check == "order = its lines"]
    order_minor = order.items_minor - order.discount_minor
    assert violation.subject == f"order {order.reference}"
    assert violation.amounts == {
        "order_minor": str(order_minor),
        "lines_minor": str(order_minor + 2),
    }


def audit() -> subprocess.CompletedProcess[str]:
    """Run `niaga audit` on this test's database, as the operator would."""
    database = connection.settings_dict
    url = server_url(Path(database["HOST"]), database=database["NAME"])
    return subprocess.run(
        [sys.executable, "-m", "niaga.project.cli.main", "audit"],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"DATABASE_URL": url, "NIAGA_DATA": str(settings.DATA), "COLUMNS": "200"},
    )


@pytest.mark.django_db(transaction=True)
def test_the_command_tells_each_violation_and_exits_with_1():
    order = make_market()
    catch_up()
    told = audit()
    assert (told.returncode, told.stderr) == (0, "")
    assert "The flows of every order agree." in told.stdout

    with connection.cursor() as cursor:
        cursor.execute(DEARER, [order.id])
    told = audit()
    assert told.returncode == 1
    assert "2 violations" in told.stdout
    assert "order = its lines" in told.stdout
    assert order.reference in told.stdout
    assert f"lines_minor: {order.items_minor + 2}" in told.stdout
