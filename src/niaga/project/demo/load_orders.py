"""Fills the market with a past: orders behind every review, payouts, then orders in every state."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from django.db import connection
from django.db.models import F

from niaga.flows.information.models import Mail, Product
from niaga.flows.money.bank_file import ReceiptLine
from niaga.flows.money.bank_statement import Booking
from niaga.flows.money.commands.confirm_batch import confirm_batch
from niaga.flows.money.commands.take_bank_entry import take_bank_entry
from niaga.flows.money.models import Payout
from niaga.flows.money.paying_out import run_payouts
from niaga.flows.money.payment_order import end_to_end_id
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.parties.commands.register_company import CompanyDetails, register_company
from niaga.parties.models import Person
from niaga.plumbing.days import today
from niaga.plumbing.worker import catch_up
from niaga.project.demo.accounts import PASSWORD
from niaga.project.demo.content import market
from niaga.project.demo.content import schema as content
from niaga.project.demo.load_catalogue import Progress
from niaga.project.demo.load_goods import load_goods
from niaga.project.demo.load_papers import load_papers
from niaga.project.demo.load_states import load_every_state
from niaga.project.demo.shopping import (
    OPERATOR,
    Shopper,
    fulfil,
    orders_of,
    pay,
    place,
    shoppers,
)
from niaga.stages.aftersales.commands.write_review import write_review
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt
from niaga.stages.ordering.models import OrderLine
from niaga.stages.ordering.reconciling import reconcile, yesterday
from niaga.stages.sharing.models import Voucher

LINES_EACH = 8
MARKET_ACCOUNT = "0081234567"


def load_orders(progress: Progress) -> None:
    """Load reviews with the orders behind them, then orders in every state."""
    chance = Random(11)
    buyers = shoppers()
    with connection.cursor() as cursor:
        # The last commit, which waits for the disk, carries all the earlier ones along.
        cursor.execute("SET synchronous_commit TO off")
    load_vouchers()
    groups = list(_by_author(market.reviews()))
    for done, (author, reviews) in enumerate(groups, start=1):
        shopper = _shopper(buyers, author, done)
        _reviewed_purchase(chance, shopper, reviews)
        progress("Orders and reviews", done, len(groups))
    _pay_sellers()
    load_every_state(chance, buyers, progress)
    load_goods(chance, buyers[0])
    load_papers(chance, buyers)
    _waiting_for_the_operator()
    catch_up()
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")
    _leave_old_mails()


def load_vouchers() -> None:
    """Make three vouchers that hold now; the last is borne by market and sellers together."""
    now = clock.now()
    Voucher.objects.bulk_create(
        [
            Voucher(
                code="NIAGA10",
                kind=Voucher.Kind.PERCENT,
                percent_bp=1000,
                most_minor=Money.of(50_000).minor,
                spend_from_minor=Money.of(100_000).minor,
                starts_at=now - timedelta(days=200),
                ends_at=now + timedelta(days=200),
            ),
            Voucher(
                code="HEMAT25RB",
                kind=Voucher.Kind.FIXED,
                amount_minor=Money.of(25_000).minor,
                spend_from_minor=Money.of(200_000).minor,
                starts_at=now - timedelta(days=30),
                ends_at=now + timedelta(days=60),
                uses_limit=500,
            ),
            Voucher(
                code="BERSAMA15",
                kind=Voucher.Kind.PERCENT,
                percent_bp=1500,
                most_minor=Money.of(30_000).minor,
                spend_from_minor=Money.of(75_000).minor,
                market_bp=6_000,
                starts_at=now - timedelta(days=10),
                ends_at=now + timedelta(days=50),
            ),
        ]
    )


def _by_author(
    reviews: Sequence[content.Review],
) -> Iterator[tuple[str, list[content.Review]]]:
    grouped: dict[str, list[content.Review]] = defaultdict(list)
    for review in reviews:
        grouped[review.author].append(review)
    for author, own in grouped.items():
        # One purchase holds a product once; a second review of it needs a second purchase.
        rounds: list[list[content.Review]] = []
        for review in own:
            fitting = (
                r
                for r in rounds
                if len(r) < LINES_EACH and all(o.product != review.product for o in r)
            )
            held = next(fitting, None)
            if held is None:
                rounds.append([review])
            else:
                held.append(review)
        for part in rounds:
            yield author, part


def _shopper(buyers: list[Shopper], author: str, number: int) -> Shopper:
    """Return the buyer whom a review's author (`Sari W.`) means, or a guest of that name."""
    first_names = author.rpartition(" ")[0]
    for shopper in buyers:
        if shopper.name.startswith(f"{first_names} "):
            return shopper
    return buyers[number % len(buyers)].as_guest(author)


