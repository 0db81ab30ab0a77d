"""Documents are printed, signed, chained and published; whatever is altered is found."""

import dataclasses
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.core.files.storage import storages
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localdate
from pypdf import PdfReader

from niaga.flows.documents import offline
from niaga.flows.documents.commands.issue_document import CreditTooHigh, issue_document
from niaga.flows.documents.commands.publish_root import publish_root
from niaga.flows.documents.exporting import export_documents
from niaga.flows.documents.finishing import UnissuedDocument
from niaga.flows.documents.models import DailyRoot, Document, DocumentStyle, Seal
from niaga.flows.documents.numbers import PATTERNS
from niaga.flows.documents.printing import pdf_of
from niaga.flows.documents.rendering.content import Kind, to_json
from niaga.flows.documents.rendering.pdf import render_pdf
from niaga.flows.documents.signing.keys import authority_certificate, market_key
from niaga.flows.documents.signing.pades import sign_pdf
from niaga.flows.documents.verifying import examine
from niaga.kernel.ids import new_id
from niaga.plumbing.models import Counter
from tests.flows.test_document_rendering import BUYER, TOTALS, a_document

pytestmark = pytest.mark.django_db


def issue(
    kind: Kind = "invoice",
    *,
    seller_id: UUID | None = None,
    corrects_id: UUID | None = None,
    total: int | None = None,
) -> UUID:
    content = a_document(kind)
    if total is not None:
        sums = dataclasses.replace(TOTALS, grand_total_minor=total)
        content = dataclasses.replace(content, totals=sums)
    document = UnissuedDocument(
        seller_id or new_id(), "TOKO", new_id(), new_id(), content, corrects_id
    )
    issued = issue_document(document=document)
    assert issued is not None
    return issued.document_id


def _told(*_: object) -> None:
    return None


def test_a_lost_file_is_printed_again_and_is_the_same() -> None:
    document_id = issue()
    name, pdf = pdf_of(document_id)
    row = Document.objects.get(pk=document_id)
    assert name == "INV-TOKO-2026-00001.pdf"
    storages["documents"].delete(row.pdf_path)
    assert pdf_of(document_id) == (name, pdf)
    assert storages["documents"].exists(row.pdf_path)
    assert Seal.objects.count() == 1


IN_ANOTHER_PROCESS = """
import json, sys, django
from datetime import datetime
django.setup()
from niaga.flows.documents.rendering.content import from_json
from niaga.flows.documents.rendering.pdf import render_pdf
from niaga.flows.documents.signing.keys import market_key
from niaga.flows.documents.signing.pades import sign_pdf
told = json.load(sys.stdin)
pdf = render_pdf(from_json(told["content"]), xml=told["xml"])
sys.stdout.buffer.write(sign_pdf(pdf, market_key(), at=datetime.fromisoformat(told["at"])))
"""


@pytest.mark.parametrize("kind", PATTERNS)
def test_signing_writes_no_instant_but_the_given_ones(kind: Kind) -> None:
    at = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    pdf = sign_pdf(render_pdf(a_document(kind), xml="<Invoice/>"), market_key(), at=at)
    dates = set(re.findall(rb"D(?:\\072|:)(\d{14})", pdf))
    assert dates == {b"20261124170500", b"20310506070809"}
    assert set(re.findall(rb"(20\d\d-\d\d-\d\dT[\d:]+)", pdf)) == {b"2026-11-24T17:05:00"}


def test_another_process_in_another_time_zone_makes_the_same_bytes(tmp_path: Path) -> None:
    content, at = a_document(), datetime(2026, 11, 25, 3, 0, 1, 234567, tzinfo=UTC)
    here = sign_pdf(render_pdf(content, xml="<Invoice/>"), market_key(), at=at)
    told = {"content": to_json(content), "xml": "<Invoice/>", "at": at.isoformat()}
    there = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        input=json.dumps(told).encode(),
        env=os.environ | {"TZ": "America/St_Johns", "NIAGA_DATA": str(settings.DATA)},
        capture_output=True,
        check=True,
    )
    assert there.stdout == here


def test_a_damaged_file_is_not_given_out() -> None:
    document_id = issue()
    _, pdf = pdf_of(document_id)
    row = Document.objects.get(pk=document_id)
    path = Path(storages["documents"].path(row.pdf_path))
    path.write_bytes(pdf.replace(b"%PDF", b"%pdf", 1))
    assert pdf_of(document_id)[1] == pdf
    assert path.read_bytes() == pdf


def test_poppler_finds_the_signature_valid_and_qpdf_finds_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "document.pdf"
    file.write_bytes(pdf_of(issue())[1])
    if shutil.which("pdfsig") is None or shutil.which("qpdf") is None:
        pytest.skip("pdfsig (poppler-utils) or qpdf is not installed: run 'make browser'")
    told = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=True).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    checked = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_stored_xml_is_in_the_pdf() -> None:
    document_id = issue()
    xml = "<Invoice>Kopi & Teh</Invoice>"
    copy = Document.objects.get(pk=document_id)
    copy.pk, copy.xml, copy.serial, copy.number, copy.about_id = new_id(), xml, 2, "x/2", new_id()
    copy.save(force_insert=True)
    attached = PdfReader(io.BytesIO(pdf_of(copy.pk)[1])).attachments
    assert attached == {"invoice.xml": [xml.encode()]}


