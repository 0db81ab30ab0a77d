"""Invoices for the tax office: the golden figures, and that nothing is lost on the way."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django import conf
from django.db import connection
from django.utils.timezone import localdate
from hypothesis import given, settings
from lxml import etree

from niaga.flows.documents.commands.issue_document import issue_document
from niaga.flows.documents.finishing import UnissuedDocument
from niaga.flows.documents.models import Document
from niaga.flows.documents.printing import pdf_of
from niaga.flows.documents.redacting import redact_due
from niaga.flows.documents.rendering.content import DocumentContent, Party
from niaga.flows.documents.tax_files import SUMMARY, tax_files
from niaga.flows.documents.ubl import coretax
from niaga.flows.documents.ubl.coretax import bulk_xml, tax_invoice
from niaga.flows.documents.ubl.net import UnwritableError
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.project.database import server_url
from tests.flows.test_bills import baskets
from tests.flows.test_ubl import MIXED, a_bill, a_line
from tests.support.worlds import make_company

TIN = "0012345678901000"

# The columns of the tax office's own template, in its order and spelling.
HEAD = [
    "TaxInvoiceDate", "TaxInvoiceOpt", "TrxCode", "AddInfo", "CustomDoc", "CustomDocMonthYear",
    "RefDesc", "FacilityStamp", "SellerIDTKU", "BuyerTin", "BuyerDocument", "BuyerCountry",
    "BuyerDocumentNumber", "BuyerName", "BuyerAdress", "BuyerEmail", "BuyerIDTKU",
    "ListOfGoodService",
]  # fmt: skip
GOOD = [
    "Opt", "Code", "Name", "Unit", "Price", "Qty", "TotalDiscount", "TaxBase", "OtherTaxBase",
    "VATRate", "VAT", "STLGRate", "STLG",
]  # fmt: skip


def read(*bills: DocumentContent) -> Any:
    invoices = [found for bill in bills if (found := tax_invoice(bill))]
    return etree.fromstring(bulk_xml(TIN, invoices).encode())


def texts(element: Any) -> dict[str, str]:
    return {child.tag: child.text or "" for child in element if not len(child)}


def test_the_golden_figures() -> None:
    [good] = read(a_bill(a_line(1, 111_000_00))).iter("GoodService")
    assert texts(good) == {
        "Opt": "A", "Code": "000000", "Name": "Kopi Gayo & <Madu> 250 g", "Unit": "UM.0021",
        "Price": "100000.00", "Qty": "1", "TotalDiscount": "0.00", "TaxBase": "100000.00",
        "OtherTaxBase": "91666.67", "VATRate": "12", "VAT": "11000.00", "STLGRate": "0",
        "STLG": "0.00",
    }  # fmt: skip


def test_the_shape_is_the_tax_office_s() -> None:
    root = read(MIXED, a_bill(a_line(2, 55_500_00)))
    assert root.tag == "TaxInvoiceBulk"
    assert [child.tag for child in root] == ["TIN", "ListOfTaxInvoice"]
    assert root.findtext("TIN") == TIN
    invoices = list(root.iter("TaxInvoice"))
    assert len(invoices) == 2
    for invoice in invoices:
        assert [child.tag for child in invoice] == HEAD
        for good in invoice.iter("GoodService"):
            assert [child.tag for child in good] == GOOD
    told = texts(invoices[0])
    assert told["TaxInvoiceDate"] == "2026-11-25"  # the day in Jakarta
    assert told["TrxCode"] == "04"
    assert told["RefDesc"] == MIXED.number
    assert told["SellerIDTKU"] == TIN + "000000"
    assert told["BuyerAdress"] == "Jl. Melati 45"


def test_only_what_is_taxed_is_told_and_delivery_is_a_service() -> None:
    goods = [texts(good) for good in read(MIXED).iter("GoodService")]
    assert [(good["Opt"], good["Qty"]) for good in goods] == [("A", "3"), ("B", "1")]


@pytest.mark.parametrize(
    ("number", "nib", "told"),
    [
        ("0012345678901000", "", ("0012345678901000", "TIN", "-", "0012345678901000000000")),
        ("3273012345678901", "", ("0" * 16, "National ID", "3273012345678901", "000000")),
        ("3273012345678901", "1234567890123",
         ("3273012345678901", "TIN", "-", "3273012345678901000000")),
        ("", "", ("0" * 16, "Other ID", "-", "000000")),
    ],
)  # fmt: skip
def test_a_buyer_is_named_by_what_is_known(
    number: str, nib: str, told: tuple[str, str, str, str]
) -> None:
    buyer = replace(MIXED.buyer, npwp=number, nib=nib)
    [invoice] = read(replace(MIXED, buyer=buyer)).iter("TaxInvoice")
    names = ("BuyerTin", "BuyerDocument", "BuyerDocumentNumber", "BuyerIDTKU")
    assert tuple(invoice.findtext(name) for name in names) == told


@settings(max_examples=200, deadline=None)
@given(baskets())
def test_every_line_is_as_coretax_checks_it_and_the_whole_within_a_rupiah(
    bill: DocumentContent,
) -> None:
    assert bill.totals is not None
    if bill.totals.tax_minor and bill.totals.currency != "IDR":
        with pytest.raises(UnwritableError, match="instead of IDR"):
            tax_invoice(bill)
        return
    found = tax_invoice(bill)
    assert (found is not None) == (bill.totals.tax_minor > 0)
    if found is None:
        return
    cent = Decimal("0.01")
    for good in read(bill).iter("GoodService"):
        told = {name: Decimal(good.findtext(name)) for name in GOOD[4:]}
        assert told["Price"] * told["Qty"] - told["TotalDiscount"] == told["TaxBase"]
        assert min(told.values()) >= 0
        assert abs(told["OtherTaxBase"] - told["TaxBase"] * 11 / 12) <= cent / 2
        assert abs(told["VAT"] - told["OtherTaxBase"] * 12 / 100) <= cent / 2
    assert found.base_minor == bill.totals.tax_base_minor
    assert abs(found.tax_minor - bill.totals.tax_minor) < 60 + 2 * len(found.lines)


@pytest.mark.parametrize(
    ("seller", "why"),
    [("", "no NPWP"), ("123", "no NPWP"), ("0" * 16, "no NPWP")],
)
def test_a_seller_without_a_tax_number_is_refused(seller: str, why: str) -> None:
    bill = replace(MIXED, seller=replace(MIXED.seller, npwp=seller))
    with pytest.raises(UnwritableError, match=why):
        tax_invoice(bill)


# From the documents that were issued


def issue(seller_id: UUID, bill: DocumentContent, corrects: UUID | None = None) -> UUID:
    document = UnissuedDocument(seller_id, "KOPI", new_id(), new_id(), bill, corrects)
    issued = issue_document(document=document)
    assert issued is not None
    return issued.document_id


def summary(files: dict[str, bytes]) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(files[SUMMARY].decode("utf-8-sig")))


@pytest.mark.django_db
def test_each_seller_has_its_own_files_and_the_summary_tells_of_every_invoice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A file of two, so that three invoices show the seam of a file of 1,000.
    monkeypatch.setattr("niaga.flows.documents.tax_files.MOST_IN_A_FILE", 2)
    one, two = make_company(), make_company()
    mine = [issue(one.id, a_bill(a_line(n, 111_000_00))) for n in (1, 2, 3)]
    theirs = issue(two.id, MIXED)
    untaxed = issue(two.id, a_bill(a_line(1, 50_000_00, taxed=False)))
    whole = issue(two.id, a_bill(a_line(1, 111_000_00)))
    part = issue(two.id, replace(MIXED, buyer=Party("=1+1", "", (), "", "")))
    with clock.at(datetime(2014, 5, 6, tzinfo=UTC)):
        gone = issue(make_company().id, MIXED)
        pdf_of(gone)
    issue(two.id, a_bill(a_line(1, 111_000_00), kind="credit_note"), corrects=whole)
    issue(two.id, a_bill(a_line(1, 11_100_00), kind="credit_note"), corrects=part)

    assert redact_due() == 1
    ids = [*mine, theirs, untaxed, whole, part, gone]
    found = list(tax_files(ids))
    files = {name: content for name, content, _ in found}
    assert [done for _, _, done in found][-1] == len(ids)
    assert set(files) == {
        f"coretax-{one.slug}-001.xml", f"coretax-{one.slug}-002.xml",
        f"coretax-{two.slug}-001.xml", f"coretax-{two.slug}-002.xml", SUMMARY,
    }  # fmt: skip
    numbers = dict(Document.objects.values_list("id", "number"))
    told = {
        name: [e.text for e in etree.fromstring(content).iter("RefDesc")]
        for name, content in files.items()
        if name != SUMMARY
    }
    assert told[f"coretax-{one.slug}-001.xml"] == [numbers[mine[0]], numbers[mine[1]]]
    assert told[f"coretax-{one.slug}-002.xml"] == [numbers[mine[2]]]
    rows = {(row["file"], row["number"]): row for row in summary(files)}
    assert len(rows) == len(ids)
    assert {key for key in rows if key[0]} == {(f, n) for f, ns in told.items() for n in ns}
    left_out = {row["number"]: row["note"] for row in rows.values() if not row["file"]}
    assert set(left_out) == {numbers[untaxed], numbers[whole], numbers[gone]}
    assert all(left_out.values())
    assert str(localdate()) in left_out[numbers[gone]]
    [credited] = [row for row in rows.values() if row["file"] and row["note"]]
    assert credited["number"] == numbers[part]
    assert "11100.00" in credited["note"]
    assert credited["buyer"] == "'=1+1"


def test_a_file_holds_a_thousand() -> None:
    assert coretax.MOST_IN_A_FILE == 1_000


@pytest.mark.django_db(transaction=True)
def test_the_command_writes_a_month(tmp_path: Path) -> None:
    seller = make_company()
    issue(seller.id, MIXED)
    month = f"{localdate():%Y-%m}"
    database = connection.settings_dict
    url = server_url(Path(database["HOST"]), database=database["NAME"])
    told = {}
    for name, wanted in (("this", month), ("other", "2001-01")):
        told[name] = subprocess.run(
            [
                sys.executable, "-m", "niaga.project.cli.main", "export", "coretax",
                str(tmp_path / name), "--month", wanted, "--seller", seller.slug,
            ],
            check=False,
            capture_output=True,
            text=True,
            env=os.environ
            | {"DATABASE_URL": url, "NIAGA_DATA": str(conf.settings.DATA), "COLUMNS": "200"},
        )  # fmt: skip
        assert (told[name].returncode, told[name].stderr) == (0, "")
    file = tmp_path / "this" / f"coretax-{seller.slug}-001.xml"
    number = Document.objects.get().number
    assert [e.text for e in etree.fromstring(file.read_bytes()).iter("RefDesc")] == [number]
    assert [path.name for path in (tmp_path / "other").iterdir()] == [SUMMARY]
