"""Documents at the three doors: each party finds, takes along and has mailed only its own."""

import html
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate
from lxml import etree
from procrastinate.contrib.django.models import ProcrastinateJob

from niaga.flows.documents.chain import root_of
from niaga.flows.documents.commands.publish_root import publish_root
from niaga.flows.documents.jobs import bundle_documents
from niaga.flows.documents.models import Bundle, Document
from niaga.flows.documents.offline import check_pdf
from niaga.flows.documents.printing import pdf_of
from niaga.flows.documents.rendering.content import MARKETS_OWN
from niaga.flows.information.models import Mail
from niaga.kernel.ids import new_id
from niaga.parties.models import Person
from niaga.plumbing.worker import drain
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.models import Order
from tests.support.buyers import Bought, browser, buy
from tests.support.statements import count_statements
from tests.support.worlds import OPERATOR, deliver, make_company, make_goods, make_person, ship_all

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Town:
    """Two sellers; a buyer's order with each, with all its documents; and another buyer."""

    buyer: Person
    orders: tuple[Order, Order]
    sellers: tuple[Person, Person]
    operator: Person

    def own(self, side: str) -> set[UUID]:
        """Return the documents that the first seller, the buyer or the operator may see."""
        rows = Document.objects.all()
        if side == "seller":
            rows = rows.filter(seller_id=self.orders[0].seller_id)
        elif side == "buyer":
            causes = [order.id for order in self.orders]
            rows = rows.filter(cause_id__in=causes).exclude(kind__in=MARKETS_OWN)
        return set(rows.values_list("id", flat=True))


@dataclass(frozen=True, slots=True)
class Door:
    """A door's reader, and the addresses of its documents."""

    side: str
    client: Client
    names: tuple[str, str, str, str, str]  # list, PDF, mail, bundle, ZIP

    @property
    def listed(self) -> str:
        """The address of the list."""
        return reverse(self.names[0])

    def page(self, **query: str) -> str:
        """Return the list that is asked for."""
        return html.unescape(self.client.get(self.listed, query).content.decode())

    def of(self, document_id: UUID) -> tuple[str, str]:
        """Return the addresses of a document's PDF and of its mail."""
        return tuple(reverse(name, args=[document_id]) for name in self.names[1:3])  # type: ignore[return-value]


NAMES = {
    "buyer": ("documents", "document", "document_mail", "bundle", "bundle_zip"),
    "seller": tuple(
        f"seller:{name}"
        for name in ("documents", "document_pdf", "document_mail", "bundle", "bundle_zip")
    ),
    "operator": tuple(
        f"office:{name}"
        for name in ("documents", "document_pdf", "document_mail", "bundle", "bundle_zip")
    ),
}


@pytest.fixture
def town() -> Town:
    owners = (make_person(), make_person())
    goods = tuple(make_goods(make_company(owner=owner), stock=9) for owner in owners)
    buyer = make_person(name="Ratna Kusuma", email="ratna.kusuma@contoh.id")
    orders = tuple(buy(thing, buyer=buyer).order for thing in goods)
    for order in orders:
        deliver(ship_all(order))
        complete_order(actor=OPERATOR, order_id=order.id)
    buy(make_goods(make_company()), buyer=make_person())
    drain()
    operator = make_person(is_staff=True)
    return Town(buyer, orders, owners, operator)  # type: ignore[arg-type]


def door(town: Town, side: str) -> Door:
    people = {"buyer": town.buyer, "seller": town.sellers[0], "operator": town.operator}
    return Door(side, browser(people[side]), NAMES[side])  # type: ignore[arg-type]


def numbers(ids: set[UUID]) -> set[str]:
    return set(Document.objects.filter(pk__in=ids).values_list("number", flat=True))


def shown(page: str) -> set[str]:
    return {number for number in numbers(set(Document.objects.values_list("id", flat=True)))
            if re.search(rf">{re.escape(number)}<", page)}  # fmt: skip


SIDES = ["buyer", "seller", "operator"]


@pytest.mark.parametrize("side", SIDES)
def test_a_list_shows_all_that_is_the_reader_s_and_nothing_else(town: Town, side: str) -> None:
    mine = town.own(side)
    kinds = set(Document.objects.filter(pk__in=mine).values_list("kind", flat=True))
    assert {"order_confirmation", "delivery_note", "invoice", "receipt"} <= kinds
    assert shown(door(town, side).page()) == numbers(mine)