def _reviewed_purchase(chance: Random, shopper: Shopper, reviews: list[content.Review]) -> None:
    products = {
        product.slug: product
        for product in Product.objects.filter(slug__in=[review.product for review in reviews])
    }
    if not products:
        return
    began = clock.now() - timedelta(days=chance.randint(14, 150), minutes=chance.randint(0, 900))
    placed = place(chance, shopper, list(products.values()), at=began)
    pay(placed, began + timedelta(hours=chance.randint(1, 8), minutes=chance.randint(1, 59)))
    fulfil(chance, placed, began + timedelta(days=1))
    with clock.at(began + timedelta(days=6)):
        for order in orders_of(placed):
            complete_order(actor=shopper.actor, order_id=order.id)
    lines = {
        line.product_id: line for line in OrderLine.objects.filter(order__in=orders_of(placed))
    }
    for review in reviews:
        line = lines.get(products[review.product].id)
        if line is None:
            continue
        with clock.at(began + timedelta(days=6, minutes=chance.randint(5, 5000))):
            write_review(
                actor=shopper.actor,
                line_id=line.id,
                stars=review.stars,
                title=review.title,
                body=review.body,
                language=review.language,
            )
    catch_up()


def _pay_sellers() -> None:
    with clock.at(clock.now() - timedelta(days=7)):
        batch = run_payouts(actor=OPERATOR)
    with clock.at(clock.now() - timedelta(days=6)):
        confirm_batch(actor=OPERATOR, batch_id=batch.batch_id)
        catch_up()


def _waiting_for_the_operator() -> None:
    """Leave work on the operator's desk: a bank file to confirm, a company, money that fits not."""
    with clock.at(clock.now() - timedelta(hours=3)):
        _bank_speaks(run_payouts(actor=OPERATOR).batch_id)
    owner = Person.objects.create_user("rotan@niaga.localhost", PASSWORD, name="Wulan Sari")
    register_company(
        actor=Actor("seller", owner.id),
        details=CompanyDetails(
            name="Rotan Cirebon",
            legal_name="CV Rotan Cirebon Mandiri",
            nib="9120309876543",
            npwp="0013000616012000",
            taxable=False,
            email="rotan@niaga.localhost",
            phone="081222333444",
            street="Jl. Tegalwangi 21",
            village="Tegalwangi",
            district="Weru",
            city="Kabupaten Cirebon",
            province="Jawa Barat",
            postal_code="45154",
            bank_name="Bank Jabar",
            bank_account="0087654321",
            bank_holder="CV Rotan Cirebon Mandiri",
        ),
    )
    at = clock.now() - timedelta(hours=5)
    take_bank_receipt(
        actor=OPERATOR,
        line=ReceiptLine(f"BCA-{at:%Y%m%d}-0077", "8808123412341234", Money.of(175_000), at),
    )


def _bank_speaks(batch_id: UUID) -> None:
    """Let the bank send one payout back, take a fee for it, and book what nobody can explain."""
    refused = Payout.objects.filter(batch_id=batch_id).order_by("-amount_minor")[0]
    day = today()
    for text, minor, payout in (
        ("KLIRING", -refused.amount_minor, refused),
        ("RETUR KLIRING", refused.amount_minor, refused),
        ("BIAYA RETUR", -Money.of(2_900).minor, None),
        ("JASA GIRO", Money.of(12_480).minor, None),
    ):
        booking = Booking(
            reference=f"{MARKET_ACCOUNT}:{day:%Y%m%d} {text}",
            own_reference=f"{day:%Y%m%d} {text}",
            end_to_end_id=end_to_end_id(payout.id) if payout else "",
            amount=Money(minor),
            booked_on=day,
            counterparty=payout.bank_holder if payout else "",
            text=text,
            reason="AC04" if payout and minor > 0 else "",
            is_fee=text.startswith("BIAYA"),
        )
        take_bank_entry(actor=OPERATOR, booking=booking)
    for each in (yesterday(), day):
        reconcile(each, "IDR")


def _leave_old_mails() -> None:
    """Call mails of days gone by sent: the mail server would stamp them with today's date."""
    Mail.objects.filter(created_at__lt=clock.now() - timedelta(days=1)).update(
        state=Mail.State.SENT, sent_at=F("created_at"), tries=1
    )
