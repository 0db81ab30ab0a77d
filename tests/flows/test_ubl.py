"""Documents for programs: valid by the schemas and the rules of EN 16931, to the last sen."""

import os
import signal
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from niaga.flows.documents.rendering.content import (
    DocumentContent,
    Line,
    Party,
    PaymentTerms,
    ShipmentInfo,
    Totals,
)
from niaga.flows.documents.ubl.checks import findings, parsed, schema_findings
from niaga.flows.documents.ubl.net import UnwritableError
from niaga.flows.documents.ubl.orders import order_xml
from niaga.flows.documents.ubl.schematron import RULES, RuleProcess, RulesUnavailableError
from niaga.flows.documents.ubl.writer import xml_of
from niaga.kernel.money import Money, share_half_up

ISSUED_AT = datetime(2026, 11, 24, 17, 5, tzinfo=UTC)  # after midnight in Jakarta
SELLER = Party(
    name="Kopi Nusantara",
    legal_name="PT Kopi Nusantara Jaya",
    address_lines=("Jl. Braga 12", "Braga, Sumur Bandung", "Kota Bandung 40111", "Jawa Barat"),
    phone="+62 22 4231 234",
    email="halo@kopi.example",
    npwp="0012345678901000",
    nib="1234567890123",
)
BUYER = Party("Siti Rahmawati", "", ("Jl. Melati 45",), "+62 812 3456 7890", "siti@example.com")


def a_line(quantity: int, unit_minor: int, off_minor: int = 0, *, taxed: bool = True) -> Line:
    total = unit_minor * quantity - off_minor
    return Line(
        "Kopi Gayo & <Madu>",
        "250 g",
        "GAYO-250",
        quantity,
        unit_minor,
        off_minor,
        total,
        tax_minor=1 if taxed and total else 0,
    )


def a_bill(
    *lines: Line, delivery: int = 0, kind: Any = "invoice", currency: str = "IDR"
) -> DocumentContent:
    off = sum(line.discount_minor or 0 for line in lines)
    items = sum(line.total_minor or 0 for line in lines) + off
    total = items - off + delivery
    taxed = sum(line.total_minor or 0 for line in lines if line.tax_minor)
    taxed += delivery if taxed else 0
    tax = share_half_up(Money(taxed, currency), 11, 111).minor
    return DocumentContent(
        kind=kind,
        number="INV/KOPI/2026/00042",
        issued_at=ISSUED_AT,
        language="id",
        seller=SELLER,
        buyer=BUYER,
        order_reference="NG-7K2M-1",
        references=(),
        lines=lines,
        totals=Totals(currency, items, off, delivery, total, taxed - tax, 0, tax),
        payment=PaymentTerms("Transfer bank", paid_at=ISSUED_AT),
        corrects="INV/KOPI/2026/00041" if kind == "credit_note" else "",
    )


MIXED = a_bill(
    a_line(3, 100_000_00, 20_000_00), a_line(1, 42_000_00, taxed=False), delivery=18_000_00
)


def test_the_rules_of_en_16931_judge_too() -> None:
    xml = xml_of(MIXED).replace(">IDR<", ">XXY<")
    assert "BR-CL-04" in {finding.rule for finding in findings(xml, MIXED)}


def test_ppn_is_eleven_percent_of_the_price_before_tax() -> None:
    bill = a_bill(a_line(1, 111_000_00))
    text = xml_of(bill)
    for part in (
        '<cbc:TaxableAmount currencyID="IDR">100000.00',
        '<cbc:TaxAmount currencyID="IDR">11000.00',
        "<cbc:Percent>11<",
        "<cbc:CompanyID>ID0012345678901000<",
    ):
        assert part in text


def test_a_seller_outside_ppn_names_no_tax_number_as_vat() -> None:
    bill = a_bill(a_line(2, 50_000_00, taxed=False), delivery=9_000_00)
    xml = xml_of(bill)
    assert findings(xml, bill) == ()
    assert "PartyTaxScheme" not in xml
    assert "<cbc:ID>O<" in xml


def test_sums_that_do_not_add_up_are_not_written() -> None:
    assert MIXED.totals is not None
    wrong = replace(MIXED, totals=replace(MIXED.totals, grand_total_minor=1))
    with pytest.raises(UnwritableError):
        xml_of(wrong)
    line = replace(MIXED.lines[0], total_minor=1)
    with pytest.raises(UnwritableError):
        xml_of(replace(MIXED, lines=(line, *MIXED.lines[1:])))


def test_orders_confirmations_and_delivery_notes_fit_their_schemas() -> None:
    parcel = ShipmentInfo("JNE", tracking_number="JP123", dispatched_at=ISSUED_AT)
    note = replace(
        MIXED,
        kind="delivery_note",
        totals=None,
        shipment=parcel,
        lines=(Line("Kopi Gayo", "250 g", "GAYO-250", 2, gtin="8991234567890"),),
    )
    confirmation = replace(MIXED, kind="order_confirmation")
    assert findings(xml_of(note), note) == ()
    assert findings(xml_of(replace(note, shipment=None)), note) == ()
    assert findings(xml_of(confirmation), confirmation) == ()
    assert schema_findings(parsed(order_xml(confirmation).encode())) == ()
    broken = xml_of(note).replace("DespatchLine", "DispatchLine")
    assert {finding.rule for finding in findings(broken, note)} == {"UBL-XSD"}


def test_the_rules_process_is_started_again_when_it_dies() -> None:
    xml = xml_of(MIXED)
    assert RULES.fatal(xml) == ()
    pid = RULES.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert RULES.fatal(xml) == ()
    assert RULES.pid != pid


def test_a_process_that_does_not_answer_is_ended() -> None:
    rules = RuleProcess()
    try:
        assert rules.fatal(xml_of(MIXED)) == ()
        pid = rules.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(RulesUnavailableError):
            rules.fatal(xml_of(MIXED), timeout_s=0.2)
        assert rules.pid is None
        assert rules.fatal(xml_of(MIXED)) == ()
    finally:
        rules.close()
