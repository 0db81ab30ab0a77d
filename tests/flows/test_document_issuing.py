"""Sixteen issuers at once, rollbacks, the turn of a year, and credits: numbers without a gap."""

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as django
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niaga.flows.documents.commands.draft_document import draft_document
from niaga.flows.documents.commands.issue_document import CreditTooHigh
from niaga.flows.documents.finishing import UnissuedDocument
from niaga.flows.documents.models import Document, Draft
from niaga.flows.documents.rendering.content import Kind
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.plumbing import models as plumbing
from niaga.plumbing.worker import drain
from niaga.project.audit import run_audit
from niaga.project.database import server_url
from niaga.stages.ordering.issuing import issue_draft
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.papers import InvoiceMissingError, credit_part
from tests.flows.test_document_proof import issue
from tests.flows.test_ubl import MIXED
from tests.support.worlds import make_basket, make_company, make_goods, pay, place

MIDNIGHT = datetime(2026, 12, 31, 17, tzinfo=UTC)  # the new year in Jakarta
ISSUERS, EACH = 16, 12


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    yield
    connection.close()


def check_series() -> None:
    """Every seller's, kind's and year's serials are 1, 2, 3 ...; no number stands twice."""
    rows = list(Document.objects.values_list("seller_id", "kind", "year", "serial", "number"))
    series = Counter(row[:3] for row in rows)
    for key, count in series.items():
        assert sorted(row[3] for row in rows if row[:3] == key) == list(range(1, count + 1))
    assert len({(seller_id, kind, number) for seller_id, kind, _, _, number in rows}) == len(rows)


def at_once(work: list[threading.Thread]) -> None:
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


def test_sixteen_issuers_and_rollbacks_across_the_turn_of_the_year(committed: None) -> None:
    sellers = (new_id(), new_id())
    kinds: tuple[Kind, ...] = ("invoice", "receipt")
    kept: list[tuple[UUID, Kind, int]] = []
    rolled_back: list[int] = []

    def work(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(EACH):
                seller_id, kind = chance.choice(sellers), chance.choice(kinds)
                # Their clocks differ a little, as machines' do: the years overlap.
                now = MIDNIGHT + timedelta(seconds=chance.choice([-2, -1, 0, 1, 2]))
                with clock.at(now), transaction.atomic():
                    issue(kind, seller_id=seller_id)
                    if chance.random() < 0.4:
                        transaction.set_rollback(True)
                        rolled_back.append(seed)
                        continue
                kept.append((seller_id, kind, 2026 if now < MIDNIGHT else 2027))
        finally:
            connection.close()

    at_once([threading.Thread(target=work, args=(seed,)) for seed in range(ISSUERS)])
    assert rolled_back
    assert len(kept) + len(rolled_back) == ISSUERS * EACH
    issued = Counter(Document.objects.values_list("seller_id", "kind", "year"))
    assert issued == Counter(kept)
    assert {year for _, _, year in issued} == {2026, 2027}
    check_series()


def test_drafts_judged_by_many_at_once_take_no_number_twice(committed: None) -> None:
    company = make_company()
    goods = make_goods(company, price=111_000)
    placed = place(make_basket((goods, 1)))
    order = Order.objects.get(purchase_id=placed.purchase_id)
    ids = [
        draft_document(
            document=UnissuedDocument(
                seller_id=company.id,
                series_name="TOKO",
                cause_id=order.id,
                about_id=new_id(),
                content=MIXED,
            )
        )
        for _ in range(ISSUERS)
    ]

    def work(draft_id: UUID) -> None:
        try:
            issue_draft(draft_id)
        finally:
            connection.close()

    at_once([threading.Thread(target=work, args=(draft_id,)) for draft_id in ids])
    assert not Draft.objects.exists()
    documents = Document.objects.filter(kind="invoice")
    assert documents.count() == ISSUERS
    assert all(f"<cbc:ID>{one.number}</cbc:ID>" in one.xml for one in documents)
    check_series()


IN_A_PROCESS = """
import random, sys, django
django.setup()
from uuid import UUID
from django.db import transaction
from tests.flows.test_document_proof import issue
chance, seller_id = random.Random(int(sys.argv[1])), UUID(sys.argv[2])
kept = 0
for _ in range(10):
    with transaction.atomic():
        issue(seller_id=seller_id)
        if chance.random() < 0.4:
            transaction.set_rollback(True)
        else:
            kept += 1
print(kept)
"""


def test_issuers_in_processes_of_their_own_share_one_series(committed: None) -> None:
    database = connection.settings_dict
    url = server_url(Path(database["HOST"]), database=database["NAME"])
    known = {"DATABASE_URL": url, "NIAGA_DATA": str(django.DATA)}
    seller_id = new_id()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", IN_A_PROCESS, str(seed), str(seller_id)],
            env=os.environ | known,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(4)
    ]
    kept = [int(process.communicate(timeout=300)[0]) for process in processes]
    assert all(process.returncode == 0 for process in processes)
    assert 0 < sum(kept) < 40
    assert Document.objects.filter(seller_id=seller_id).count() == sum(kept)
    check_series()


