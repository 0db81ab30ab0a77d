"""What the operator does with documents that were not issued."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from niaga.flows.documents.commands.draft_document import DraftGone, take_draft
from niaga.flows.documents.models import Document, Draft
from niaga.kernel.actor import Actor
from niaga.parties.models import Company, Person
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.worker import drain
from niaga.stages.ordering.commands.retry_draft import retry_draft
from niaga.stages.ordering.models import Order
from tests.support.worlds import make_person, make_refused_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    """The operator's browser."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_person(name="Sari Operator", is_staff=True))
    return client


def act(office: Client, name: str, draft_id: UUID) -> int:
    """Post a form of the page; return the answer's status."""
    return office.post(reverse(f"office:{name}", args=[draft_id])).status_code


def test_a_document_that_was_not_issued_is_taken_mended_and_tried_again(office: Client) -> None:
    draft = make_refused_draft()
    page = office.get(reverse("office:refused_drafts")).content.decode()
    order = Order.objects.get(pk=draft.cause_id)
    for words in ("Invoice", order.reference, draft.rule):
        assert words in page
    assert act(office, "draft_take", draft.id) == 302
    owner = Person.objects.get(name="Sari Operator")
    assert Draft.objects.get(pk=draft.id).owner_id == owner.id

    assert act(office, "draft_again", draft.id) == 302
    drain()
    still = Draft.objects.get(pk=draft.id)
    assert (still.rule, still.owner_id) == (draft.rule, owner.id)

    Company.objects.filter(pk=draft.seller_id).update(name="Toko Baik", legal_name="PT Baik")
    assert act(office, "draft_again", draft.id) == 302
    drain()
    assert not Draft.objects.filter(pk=draft.id).exists()
    invoice = Document.objects.get(kind="invoice", cause_id=order.id)
    assert (invoice.serial, invoice.content["seller"]["name"]) == (1, "Toko Baik")


def test_what_is_issued_meanwhile_is_refused_and_stays(office: Client) -> None:
    draft = make_refused_draft()
    retry_draft(draft_id=draft.id)  # another operator is a moment earlier
    before = list(StoredEvent.objects.values_list("id", flat=True))
    with pytest.raises(DraftGone):
        take_draft(actor=Actor("operator", make_person().id), draft_id=draft.id)
    assert Draft.objects.get(pk=draft.id).owner_id is None
    Draft.objects.filter(pk=draft.id).delete()
    assert act(office, "draft_again", draft.id) == 404
    assert list(StoredEvent.objects.values_list("id", flat=True)) == before
