"""A seller chooses how its documents look, within limits, and sees it before it keeps it."""

import io
import re
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from niaga.flows.documents.models import DocumentStyle
from niaga.parties.models import Company, Membership
from tests.support.buyers import browser
from tests.support.worlds import make_company, make_person

pytestmark = pytest.mark.django_db

PAGE = "seller:document_style"
CHOICE = {
    "accent": "#1f6b46",
    "language": "en",
    "syntax": "cii",
    "footer_text": "Open every day from 9 to 17",
    "payment_terms": "Within 14 days",
    "shows_logo": "on",
    "pattern_invoice": "F-{year}-{number:04}",
}


@pytest.fixture
def company() -> Company:
    return make_company(name="Toko Gaya")


@pytest.fixture
def owner(company: Company) -> Client:
    """The browser of the shop's owner."""
    person = make_person()
    Membership.objects.create(person=person, company=company, role=Membership.Role.OWNER)
    return browser(person)


def post(client: Client, **changes: Any) -> HttpResponse:
    htmx = {"HX-Request": "true"} if changes.pop("htmx", False) else {}
    return client.post(reverse(PAGE), CHOICE | changes, headers=htmx)


def picture(client: Client, page: str) -> Image.Image:
    """The preview that a page shows, drawn."""
    [address] = re.findall(r'class="paper-preview" src="([^"]+)"', page)
    drawn = client.get(unescape(address))
    assert (drawn.status_code, drawn["Content-Type"]) == (200, "image/png")
    return Image.open(io.BytesIO(drawn.content)).convert("RGB")


def test_a_choice_is_seen_at_once_and_kept_only_when_it_is_saved(
    owner: Client, company: Company
) -> None:
    before = picture(owner, owner.get(reverse(PAGE)).content.decode())
    told = post(owner, preview="1", htmx=True)
    part = told.content.decode()
    assert told.status_code == 200
    assert part.lstrip().startswith("<aside")
    assert "<code>F-" in part
    green = picture(owner, part)
    assert (0x1F, 0x6B, 0x46) in dict(map(reversed, green.getcolors(maxcolors=2**20)))
    assert before.tobytes() != green.tobytes()
    assert not DocumentStyle.objects.exists()

    assert post(owner).status_code == 302
    style = DocumentStyle.objects.get(pk=company.id)
    assert (style.accent, style.language, style.syntax, style.footer_text) == (
        "#1f6b46", "en", "cii", "Open every day from 9 to 17",
    )  # fmt: skip
    assert style.patterns == {"invoice": "F-{year}-{number:04}"}
    assert picture(owner, owner.get(reverse(PAGE)).content.decode()).tobytes() == green.tobytes()


@pytest.mark.parametrize(
    ("name", "value"),
    [("accent", "#aa2200"), ("language", "id"), ("footer_text", "Tutup hari Minggu"),
     ("payment_terms", "Tunai")],
)  # fmt: skip
def test_every_choice_is_seen_in_the_preview(owner: Client, name: str, value: str) -> None:
    first = picture(owner, post(owner, preview="1", htmx=True).content.decode())
    other = picture(owner, post(owner, preview="1", htmx=True, **{name: value}).content.decode())
    assert first.size == other.size
    assert first.tobytes() != other.tobytes()


def test_without_scripts_the_whole_page_shows_the_preview(owner: Client) -> None:
    page = post(owner, preview="1").content.decode()
    assert "<html" in page
    picture(owner, page)
    assert not DocumentStyle.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accent", "red"),
        ("accent", "#12345"),
        ("language", "fr"),
        ("syntax", "edifact"),
        ("footer_text", "x" * 201),
        ("payment_terms", "x" * 301),
        ("pattern_invoice", "INV/{number}"),
        ("pattern_invoice", "KW/{seller}/{year}/{number:05}"),
    ],
)
def test_beyond_the_limits_nothing_is_kept(owner: Client, name: str, value: str) -> None:
    assert post(owner, **{name: value}).status_code == 422
    assert not DocumentStyle.objects.exists()
    # What is not finished yet still shows a preview.
    assert post(owner, preview="1", htmx=True, **{name: value}).status_code == 200


def test_a_shop_dresses_its_own_documents_only(owner: Client, company: Company) -> None:
    other = make_company(name="Toko Lain")
    assert post(owner, company=str(other.id), seller_id=str(other.id)).status_code == 302
    assert list(DocumentStyle.objects.values_list("pk", flat=True)) == [company.id]
    assert post(browser(make_person())).status_code in {302, 403, 404}
    assert list(DocumentStyle.objects.values_list("pk", flat=True)) == [company.id]
