"""What independent programs say of every kind of document, in both languages."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from pypdf import PdfReader

from niaga.flows.documents.rendering.content import Kind
from niaga.flows.documents.rendering.pdf import render_pdf
from niaga.flows.documents.signing.keys import market_key
from niaga.flows.documents.signing.pades import sign_pdf
from tests.flows.test_document_rendering import SELLER, a_document, png, replace
from tests.support.pdf_tools import pdfsig, preflight, qpdf_check

KINDS: tuple[Kind, ...] = get_args(Kind.__value__)
LANGUAGES = ("id", "en")
XML = "<?xml version='1.0' encoding='UTF-8'?>\n<Invoice>Kopi &amp; Teh</Invoice>\n"
EVERY = [(kind, language) for kind in KINDS for language in LANGUAGES]


def with_logo(kind: Kind, language: str):
    return a_document(kind, language, seller=replace(SELLER, logo=png()))


def test_preflight_finds_every_twin_conforming_to_pdf_a_1b(tmp_path: Path) -> None:
    twins = {
        f"{kind}-{language}.pdf": render_pdf(with_logo(kind, language), xml=XML, standard="a-1b")
        for kind, language in EVERY
    }
    assert preflight(twins, tmp_path) == {name: [] for name in twins}


def test_preflight_would_find_a_fault(tmp_path: Path) -> None:
    content = with_logo("invoice", "id")
    twin = render_pdf(content, standard="a-1b")
    pdfs = {
        "with-attachment.pdf": render_pdf(content, xml=XML),
        "no-part.pdf": twin.replace(b"<pdfaid:part>1<", b"<pdfaid:part>9<"),
    }
    found = preflight(pdfs, tmp_path)
    assert all(found[name] for name in pdfs)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_qpdf_and_poppler_accept_the_signed_document(
    kind: Kind, language: str, tmp_path: Path
) -> None:
    at = datetime(2026, 11, 24, 17, 5, tzinfo=UTC)
    pdf = sign_pdf(render_pdf(with_logo(kind, language), xml=XML), market_key(), at=at)
    assert qpdf_check(pdf, tmp_path) == ""
    told = pdfsig(pdf, tmp_path)
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    [attached] = PdfReader(io.BytesIO(pdf)).attachments.values()
    assert attached == [XML.encode()]


def test_qpdf_and_poppler_would_find_a_changed_document(tmp_path: Path) -> None:
    pdf = sign_pdf(render_pdf(a_document()), market_key(), at=datetime(2026, 11, 24, tzinfo=UTC))
    assert qpdf_check(pdf[: len(pdf) // 2], tmp_path)
    assert "Signature is Valid" not in pdfsig(
        pdf[:3000] + bytes([pdf[3000] ^ 1]) + pdf[3001:], tmp_path
    )