@pytest.mark.parametrize("side", SIDES)
def test_a_list_is_narrowed_by_kind_number_and_day(town: Town, side: str) -> None:
    reader, mine = door(town, side), town.own(side)
    invoices = set(
        Document.objects.filter(pk__in=mine, kind="invoice").values_list("id", flat=True)
    )
    assert shown(reader.page(kind="invoice")) == numbers(invoices)
    for one in numbers(invoices):
        assert shown(reader.page(q=one)) == {one}
        assert shown(reader.page(q=one.lower()[4:])) >= {one}
    today, day = localdate(), timedelta(days=1)
    assert shown(reader.page(since=str(today), until=str(today))) == numbers(mine)
    assert shown(reader.page(since=str(today + day))) == set()
    assert shown(reader.page(until=str(today - day))) == set()
    assert shown(reader.page(since="yesterday", kind="secrets")) == numbers(mine)


def test_the_operator_narrows_by_seller(town: Town) -> None:
    page = door(town, "operator").page(seller=str(town.orders[0].seller_id))
    assert shown(page) == numbers(town.own("seller"))


@pytest.mark.parametrize("side", SIDES)
def test_a_list_costs_the_same_however_long_it_is(town: Town, side: str) -> None:
    reader = door(town, side)
    few = count_statements(reader.client, reader.listed + "?kind=invoice")
    assert count_statements(reader.client, reader.listed) == few


def pack(bundle_id: UUID) -> None:
    """Do the waiting job as a worker would: it cannot see what this test has not committed."""
    job = ProcrastinateJob.objects.get(task_name__endswith=".bundle_documents")
    assert job.args == {"bundle_id": str(bundle_id)}
    bundle_documents(**job.args)


