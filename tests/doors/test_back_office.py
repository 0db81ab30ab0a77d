"""The operator's door: who may come in, and that its pages stay cheap however much there is."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from niaga.doors.back_office.urls import urlpatterns
from niaga.doors.back_office.words import ACCOUNTS, CHECKS, EVENT_TITLES
from niaga.flows.documents.bundling import make_bundle
from niaga.flows.documents.commands.ask_bundle import ask_bundle
from niaga.flows.documents.finding import Reader, Wanted
from niaga.flows.documents.models import Document
from niaga.flows.information.models import Mail
from niaga.flows.money.bank_file import ReceiptLine
from niaga.flows.money.card.bank import BatchComparison
from niaga.flows.money.chart import MARKET_CHART
from niaga.flows.money.commands.reconcile_books import record_reconciliation
from niaga.flows.money.models import (
    BankReceipt,
    EscrowHold,
    GatewayOperation,
    Payment,
    Payout,
    Reconciliation,
    ReconciliationDifference,
    Refund,
)
from niaga.flows.money.paying_out import run_payouts
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.parties.models import Company, Person
from niaga.plumbing.audit import check_names
from niaga.plumbing.models import Task
from niaga.plumbing.outbox import event_names
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.complain import open_complaint
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.reconciling import reconcile
from niaga.stages.sharing.commands.make_plan import PlanTerms, make_plan
from tests.support.bank import Buyer
from tests.support.cards import pay_by_card, place_by_card, tell_bank
from tests.support.markup import faults
from tests.support.worlds import (
    OPERATOR,
    Goods,
    deliver,
    make_basket,
    make_company,
    make_goods,
    make_person,
    make_refused_draft,
    make_voucher,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db


PLAN = PlanTerms("For all", 300, None, None, "", clock.now(), None)


@dataclass(frozen=True, slots=True)
class Market:
    """One of each thing that the operator can look at."""

    ids: dict[str, UUID]

    def address(self, name: str) -> str:
        """Return the address of a page, filled with the market's own things."""
        pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
        kwargs = {key: self.ids.get(key, "bank") for key in pattern.pattern.converters}
        return reverse(f"office:{name}", kwargs=kwargs)


@pytest.fixture
def market(wallet: Buyer, operator: Person) -> Market:
    """A market with an order in each interesting state."""
    goods = make_goods(make_company(), stock=50)
    refused_id = _refused_by_the_bank(goods, wallet)
    waiting = place(make_basket((goods, 1)))
    refunded, finished, disputed = (place(make_basket((goods, 1))) for _ in range(3))
    for placed in (refunded, finished, disputed):
        pay(placed)
    cancel_order(actor=OPERATOR, order_id=orders_of(refunded)[0].id, reason="sold out")
    [order] = orders_of(finished)
    deliver(ship_all(order))
    complete_order(actor=OPERATOR, order_id=order.id)
    batch = run_payouts(actor=OPERATOR)
    [other] = orders_of(disputed)
    complaint_id = open_complaint(
        actor=Actor.guest(),
        line_id=other.lines.get().id,
        reason="damaged",
        body="It broke.",
        author="Dewi",
    )
    drain()
    bundle_id = ask_bundle(reader=Reader(f"operator:{operator.id}"), wanted=Wanted())
    make_bundle(bundle_id)
    draft_id = make_refused_draft().id
    Company.objects.filter(name="").update(name="Toko", legal_name="PT Toko")
    return Market(
        {
            "company_id": order.seller_id,
            "sku_id": goods.variant.id,
            "order_id": order.id,
            "payment_id": Payment.objects.get(cause_id=waiting.purchase_id).id,
            "refund_id": Refund.objects.get().id,
            "operation_id": refused_id,
            "draft_id": draft_id,
            "difference_id": (difference_id := _difference_with_the_bank()),
            "task_id": Task.objects.get(subject_id=difference_id).id,
            "run_id": reconcile(localdate(), "IDR").run_id,
            "receipt_id": _money_that_pays_nothing(),
            "payout_id": Payout.objects.get().id,
            "batch_id": batch.batch_id,
            "complaint_id": complaint_id,
            "hold_id": EscrowHold.objects.get(about_id=complaint_id).id,
            "document_id": Document.objects.values_list("id", flat=True)[0],
            "bundle_id": bundle_id,
            "plan_id": make_plan(actor=OPERATOR, terms=PLAN).plan_id,
            "voucher_id": make_voucher("HEMAT", amount=5_000).id,
            "mail_id": Mail.objects.values_list("id", flat=True)[0],
        }
    )


def _refused_by_the_bank(goods: Goods, wallet: Buyer) -> UUID:
    """Ship an order paid by card after the bank let its money go."""
    placed = place_by_card((goods, 1))
    pay_by_card(placed, wallet)
    ship_all(orders_of(placed)[0])
    with clock.at(clock.now() + timedelta(days=8)):
        tell_bank()
    return GatewayOperation.objects.get(state="refused").id


def _money_that_pays_nothing() -> UUID:
    """Let money come in that no payment waits for."""
    line = ReceiptLine("TRX-1", "8808000000000000", Money.of(50_000), clock.now())
    take_bank_receipt(actor=OPERATOR, line=line)
    return BankReceipt.objects.get().id


def _difference_with_the_bank() -> UUID:
    """Compare a period's books of which the bank lacks a movement."""
    row = Reconciliation.objects.create(
        since=clock.now() - timedelta(days=2),
        until=clock.now() - timedelta(days=1),
        currency="IDR",
        request="",
    )
    told = (("unknown_to_merchant", "capture", "A" * 22, 12_500_00),)
    record_reconciliation(reconciliation_id=row.id, compared=BatchComparison("", 0, told))
    return ReconciliationDifference.objects.get().id


