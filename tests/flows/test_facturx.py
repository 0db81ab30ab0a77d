"""A seller whose buyers' programs read CII: its invoices are Factur-X files."""

import io
from pathlib import Path

import facturx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from pypdf import PdfReader

from niaga.flows.documents import offline
from niaga.flows.documents.models import Document, DocumentStyle
from niaga.flows.documents.printing import pdf_of
from niaga.flows.documents.rendering.facturx import FILE_NAME, NAMESPACE, declared
from niaga.flows.documents.rendering.pdf import render_pdf
from niaga.flows.documents.rendering.revision import with_metadata
from niaga.flows.documents.signing.keys import authority_certificate
from niaga.flows.documents.ubl.writer import xml_of
from niaga.kernel.money import Money
from niaga.plumbing.worker import drain
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.papers import credit_part
from tests.flows.test_ubl import MIXED
from tests.support.pdf_tools import pdfsig, preflight, qpdf_check
from tests.support.worlds import make_basket, make_company, make_goods, pay, place

CII = xml_of(MIXED, syntax="cii")


def said_in(metadata: bytes) -> dict[str, str]:
    """What the XMP says of Factur-X."""
    root = etree.fromstring(metadata)
    return {
        etree.QName(part).localname: part.text or ""
        for part in root.iter()
        if etree.QName(part).namespace == NAMESPACE
    }


def test_the_pdf_says_that_it_is_factur_x_and_other_programs_take_it_as_such() -> None:
    pdf = render_pdf(MIXED, xml=CII)
    reader = PdfReader(io.BytesIO(pdf))
    assert said_in(reader.trailer["/Root"]["/Metadata"].get_data()) == {
        "DocumentType": "INVOICE",
        "DocumentFileName": FILE_NAME,
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    name, xml = facturx.get_facturx_xml_from_pdf(pdf, check_xsd=True)
    assert (name, xml) == (FILE_NAME, CII.encode())
    assert facturx.get_level(etree.fromstring(xml)) == "en16931"
    [attached] = reader.trailer["/Root"]["/AF"]
    assert attached.get_object()["/AFRelationship"] == "/Alternative"
    assert pdf == render_pdf(MIXED, xml=CII)


def test_ubl_is_attached_under_its_own_name_and_nothing_speaks_of_factur_x() -> None:
    pdf = render_pdf(MIXED, xml=xml_of(MIXED))
    reader = PdfReader(io.BytesIO(pdf))
    assert list(reader.attachments) == ["invoice.xml"]
    assert said_in(reader.trailer["/Root"]["/Metadata"].get_data()) == {}


def test_preflight_accepts_the_words_in_the_metadata(tmp_path: Path) -> None:
    twin = with_metadata(render_pdf(MIXED, standard="a-1b"), declared)
    undescribed = with_metadata(
        render_pdf(MIXED, standard="a-1b"),
        lambda said: declared(said).replace(
            b"<pdfaProperty:name>Version<", b"<pdfaProperty:name>X<"
        ),
    )
    found = preflight({"facturx.pdf": twin, "undescribed.pdf": undescribed}, tmp_path)
    assert found["facturx.pdf"] == []
    assert found["undescribed.pdf"]


@pytest.mark.django_db
def test_a_seller_that_asks_for_cii_issues_factur_x_to_the_byte(tmp_path: Path) -> None:
    company = make_company()
    DocumentStyle.objects.create(seller_id=company.id, syntax="cii")
    placed = place(make_basket((make_goods(company, price=111_000), 2)))
    pay(placed)
    order = Order.objects.get(purchase_id=placed.purchase_id)
    drain()
    credit_part(order_id=order.id, about_id=order.id, amount=Money(50_000_00))
    drain()
    bills = Document.objects.filter(cause_id=order.id, kind__in=["invoice", "credit_note"])
    assert bills.count() == 2
    for document in bills:
        pdf = pdf_of(document.id)[1]
        name, xml = facturx.get_facturx_xml_from_pdf(pdf, check_xsd=True)
        assert (name, xml) == (FILE_NAME, document.xml.encode())
        assert f"<ram:ID>{document.number}</ram:ID>" in document.xml
        assert qpdf_check(pdf, tmp_path) == ""
        assert "Signature is Valid" in pdfsig(pdf, tmp_path)
        offline.check_pdf(pdf, authority_certificate().public_bytes(Encoding.PEM))
    confirmation = Document.objects.get(cause_id=order.id, kind="order_confirmation")
    assert "<OrderResponse" in confirmation.xml
