"""One changed byte, anywhere in what the market gave out, is refused."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.timezone import localdate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niaga.flows.documents import offline
from niaga.flows.documents.commands.publish_root import publish_root
from niaga.flows.documents.exporting import export_documents
from niaga.flows.documents.models import Document
from niaga.flows.documents.printing import pdf_of
from niaga.flows.documents.signing.keys import authority_certificate
from niaga.flows.documents.ubl.writer import xml_of
from niaga.flows.documents.verifying import examine_file
from niaga.kernel.ids import new_id
from tests.flows.test_document_proof import issue
from tests.flows.test_ubl import MIXED

pytestmark = pytest.mark.django_db

many: Any = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def altered(whole: bytes, place: int, by: int) -> bytes:
    """The same with one byte changed; places go on past the end from the start again."""
    place %= len(whole)
    return whole[:place] + bytes([whole[place] ^ by]) + whole[place + 1 :]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export of two chains: documents with and without XML, a root over each of two days."""
    seller_id = new_id()
    first = Document.objects.get(pk=issue(seller_id=seller_id))
    first.pk, first.xml, first.about_id = new_id(), xml_of(MIXED), new_id()
    first.serial, first.number = 2, "INV/TOKO/2026/00002"
    first.save(force_insert=True)
    issue("delivery_note")
    for document_id in Document.objects.values_list("id", flat=True):
        pdf_of(document_id)
    today = localdate()
    for day in (today, today.replace(year=today.year + 1)):
        assert publish_root(day=day)
    folder = tmp_path / "export"
    export_documents(folder, told=lambda _done, _of: None)
    assert offline.check_folder(folder) == offline.Checked(3, 2, 2, ())
    return folder


@many
@given(data=st.data(), place=st.integers(0, 2**20), by=st.integers(1, 255))
def test_every_altered_byte_of_an_export_is_refused(
    export: Path, data: st.DataObject, place: int, by: int
) -> None:
    files = sorted(path for path in export.rglob("*") if path.is_file())
    assert len(files) == 3 + 3 * 2 + 1
    file = data.draw(st.sampled_from(files))
    whole = file.read_bytes()
    file.write_bytes(altered(whole, place, by))
    try:
        found = offline.check_folder(export)
    finally:
        file.write_bytes(whole)
    assert found.wrong, f"{file.name}: byte {place % len(whole)} ^ {by}"


@pytest.fixture
def pdf() -> bytes:
    """A signed document."""
    return pdf_of(issue())[1]


@many
@given(place=st.integers(0, 2**20), by=st.integers(1, 255))
def test_every_altered_byte_of_a_pdf_is_refused(pdf: bytes, place: int, by: int) -> None:
    _refused(altered(pdf, place, by))


@many
@given(place=st.integers(0, 2**20), by=st.integers(1, 255))
def test_every_altered_byte_of_its_signature_is_refused(pdf: bytes, place: int, by: int) -> None:
    """A signature cannot sign its own place, which is a sixth of the file: the hardest bytes."""
    start = pdf.rindex(b"/Contents <")
    end = pdf.index(b">", start) + 1
    _refused(pdf[:start] + altered(pdf[start:end], place, by) + pdf[end:])


def test_what_is_added_or_taken_away_is_refused(pdf: bytes) -> None:
    assert offline.check_pdf(pdf, authority()).name == "Niaga"
    for changed in (pdf + b"\n", pdf + b"\n% more", pdf[:-1], pdf[1:], pdf[: len(pdf) // 2], b""):
        _refused(changed)


def authority() -> bytes:
    return authority_certificate().public_bytes(Encoding.PEM)


def _refused(pdf: bytes) -> None:
    with pytest.raises(offline.NotGenuineError):
        offline.check_pdf(pdf, authority())
    assert examine_file(pdf) is None
