"""Documents are judged before they are issued; what fails takes no number and waits."""

import io

import pytest
from pypdf import PdfReader

from niaga.flows.documents.models import Document, Draft
from niaga.flows.documents.printing import pdf_of
from niaga.flows.documents.tasks import DRAFT_TASK
from niaga.kernel.actor import Actor
from niaga.parties.models import Company
from niaga.plumbing.commands.tasks import TaskOfAnother, take_task
from niaga.plumbing.models import Task
from niaga.plumbing.relay import relay
from niaga.plumbing.worker import drain
from niaga.project.audit import run_audit
from niaga.stages.ordering.commands.retry_draft import retry_draft
from niaga.stages.ordering.models import Order
from tests.support.worlds import (
    make_basket,
    make_company,
    make_goods,
    make_person,
    make_refused_draft,
    pay,
    place,
    ship_all,
)

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
    draft = make_refused_draft()
    assert not Document.objects.filter(kind="invoice").exists()
    assert (draft.rule, bool(draft.message)) == ("BR-06", True)

    Company.objects.filter(pk=draft.seller_id).update(name="Toko Baik", legal_name="PT Baik")
    task = Task.objects.get(kind=DRAFT_TASK, subject_id=draft.id)
    assert (task.state, task.owner_id) == ("open", None)
    operator = Actor("operator", make_person(is_staff=True).id)
    with pytest.raises(TaskOfAnother):
        retry_draft(actor=operator, draft_id=draft.id)
    assert Draft.objects.get(pk=draft.id).rule == "BR-06"
    take_task(actor=operator, task_id=task.id)
    retry_draft(actor=operator, draft_id=draft.id)
    drain()
    invoice = Document.objects.get(kind="invoice", cause_id=draft.cause_id)
    assert invoice.serial == 1
    assert not Draft.objects.filter(kind="invoice").exists()
    task.refresh_from_db()
    assert (task.state, task.reason) == ("done", invoice.number)


def test_the_xml_in_the_pdf_is_the_stored_one() -> None:
    order = paid_order(make_company())
    ship_all(order)
    drain()
    kinds = ("order_confirmation", "delivery_note", "invoice")
    for document in Document.objects.filter(cause_id=order.id, kind__in=kinds):
        attached = PdfReader(io.BytesIO(pdf_of(document.id)[1])).attachments
        assert list(attached.values()) == [[document.xml.encode()]]


def test_a_waiting_draft_leaves_its_order_out_of_the_audit_and_a_refused_one_does_not() -> None:
    company = make_company()
    Company.objects.filter(pk=company.pk).update(name="", legal_name="")
    order = paid_order(company)
    relay()
    assert Draft.objects.filter(cause_id=order.id, kind="invoice", rule="").exists()
    assert run_audit() == ()
    drain()
    [violation] = run_audit()
    assert violation.check == "captured - refunded = invoiced - credited"
    assert violation.subject == f"order {order.reference}"