@pytest.mark.parametrize("side", SIDES)
def test_a_zip_is_asked_for_packed_and_taken(town: Town, side: str) -> None:
    reader = door(town, side)
    asked = reader.client.post(reader.listed)
    assert asked.status_code == 302
    [bundle] = Bundle.objects.all()
    page, file = (reverse(name, args=[bundle.id]) for name in reader.names[3:])
    assert asked["Location"] == page
    whole = str(len(town.own(side)))
    waiting = reader.client.get(page).content.decode()
    assert f'<progress id="packed" max="{whole}" value="0">' in waiting
    assert f'hx-get="{page}"' in waiting
    assert reader.client.get(file).status_code == 404
    pack(bundle.id)
    part = reader.client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert file in part
    assert "hx-get" not in part
    content = b"".join(reader.client.get(file).streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        packed = sorted(archive.read(name) for name in archive.namelist())
    assert packed == sorted(pdf_of(document_id)[1] for document_id in town.own(side))


def test_progress_is_told_while_it_is_packed(town: Town) -> None:
    reader = door(town, "buyer")
    reader.client.post(reader.listed)
    Bundle.objects.update(done=3)
    page = reverse("bundle", args=[Bundle.objects.get().id])
    assert 'value="3"' in reader.client.get(page).content.decode()


def test_a_zip_holds_what_was_looked_for(town: Town) -> None:
    reader = door(town, "seller")
    reader.client.post(reader.listed + "?kind=invoice")
    ids = Bundle.objects.get().document_ids
    assert set(Document.objects.filter(pk__in=ids).values_list("kind", flat=True)) == {"invoice"}
    assert {UUID(each) for each in ids} < town.own("seller")


def invoice_numbers(content: bytes) -> set[str | None]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = [archive.read(name) for name in archive.namelist() if name.endswith(".xml")]
    return {e.text for file in files for e in etree.fromstring(file).iter("RefDesc")}


@pytest.mark.parametrize("side", ["seller", "operator"])
def test_invoices_are_taken_along_for_the_tax_office(town: Town, side: str) -> None:
    reader = door(town, side)
    assert 'name="form" value="coretax"' in reader.page()
    assert 'name="form" value="coretax"' not in reader.page(kind="receipt")
    reader.client.post(reader.listed, {"form": "coretax"})
    [bundle] = Bundle.objects.all()
    pack(bundle.id)
    file = reverse(reader.names[4], args=[bundle.id])
    content = b"".join(reader.client.get(file).streaming_content)  # type: ignore[attr-defined]
    invoices = Document.objects.filter(pk__in=town.own(side), kind="invoice")
    assert invoice_numbers(content) == set(invoices.values_list("number", flat=True))


def test_a_buyer_tells_no_tax_office(town: Town) -> None:
    reader = door(town, "buyer")
    assert "coretax" not in reader.page()
    reader.client.post(reader.listed, {"form": "coretax"})
    assert not Bundle.objects.exists()


def test_a_zip_of_nothing_is_refused(town: Town) -> None:
    reader = door(town, "buyer")
    answer = reader.client.post(reader.listed + "?q=NO-SUCH-NUMBER", follow=True)
    assert answer.redirect_chain == [(reader.listed, 302)]
    assert not Bundle.objects.exists()


@pytest.mark.parametrize("side", SIDES)
def test_a_zip_is_its_asker_s_alone(town: Town, side: str) -> None:
    reader = door(town, side)
    reader.client.post(reader.listed)
    bundle_id = Bundle.objects.get().id
    pack(bundle_id)
    others = [
        (make_person(), "buyer"),
        (town.buyer, "buyer"),
        (town.sellers[0], "seller"),
        (town.sellers[1], "seller"),
        (make_person(is_staff=True), "operator"),
    ]
    for person, at in others:
        if at == side and person in {town.buyer, town.sellers[0]}:
            continue
        for name in NAMES[at][3:]:
            answer = browser(person).get(reverse(name, args=[bundle_id]))
            assert answer.status_code == 404, (at, name)


@pytest.mark.parametrize("side", SIDES)
def test_every_document_of_one_s_own_opens(town: Town, side: str) -> None:
    reader = door(town, side)
    for document_id in town.own(side):
        answer = reader.client.get(reader.of(document_id)[0])
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("inline")
        assert answer["Cache-Control"] == "private, no-store"
        assert answer.content == pdf_of(document_id)[1]


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_what_is_another_s_is_not_found_and_not_mailed(town: Town, side: str) -> None:
    reader = door(town, side)
    foreign = set(Document.objects.values_list("id", flat=True)) - town.own(side) | {new_id()}
    assert len(foreign) > 3
    mails = Mail.objects.count()
    for document_id in foreign:
        pdf, mail = reader.of(document_id)
        assert reader.client.get(pdf).status_code == 404
        assert reader.client.get(mail).status_code == 404
        assert reader.client.post(mail).status_code == 404
    assert Mail.objects.count() == mails


@pytest.mark.parametrize("side", SIDES)
def test_nobody_comes_in_without_a_name(town: Town, side: str) -> None:
    names = NAMES[side]
    document_id = next(iter(town.own(side)))
    for address in (
        reverse(names[0]),
        reverse(names[2], args=[document_id]),
        reverse(names[3], args=[new_id()]),
    ):
        for method in ("get", "post"):
            answer = getattr(browser(), method)(address)
            assert answer.status_code == 302, address
            assert "/login/" in answer["Location"]
    assert browser().get(reverse(names[1], args=[document_id])).status_code in {302, 404}
    assert not Bundle.objects.exists()


@pytest.mark.parametrize("side", ["seller", "operator"])
def test_a_buyer_gets_nothing_at_the_other_doors(town: Town, side: str) -> None:
    stranger = browser(town.buyer)
    for document_id in town.own("buyer"):
        for name in NAMES[side][1:3]:
            answer = stranger.get(reverse(name, args=[document_id]))
            assert answer.status_code in {302, 403, 404}, name
            assert b"%PDF" not in answer.content


@pytest.mark.parametrize("side", SIDES)
def test_a_document_is_mailed_again_to_its_buyer_and_only_after_asking(
    town: Town, side: str
) -> None:
    reader = door(town, side)
    invoice = Document.objects.get(kind="invoice", cause_id=town.orders[0].id)
    _, address = reader.of(invoice.id)
    assert f'href="{address}"' in reader.page()
    mails = set(Mail.objects.values_list("id", flat=True))
    assert invoice.number in reader.client.get(address).content.decode()
    assert set(Mail.objects.values_list("id", flat=True)) == mails
    answer = reader.client.post(address, follow=True)
    assert answer.redirect_chain == [(reader.listed, 302)]
    [mail] = Mail.objects.exclude(pk__in=mails)
    assert mail.to == town.orders[0].purchase.email
    assert invoice.number in mail.subject
    assert mail.to in html.unescape(answer.content.decode())


@pytest.mark.parametrize("side", ["seller", "operator"])
def test_what_the_market_wrote_is_mailed_to_the_seller(town: Town, side: str) -> None:
    reader = door(town, side)
    commission = Document.objects.get(kind="commission_invoice", cause_id=town.orders[0].id)
    before = set(Mail.objects.values_list("id", flat=True))
    reader.client.post(reader.of(commission.id)[1])
    [mail] = Mail.objects.exclude(pk__in=before)
    assert mail.to == town.orders[0].seller.email


# The public page


def verify_page(document_id: UUID, **sent: object) -> str:
    client, address = browser(), reverse("verify_document", args=[document_id])
    answer = client.post(address, sent) if sent else client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def verdict(page: str) -> str:
    return re.search(r'<span class="badge[^"]*">(?:<svg.*?</svg>)?\s*([^<]+?)\s*</span>', page)[1]  # type: ignore[index]


def upload(pdf: bytes) -> io.BytesIO:
    file = io.BytesIO(pdf)
    file.name = "document.pdf"
    return file


def private_words(order: Order) -> set[str]:
    """Return what of an order is nobody else's business, as a page would write it."""
    purchase = order.purchase
    words = {purchase.name, purchase.email, purchase.phone, order.reference, purchase.reference}
    words |= {purchase.recipient, purchase.street, purchase.village, purchase.district}
    words |= {purchase.city, purchase.postal_code}
    amounts = {order.total_minor, order.items_minor}
    for line in order.lines.all():
        words |= {line.title_id, line.title_en, line.sku}
        amounts |= {line.total_minor, line.unit_price_minor}
    for amount in amounts:
        words |= {f"{amount // 100:,}".replace(",", "."), str(amount), str(amount // 100)}
    return {word for word in words if len(word) > 2}


def test_the_public_page_tells_that_a_document_is_valid_and_nothing_private(town: Town) -> None:
    for order in town.orders:
        secrets = private_words(order)
        for row in Document.objects.filter(cause_id=order.id):
            pdf_of(row.id)
            page = verify_page(row.id)
            assert row.number in page
            if row.kind != "pro_forma":
                assert verdict(page) == "Valid", row.kind
            visible = re.sub(r"<code.*?</code>|[0-9a-f-]{36}", "", page)
            assert not {word for word in secrets if word in visible}, row.kind


def test_the_public_page_tells_whether_a_file_is_the_original(town: Town) -> None:
    first, second = (
        Document.objects.get(kind="invoice", cause_id=order.id) for order in town.orders
    )
    pdf = pdf_of(first.id)[1]
    altered = pdf[:5000] + bytes([pdf[5000] ^ 1]) + pdf[5001:]
    assert "This file is the original" in verify_page(first.id, pdf=upload(pdf))
    for wrong in (altered, pdf + b"\n", pdf_of(second.id)[1]):
        assert "This file was altered" in verify_page(first.id, pdf=upload(wrong))
    client, address = browser(), reverse("verify")
    page = client.post(address, {"pdf": upload(pdf)}).content.decode()
    assert "This file is the original" in page
    assert first.number in page
    page = client.post(address, {"pdf": upload(altered)}).content.decode()
    assert "Not a document of ours" in page
    assert first.number not in page


def test_the_public_page_tells_that_a_document_was_superseded() -> None:
    bought = cancelled()
    invoice = Document.objects.filter(cause_id=bought.order.id, corrections__isnull=False).first()
    assert invoice is not None
    assert verdict(verify_page(invoice.id)) == "Being sealed"
    pdf_of(invoice.id)
    page = verify_page(invoice.id)
    assert verdict(page) == "Superseded"
    assert all(row.number in page for row in invoice.corrections.all())
    assert not {word for word in private_words(bought.order) if word in page}


def cancelled() -> Bought:
    """An order that was invoiced, paid back and credited."""
    bought = buy()
    drain()
    cancel_order(actor=OPERATOR, order_id=bought.order.id, reason="changed_mind")
    drain()
    return bought


def test_the_public_page_tells_that_what_is_stored_was_altered(town: Town) -> None:
    invoice = Document.objects.get(kind="invoice", cause_id=town.orders[0].id)
    pdf_of(invoice.id)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE documents_document SET content = jsonb_set(content, '{buyer,name}', '\"X\"')"
            " WHERE id = %s",
            [invoice.id],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert verdict(verify_page(invoice.id)) == "Altered"


def test_an_unknown_document_is_not_found() -> None:
    assert browser().get(reverse("verify_document", args=[new_id()])).status_code == 404


def test_the_daily_roots_and_the_certificate_are_open_to_anybody(town: Town) -> None:
    assert "<h1>Daily roots</h1>" in browser().get(reverse("verify_roots")).content.decode()
    for row in Document.objects.all():
        pdf_of(row.id)
    root = publish_root(day=localdate())
    assert root is not None
    page = browser().get(reverse("verify_roots")).content.decode()
    assert root in page
    address = reverse("verify_root", args=[str(localdate())])
    assert address in page
    told = browser().get(address).json()
    assert root_of(day=told["day"], heads=told["heads"], previous_root="") == root
    assert len(told["heads"]) == Document.objects.values("seller_id").distinct().count()
    assert browser().get(reverse("verify_root", args=["2026-13-41"])).status_code == 404
    pem = browser().get(reverse("verify_authority")).content
    assert check_pdf(pdf_of(next(iter(town.own("buyer"))))[1], pem).name == "Niaga"