amounts = st.lists(st.integers(1, 150_00), min_size=1, max_size=8)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(total=st.integers(1, 300_00), credits_minor=amounts)
def test_credit_notes_never_come_to_more_than_their_invoice(
    total: int, credits_minor: list[int]
) -> None:
    seller_id = new_id()
    invoice_id = issue(seller_id=seller_id, total=total)
    left = total
    for minor in credits_minor:
        before = list(plumbing.Counter.objects.values()), Document.objects.count()
        if minor <= left:
            issue("credit_note", seller_id=seller_id, corrects_id=invoice_id, total=minor)
            left -= minor
            continue
        with pytest.raises(CreditTooHigh) as refused:
            issue("credit_note", seller_id=seller_id, corrects_id=invoice_id, total=minor)
        assert refused.value.left_minor == left
        after = list(plumbing.Counter.objects.values()), Document.objects.count()
        assert after == before
    notes = Document.objects.filter(corrects_id=invoice_id).values_list("total_minor", flat=True)
    assert sum(minor or 0 for minor in notes) == total - left
    check_series()


def test_credits_at_once_never_come_to_more_than_their_invoice(committed: None) -> None:
    seller_id = new_id()
    invoice_id = issue(seller_id=seller_id, total=100_00)
    refused: list[int] = []

    def work() -> None:
        try:
            issue("credit_note", seller_id=seller_id, corrects_id=invoice_id, total=30_00)
        except CreditTooHigh as no:
            refused.append(no.left_minor)
        finally:
            connection.close()

    at_once([threading.Thread(target=work) for _ in range(ISSUERS)])
    assert refused == [10_00] * (ISSUERS - 3)
    assert Document.objects.filter(corrects_id=invoice_id).count() == 3
    check_series()


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    parts=st.lists(st.integers(1, 90_000), min_size=1, max_size=5),
    price=st.sampled_from([99_900, 70_001]),
)
def test_parts_of_an_order_given_back_are_credited_by_valid_notes(
    parts: list[int], price: int
) -> None:
    company = make_company()
    placed = place(make_basket((make_goods(company, price=price), 2)))
    pay(placed)
    drain()
    order = Order.objects.get(purchase_id=placed.purchase_id)
    invoice = Document.objects.get(cause_id=order.id, kind="invoice")
    left = invoice.total_minor or 0
    for rupiah in parts:
        amount = Money.of(rupiah)
        if amount.minor > left:
            with pytest.raises(InvoiceMissingError):
                credit_part(order_id=order.id, about_id=new_id(), amount=amount)
            continue
        credit_part(order_id=order.id, about_id=new_id(), amount=amount)
        left -= amount.minor
    drain()
    assert not Draft.objects.filter(cause_id=order.id).exists()
    notes = Document.objects.filter(corrects=invoice)
    assert sum(note.total_minor or 0 for note in notes) == (invoice.total_minor or 0) - left
    assert not [one for one in run_audit() if "number" in one.check]