def test_a_seller_with_a_certificate_signs_itself_and_the_market_for_the_others(
    tmp_path: Path,
) -> None:
    seller_id = new_id()
    DocumentStyle.objects.create(seller_id=seller_id, has_certificate=True)
    pem = authority_certificate().public_bytes(Encoding.PEM)
    own = offline.check_pdf(pdf_of(issue(seller_id=seller_id))[1], pem)
    markets = offline.check_pdf(pdf_of(issue("payout_advice", seller_id=seller_id))[1], pem)
    others = offline.check_pdf(pdf_of(issue())[1], pem)
    assert own.name == "PT Kopi Nusantara Jaya"
    assert (markets.name, others.name) == ("Niaga", "Niaga")


def test_another_authority_is_not_believed(tmp_path: Path, settings: Any) -> None:
    pdf = pdf_of(issue())[1]
    settings.DOCUMENT_KEYS = tmp_path / "others"
    with pytest.raises(offline.NotGenuineError):
        offline.check_pdf(pdf, authority_certificate().public_bytes(Encoding.PEM))


def test_an_export_holds_and_every_change_of_it_is_found(tmp_path: Path) -> None:
    seller_id = new_id()
    for _ in range(3):
        issue(seller_id=seller_id)
    issue("receipt")
    assert publish_root(day=localdate()) is None
    folder = tmp_path / "export"
    assert export_documents(folder, told=_told) == 4
    root = publish_root(day=localdate())
    shutil.rmtree(folder)
    export_documents(folder, told=_told)
    assert offline.check_folder(folder) == offline.Checked(4, 2, 1, ())
    assert DailyRoot.objects.get().root == root

    files = sorted(p for p in folder.rglob("*") if p.suffix in {".pdf", ".json"})
    for file in files:
        whole = file.read_bytes()
        middle = len(whole) // 2
        file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        assert offline.check_folder(folder).wrong, file
        file.write_bytes(whole)
    chain = folder / offline.CHAIN
    lines = chain.read_text().splitlines(keepends=True)
    for kept in (lines[1:], lines[:1] + lines[2:], [lines[1], lines[0], *lines[2:]]):
        chain.write_text("".join(kept))
        assert offline.check_folder(folder).wrong
    entry = json.loads(lines[0])
    entry["link"]["previous_hash"] = "0" * 64
    chain.write_text(json.dumps(entry) + "\n" + "".join(lines[1:]))
    assert offline.check_folder(folder).wrong


@pytest.mark.parametrize("change", ["UPDATE documents_seal SET position = 9",
                                    "DELETE FROM documents_seal",
                                    "UPDATE documents_document SET number = 'INV/1'",
                                    "UPDATE documents_document SET xml = '<x/>'",
                                    "DELETE FROM documents_document"])  # fmt: skip
def test_the_database_refuses_to_change_what_was_issued(change: str) -> None:
    document_id = issue()
    pdf_of(document_id)
    before = list(Seal.objects.values()), list(Document.objects.values())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert (list(Seal.objects.values()), list(Document.objects.values())) == before


def test_what_was_altered_past_the_triggers_is_told_publicly() -> None:
    document_id = issue()
    pdf_of(document_id)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger runs
        cursor.execute(
            "UPDATE documents_document SET content = jsonb_set(content, '{seller,name}', '\"X\"')"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    proof = examine(document_id)
    assert proof is not None
    assert proof.verdict == "altered"


def test_credit_notes_never_exceed_the_invoice() -> None:
    seller_id = new_id()
    invoice_id = issue(seller_id=seller_id, total=100_00)
    first = issue("credit_note", seller_id=seller_id, corrects_id=invoice_id, total=60_00)
    series = list(Counter.objects.values())
    with pytest.raises(CreditTooHigh) as refused:
        issue("credit_note", seller_id=seller_id, corrects_id=invoice_id, total=40_01)
    assert refused.value.left_minor == 40_00
    assert list(Counter.objects.values()) == series
    issue("credit_note", seller_id=seller_id, corrects_id=invoice_id, total=40_00)
    pdf_of(invoice_id)
    proof = examine(invoice_id)
    assert proof is not None
    assert (proof.verdict, len(proof.corrected_by)) == ("superseded", 2)
    copy = Document.objects.get(pk=first)
    copy.pk, copy.serial, copy.number, copy.about_id = new_id(), 99, "x", new_id()
    with pytest.raises(IntegrityError, match="credited"), transaction.atomic():
        copy.save(force_insert=True)


def test_a_proof_names_no_private_thing() -> None:
    document_id = issue()
    pdf_of(document_id)
    proof = examine(document_id)
    assert proof is not None
    assert proof.verdict == "valid"
    told = json.dumps(dataclasses.asdict(proof), default=str)
    private = (BUYER.name, BUYER.email, BUYER.phone, "Melati", "NG-7K2M", "24000000", "Gayo")
    assert not [word for word in private if word in told]


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    yield
    connection.close()


def test_two_printers_at_once_make_one_seal_and_one_file(committed: None) -> None:
    document_id = issue()
    printed: list[bytes] = []

    def work() -> None:
        printed.append(pdf_of(document_id)[1])
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(printed) == 4
    assert len(set(printed)) == 1
    assert Seal.objects.count() == 1