@pytest.fixture
def operator() -> Person:
    """Someone who works for the market."""
    return make_person("operator@contoh.id", name="Sari Operator", is_staff=True)


@pytest.fixture
def office(operator: Person) -> Client:
    """The operator's browser."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(operator)
    return client


NAMES = [pattern.name for pattern in urlpatterns]


@pytest.mark.parametrize("name", NAMES)
def test_only_operators_come_in(name: str, client: Client) -> None:
    ids = {key: new_id() for pattern in urlpatterns for key in pattern.pattern.converters}
    address = Market({key: value for key, value in ids.items() if key != "kind"}).address(name)
    anonymous = client.get(address)
    assert anonymous.status_code == 302
    assert anonymous["Location"].startswith("/accounts/login/")
    buyer, seller = make_person(), make_person()
    make_company(owner=seller)
    for person in (buyer, seller):
        client.force_login(person)
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens(name: str, market: Market, office: Client, settings) -> None:
    settings.BANK_ACCOUNT, settings.BANK_BIC = "0081234567", "BMRIIDJA"  # else no payment order
    response = office.get(market.address(name))
    assert response.status_code == 200
    if name == "document_pdf":
        assert response.content.startswith(b"%PDF-")
    elif "text/html" in response["Content-Type"] and name != "mail_letter":
        assert faults(response.content.decode()) == []
    assert "unsafe-inline" not in response["Content-Security-Policy"] or name == "mail_letter"
    response.close()


@pytest.mark.parametrize(
    "name",
    [
        "card_again", "draft_again", "task", "task_take", "task_give",
        "difference_clear", "difference_settle", "reconciliation_run", "receipt_assign",
        "receipt_sent_back", "company", "company_approve",
        "order", "order_cancel", "order_refund", "hold", "hold_new", "payment_confirm",
        "refund_sent",
        "payout_paid", "batch", "batch_paid", "batch_file", "complaint", "complaint_resolve",
        "document_pdf", "document_mail", "bundle", "bundle_zip",
        "plan_end", "company_tier", "voucher_end", "mail", "mail_letter", "mail_resend",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(name: str, office: Client) -> None:
    ids = {key: new_id() for pattern in urlpatterns for key in pattern.pattern.converters}
    assert office.get(Market(ids).address(name)).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["page=x", "page=99999999999", "page=-1", "state=nothing", "q=%00", "seller=x", "before=x",
     "subject=x", "owner=x", "flow=x&kind=y", "standing=x"],
)  # fmt: skip
def test_a_broken_address_shows_a_page(query: str, market: Market, office: Client) -> None:
    lists = ["companies", "orders", "payments", "receipts", "refunds", "payouts", "complaints",
             "documents", "vouchers", "mails", "events", "account", "holds"]  # fmt: skip
    for name in lists:
        assert office.get(f"{market.address(name)}?{query}").status_code == 200


def test_every_event_has_a_title() -> None:
    assert set(EVENT_TITLES) == set(event_names())


def test_every_check_of_the_audit_has_words() -> None:
    assert set(CHECKS) == set(check_names())


def test_every_account_has_a_name() -> None:
    assert set(ACCOUNTS) == {kind.name for kind in MARKET_CHART}


def test_an_unknown_owner_has_no_account(market: Market, office: Client) -> None:
    address = reverse("office:account", args=["escrow"])
    assert office.get(f"{address}?owner={new_id()}").status_code == 404
    assert office.get(f"{address}?owner={market.ids['company_id']}").status_code == 200
    newcomer = make_company()
    assert office.get(f"{address}?owner={newcomer.id}").status_code == 200
    assert office.get(reverse("office:account", args=["nothing"])).status_code == 404


def _multiply(times: int) -> None:
    """Copy what lists show, without the commands' time."""
    company = make_company()
    goods = make_goods(company, stock=times)
    for _ in range(times):
        make_company(approved=False)
        placed = place(make_basket((goods, 1)))
        pay(placed)
        [order] = orders_of(placed)
        cancel_order(actor=OPERATOR, order_id=order.id, reason="test")
        make_refused_draft()
        make_voucher(f"V-{new_id()}"[:30], amount=1_000)
        mail = Mail.objects.first()
        assert mail is not None
        mail.pk, mail.dedupe_key = new_id(), str(new_id())
        mail.save(force_insert=True)
    drain()


MOST = {"home": 14, "order": 11, "account": 9}
PAGES = ["home", "companies", "company", "orders", "order", "payments", "receipts", "refunds",
         "payouts", "batch", "tasks", "task", "complaints", "complaint", "holds", "hold", "money",
         "account", "documents", "plans", "vouchers", "mails", "mail", "events", "dead", "audit",
         "bank_entries", "reconciliation", "reconciliation_run", "rush"]  # fmt: skip


def test_pages_need_few_statements_however_much_there_is(market: Market, office: Client) -> None:
    def count(name: str) -> int:
        suffix = "?state=all" if name == "payments" else ""
        with CaptureQueriesContext(connection) as statements:
            assert office.get(market.address(name) + suffix).status_code == 200
        return len(statements)

    few = {name: count(name) for name in PAGES}
    _multiply(25)
    many = {name: count(name) for name in PAGES}
    assert {name: n for name, n in many.items() if n > few[name]} == {}
    assert {name: n for name, n in few.items() if n > MOST.get(name, 8)} == {}
    assert Order.objects.count() > 20
