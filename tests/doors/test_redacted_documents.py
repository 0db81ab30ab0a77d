"""Documents whose contents were deleted: every door shows the row and says why it does not open."""

import csv
import io
import zipfile
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from niaga.flows.documents.commands.issue_document import issue_document
from niaga.flows.documents.finishing import UnissuedDocument
from niaga.flows.documents.models import Bundle, Document
from niaga.flows.documents.printing import pdf_of
from niaga.flows.documents.redacting import redact_due
from niaga.flows.information.models import Mail
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from tests.doors.test_documents import (
    SIDES,
    Town,
    browser,
    door,
    pack,
    private_words,
    town,
    upload,
    verdict,
    verify_page,
)
from tests.flows.test_document_rendering import a_document
from tests.support.statements import count_statements

__all__ = ["town"]

pytestmark = pytest.mark.django_db


def of_2014(town: Town) -> tuple[UUID, bytes]:
    """Issue and seal one more receipt of the first order, as if long ago."""
    order = town.orders[0]
    with clock.at(datetime(2014, 5, 6, tzinfo=UTC)):
        content = a_document("receipt")
        document = UnissuedDocument(order.seller_id, "TOKO", order.id, new_id(), content)
        issued = issue_document(document=document)
        assert issued is not None
        return issued.document_id, pdf_of(issued.document_id)[1]


@pytest.mark.parametrize("side", SIDES)
def test_a_list_shows_the_row_and_offers_nothing_to_open(town: Town, side: str) -> None:
    reader, gone = door(town, side), of_2014(town)[0]
    number = Document.objects.get(pk=gone).number
    opens, mails = reader.of(gone)
    assert opens in reader.page(q=number)
    before = count_statements(reader.client, reader.listed)
    assert redact_due() == 1
    page = reader.page(q=number)
    assert number in page
    assert "Contents deleted on" in page
    assert opens not in page
    assert mails not in page
    assert reverse("verify_document", args=[gone]) in page
    assert "Contents deleted on" not in reader.page(kind="invoice")
    assert count_statements(reader.client, reader.listed) == before


@pytest.mark.parametrize("side", SIDES)
def test_opening_it_says_that_it_was_deleted(town: Town, side: str) -> None:
    reader, gone = door(town, side), of_2014(town)[0]
    redact_due()
    answer = reader.client.get(reader.of(gone)[0])
    assert answer.status_code == 410
    page = answer.content.decode()
    assert "This document was deleted" in page
    assert Document.objects.get(pk=gone).number in page
    assert reverse("verify_document", args=[gone]) in page
    foreign = door(town, side)
    foreign.client.logout()
    assert foreign.client.get(reader.of(gone)[0]).status_code != 410


@pytest.mark.parametrize("side", SIDES)
def test_it_is_not_sent_by_mail(town: Town, side: str) -> None:
    reader, gone = door(town, side), of_2014(town)[0]
    redact_due()
    mails = Mail.objects.count()
    answer = reader.client.post(reader.of(gone)[1], follow=True)
    assert "were deleted: their years are over" in answer.content.decode()
    assert Mail.objects.count() == mails


def test_an_order_s_pages_say_that_it_is_gone(town: Town) -> None:
    gone = of_2014(town)[0]
    redact_due()
    order_id = town.orders[0].id
    for side, name in (
        ("buyer", "order"),
        ("seller", "seller:order"),
        ("operator", "office:order"),
    ):
        reader = door(town, side)
        page = reader.client.get(reverse(name, args=[order_id])).content.decode()
        assert page.count("Contents deleted on") == 1, side
        assert f'href="{reader.of(gone)[0]}"' not in page, side


def test_a_zip_leaves_it_out_and_says_so(town: Town) -> None:
    reader, gone = door(town, "buyer"), of_2014(town)[0]
    redact_due()
    reader.client.post(reader.listed)
    bundle = Bundle.objects.get()
    assert str(gone) in bundle.document_ids
    pack(bundle.id)
    page = reader.client.get(reverse("bundle", args=[bundle.id])).content.decode()
    assert f"{len(bundle.document_ids) - 1} documents are packed." in page
    assert "1 more is left out: its contents were deleted." in page
    file = reader.client.get(reverse("bundle_zip", args=[bundle.id]))
    with zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))) as archive:  # type: ignore[attr-defined]
        names = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read("summary.csv").decode("utf-8-sig"))))
    assert len([name for name in names if name.endswith(".pdf")]) == len(bundle.document_ids) - 1
    [row] = rows
    assert row["number"] == Document.objects.get(pk=gone).number
    assert str(localdate()) in row["note"]


def test_the_public_page_tells_that_it_was_genuine_and_compares_a_file(town: Town) -> None:
    gone, pdf = of_2014(town)
    redact_due()
    page = verify_page(gone)
    assert verdict(page) == "Contents deleted"
    assert Document.objects.get(pk=gone).number in page
    assert "This document was genuine" in page
    assert "Issued by" not in page
    assert not {word for word in private_words(town.orders[0]) if word in page}
    assert "This file is the original" in verify_page(gone, pdf=upload(pdf))
    altered = pdf[:5000] + bytes([pdf[5000] ^ 1]) + pdf[5001:]
    assert "This file was altered" in verify_page(gone, pdf=upload(altered))
    page = browser().post(reverse("verify"), {"pdf": upload(pdf)}).content.decode()
    assert "This file is the original" in page
    assert "Contents deleted" in page
