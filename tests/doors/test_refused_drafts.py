"""What the operator does with documents that were not issued: tasks like any other."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from niaga.flows.documents.models import Document, Draft
from niaga.flows.documents.tasks import DRAFT_TASK
from niaga.parties.models import Company, Person
from niaga.plumbing.models import StoredEvent, Task
from niaga.plumbing.worker import drain
from niaga.stages.ordering.models import Order
from tests.support.worlds import make_person, make_refused_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    """The operator's browser."""
    return operator("Sari Operator")


def operator(name: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_person(name=name, is_staff=True))
    return client


def act(office: Client, name: str, about: UUID) -> int:
    """Post a form of a page; return the answer's status."""
    return office.post(reverse(f"office:{name}", args=[about])).status_code


def task_of(draft: Draft) -> Task:
    return Task.objects.get(kind=DRAFT_TASK, subject_id=draft.id)


def test_a_document_that_was_not_issued_is_taken_mended_and_tried_again(office: Client) -> None:
    draft = make_refused_draft()
    order = Order.objects.get(pk=draft.cause_id)
    task = task_of(draft)
    listed = office.get(reverse("office:tasks"), {"kind": "draft"}).content.decode()
    page = office.get(reverse("office:task", args=[task.id])).content.decode()
    for words in ("Invoice", order.reference, draft.rule):
        assert words in listed
        assert words in page
    assert draft.message in page
    again = reverse("office:draft_again", args=[draft.id])
    assert again not in page
    assert act(office, "task_take", task.id) == 302
    owner = Person.objects.get(name="Sari Operator")
    assert task_of(draft).owner_id == owner.id
    assert again in office.get(reverse("office:task", args=[task.id])).content.decode()

    assert act(office, "draft_again", draft.id) == 302
    drain()
    assert Draft.objects.get(pk=draft.id).rule == draft.rule
    assert (task_of(draft).state, task_of(draft).owner_id) == ("taken", owner.id)

    Company.objects.filter(pk=draft.seller_id).update(name="Toko Baik", legal_name="PT Baik")
    assert act(office, "draft_again", draft.id) == 302
    drain()
    assert not Draft.objects.filter(pk=draft.id).exists()
    invoice = Document.objects.get(kind="invoice", cause_id=order.id)
    assert (invoice.serial, invoice.content["seller"]["name"]) == (1, "Toko Baik")
    assert (task_of(draft).state, task_of(draft).reason) == ("done", invoice.number)
    assert invoice.number in office.get(reverse("office:task", args=[task.id])).content.decode()


def test_who_has_not_taken_it_changes_nothing(office: Client) -> None:
    draft = make_refused_draft()
    act(operator("Budi Operator"), "task_take", task_of(draft).id)
    before = list(Draft.objects.values()), list(StoredEvent.objects.values_list("id", flat=True))
    assert act(office, "draft_again", draft.id) == 422
    assert act(Client(), "draft_again", draft.id) in {302, 403, 404}
    after = list(Draft.objects.values()), list(StoredEvent.objects.values_list("id", flat=True))
    assert after == before


def test_what_is_issued_meanwhile_is_not_found(office: Client) -> None:
    draft = make_refused_draft()
    act(office, "task_take", task_of(draft).id)
    Draft.objects.filter(pk=draft.id).delete()
    before = list(StoredEvent.objects.values_list("id", flat=True))
    assert act(office, "draft_again", draft.id) == 404
    assert list(StoredEvent.objects.values_list("id", flat=True)) == before
