"""Invoices and credit notes for programs, in both syntaxes: valid, exact, and nothing slips by."""

from dataclasses import replace
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from niaga.flows.documents.rendering.content import DocumentContent, Kind
from niaga.flows.documents.ubl.bills import bill_of
from niaga.flows.documents.ubl.checks import findings, parsed
from niaga.flows.documents.ubl.markup import decimal_text
from niaga.flows.documents.ubl.net import net_of
from niaga.flows.documents.ubl.writer import Syntax, xml_of
from niaga.kernel.money import CURRENCIES
from tests.flows.test_ubl import MIXED, a_bill, a_line

SYNTAXES: tuple[Syntax, ...] = get_args(Syntax.__value__)
BILLS: tuple[Kind, ...] = ("invoice", "credit_note")
WRITABLE = tuple(sorted({*CURRENCIES} - {"KWD"}))
syntaxes = pytest.mark.parametrize("syntax", SYNTAXES)


@st.composite
def baskets(draw: st.DrawFn) -> DocumentContent:
    """Baskets as buyers fill them: discounts, delivery, taxed and exempt things, returns."""
    lines = []
    for _ in range(draw(st.integers(1, 12))):
        quantity = draw(st.integers(1, 999))
        unit = draw(st.integers(1, 20_000_000)) * 100
        off = draw(st.one_of(st.just(0), st.integers(0, unit * quantity // 100))) * 100
        lines.append(a_line(quantity, unit, min(off, unit * quantity), taxed=draw(st.booleans())))
    return a_bill(
        *lines,
        delivery=draw(st.one_of(st.just(0), st.integers(1, 500_000))) * 100,
        kind=draw(st.sampled_from(BILLS)),
        currency=draw(st.sampled_from(WRITABLE)),
    )


@syntaxes
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bill=baskets())
def test_every_basket_is_valid_and_comes_to_the_charge(
    syntax: Syntax, bill: DocumentContent
) -> None:
    xml = xml_of(bill, syntax=syntax)
    assert findings(xml, bill) == ()
    assert xml == xml_of(bill, syntax=syntax)
    assert bill.totals is not None
    net = net_of(bill)
    assert net.net_minor + bill.totals.tax_minor == bill.totals.grand_total_minor
    assert sum(line.tax_minor for line in net.lines) + net.delivery_tax_minor == (
        bill.totals.tax_minor
    )
    said = bill_of(parsed(xml.encode()))
    charged = Decimal(decimal_text(bill.totals.grand_total_minor, bill.totals.currency))
    lines = sum(line.said for line in said.lines) + sum(amount for _, amount in said.charges)
    assert lines + said.tax == said.total == charged


@given(bill=baskets())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_syntaxes_say_the_same(bill: DocumentContent) -> None:
    ubl, cii = (bill_of(parsed(xml_of(bill, syntax=one).encode())) for one in SYNTAXES)
    assert ubl == cii


@syntaxes
def test_three_decimals_break_a_rule_of_en_16931(syntax: Syntax) -> None:
    bill = a_bill(a_line(3, 12_345, 100, taxed=False), currency="KWD")
    rules = {finding.rule for finding in findings(xml_of(bill, syntax=syntax), bill)}
    assert any(rule.startswith("BR-DEC-") for rule in rules)


def _amounts(document: etree._Element) -> list[etree._Element]:
    """The elements that hold an amount of money."""
    return [
        part
        for part in document.iter()
        if etree.QName(part).localname.endswith("Amount") and not len(part)
    ]


def _every_amount() -> list[tuple[Syntax, Kind, int, str]]:
    return [
        (syntax, kind, place, etree.QName(part).localname)
        for syntax in SYNTAXES
        for kind in BILLS
        for place, part in enumerate(
            _amounts(parsed(xml_of(replace(MIXED, kind=kind), syntax=syntax).encode()))
        )
    ]


@pytest.mark.parametrize(("syntax", "kind", "place", "name"), _every_amount())
def test_every_amount_that_is_changed_is_caught(
    syntax: Syntax, kind: Kind, place: int, name: str
) -> None:
    bill = replace(MIXED, kind=kind)
    whole = parsed(xml_of(bill, syntax=syntax).encode())
    amount = _amounts(whole)[place]
    right = amount.text or ""
    for change in (Decimal("0.01"), Decimal(-5), Decimal(100_000)):
        amount.text = str(Decimal(right) + change)
        caught = findings(etree.tostring(whole, encoding="unicode"), bill)
        assert caught, f"{name} {right} + {change}"
    amount.text = right
    assert findings(etree.tostring(whole, encoding="unicode"), bill) == ()


def test_an_invoice_has_the_amounts_that_are_changed_above() -> None:
    counted = [(syntax, kind) for syntax, kind, _, _ in _every_amount()]
    assert {pair: counted.count(pair) for pair in counted} == {
        ("ubl", "invoice"): 17,
        ("ubl", "credit_note"): 16,
        ("cii", "invoice"): 17,
        ("cii", "credit_note"): 16,
    }


@pytest.mark.parametrize(
    ("syntax", "right", "wrong", "rule"),
    [
        ("ubl", ">IDR<", ">XXY<", "BR-CL-04"),
        ("cii", ">IDR<", ">XXY<", "BR-CO-15"),
        ("ubl", "<cbc:ID>E<", "<cbc:ID>Z<", "BR-Z-10"),
        ("cii", ">E</ram:CategoryCode>", ">Z</ram:CategoryCode>", "BR-Z-10"),
        ("ubl", "TaxTotal", "TaxTotals", "UBL-XSD"),
        ("cii", "ApplicableTradeTax", "ApplicableTradeTaxes", "CII-XSD"),
        ("ubl", "INV/KOPI/2026/00042", "INV/KOPI/2026/00043", "NIAGA-04"),
        ("cii", "INV/KOPI/2026/00042", "INV/KOPI/2026/00043", "NIAGA-04"),
    ],
)
def test_what_breaks_a_rule_is_told_by_its_name(
    syntax: Syntax, right: str, wrong: str, rule: str
) -> None:
    xml = xml_of(MIXED, syntax=syntax)
    assert right in xml
    assert rule in {finding.rule for finding in findings(xml.replace(right, wrong), MIXED)}


@syntaxes
def test_the_buyer_s_own_number_goes_before_ours(syntax: Syntax) -> None:
    bill = replace(MIXED, purchase_order="PO-4711")
    xml = xml_of(bill, syntax=syntax)
    assert findings(xml, bill) == ()
    said = [element.text for element in parsed(xml.encode()).iter() if element.text]
    assert said.count("PO-4711") == 1
    assert bill.order_reference in said
    assert "PO-4711" not in xml_of(MIXED, syntax=syntax)
