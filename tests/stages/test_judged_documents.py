"""Documents are judged before they are issued; what fails takes no number and waits."""

from dataclasses import replace

import pytest

from niaga.flows.documents.models import Document, Draft
from niaga.parties.models import Company
from niaga.plumbing.worker import drain
from niaga.stages.ordering.commands.draft_paper import retry_draft
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.papers import party_of
from tests.support.worlds import make_basket, make_company, make_goods, pay, place

pytestmark = pytest.mark.django_db


def paid_order(company: Company) -> Order:
    placed = place(make_basket((make_goods(company, price=111_000), 1)))
    pay(placed)
    return Order.objects.get(purchase_id=placed.purchase_id)


def test_what_was_judged_is_issued() -> None:
    order = paid_order(make_company())
    drain()
    invoice = Document.objects.get(kind="invoice", cause_id=order.id)
    assert f"<cbc:ID>{invoice.number}</cbc:ID>" in invoice.xml
    assert not Draft.objects.exists()


def test_what_fails_takes_no_number_and_can_be_tried_again() -> None:
    company = make_company()
    Company.objects.filter(pk=company.pk).update(name="", legal_name="")
    order = paid_order(company)
    drain()
    assert not Document.objects.filter(kind="invoice").exists()
    draft = Draft.objects.get(kind="invoice")
    assert draft.rule
    assert draft.message

    retry_draft(draft_id=draft.id, seller=replace(party_of(company), name="Toko Baik"))
    drain()
    invoice = Document.objects.get(kind="invoice", cause_id=order.id)
    assert invoice.serial == 1
    assert not Draft.objects.filter(kind="invoice").exists()
