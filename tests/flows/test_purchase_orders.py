"""Purchase orders from outside: what is taken, and every way in which a file is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niaga.doors.storefront.views.purchase_order import RULES
from niaga.flows.documents.purchase_orders import (
    MOST_BYTES,
    PurchaseOrderRefused,
    read_purchase_order,
)

LINE = """
 <cac:OrderLine><cac:LineItem><cbc:ID>{place}</cbc:ID>
  <cbc:Quantity unitCode="{unit}">{quantity}</cbc:Quantity>{extra}
  <cac:Price><cbc:PriceAmount currencyID="IDR">{price}</cbc:PriceAmount>{base}</cac:Price>
  <cac:Item><cbc:Name>Kopi &amp; Teh</cbc:Name>
   <cac:SellersItemIdentification><cbc:ID>{sku}</cbc:ID></cac:SellersItemIdentification>{gtin}
  </cac:Item></cac:LineItem></cac:OrderLine>"""
GTIN = "<cac:StandardItemIdentification><cbc:ID>{}</cbc:ID></cac:StandardItemIdentification>"
ORDER = """<?xml version="1.0" encoding="UTF-8"?>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">{top}
 <cbc:ID>PO-4711</cbc:ID><cbc:IssueDate>2026-11-25</cbc:IssueDate>{head}
 <cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
 <cac:BuyerCustomerParty><cac:Party/></cac:BuyerCustomerParty>
 <cac:SellerSupplierParty><cac:Party>{seller}</cac:Party></cac:SellerSupplierParty>{tail}{lines}
</Order>
"""


def a_line(place: int = 1, **changes: str) -> str:
    values = {"unit": "H87", "quantity": "2", "price": "85000.00", "base": "", "sku": "GAYO-250",
              "gtin": "", "extra": ""}  # fmt: skip
    return LINE.format(place=place, **values | changes)


def an_order(*lines: str, **changes: str) -> bytes:
    values = {"top": "", "head": "", "tail": "", "currency": "IDR", "seller": ""}
    return ORDER.format(lines="".join(lines or (a_line(),)), **values | changes).encode()


def refused(xml: bytes) -> list[tuple[str, str, str]]:
    with pytest.raises(PurchaseOrderRefused) as told:
        read_purchase_order(xml)
    return [(fault.rule, fault.field, fault.value) for fault in told.value.faults]


def test_an_order_is_read() -> None:
    seller = (
        "<cac:PartyIdentification><cbc:ID>0012 3456 7890 1000</cbc:ID></cac:PartyIdentification>"
        "<cac:PartyTaxScheme><cbc:CompanyID>ID0012345678901000</cbc:CompanyID>"
        "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
        "<cac:PartyLegalEntity><cbc:CompanyID>1234567890123</cbc:CompanyID></cac:PartyLegalEntity>"
    )
    second = a_line(2, sku="", gtin=GTIN.format("4006381333931"), quantity="3.000", price="10",
                    base="<cbc:BaseQuantity>4</cbc:BaseQuantity>")  # fmt: skip
    order = read_purchase_order(an_order(a_line(), second, seller=seller))
    assert (order.number, order.currency) == ("PO-4711", "IDR")
    assert order.seller_ids == ("0012345678901000", "1234567890123")
    first, other = order.lines
    assert (first.name, first.quantity, first.sku, first.gtin) == ("Kopi & Teh", 2, "GAYO-250", "")
    assert first.unit_price_minor == 85_000_00
    assert (other.quantity, other.gtin, other.unit_price_minor) == (3, "04006381333931", 2_50)


LAUGHS = (
    "<!DOCTYPE Order [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(12))
    + "]>"
)
HOSTILE = {
    "a bomb of entities": an_order(head="<cbc:Note>&m;</cbc:Note>").replace(
        b"?>\n", f"?>\n{LAUGHS}".encode(), 1
    ),
    "a file of the server": an_order(head="<cbc:Note>&x;</cbc:Note>").replace(
        b"?>\n", b'?>\n<!DOCTYPE Order [<!ENTITY x SYSTEM "file:///etc/passwd">]>', 1
    ),
    "another server": an_order().replace(
        b"?>\n", b'?>\n<!DOCTYPE Order SYSTEM "http://127.0.0.1:1/x.dtd">', 1
    ),
    "a parameter entity": an_order().replace(
        b"?>\n", b'?>\n<!DOCTYPE O [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]>', 1
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_document_types_and_entities_are_refused_unread(what: str) -> None:
    assert refused(HOSTILE[what]) == [("XML-DOCTYPE", "/", "")]


def test_an_encoding_hides_nothing() -> None:
    hidden = HOSTILE["a file of the server"].decode()
    utf16 = hidden.replace("UTF-8", "UTF-16").encode("utf-16")
    assert refused(utf16)[0][0] == "FILE-UTF8"
    utf7 = hidden.replace("UTF-8", "UTF-7").replace("<!DOCTYPE", "+ADwAIQ-DOCTYPE")
    utf7 = utf7.replace("<!ENTITY", "+ADwAIQ-ENTITY")
    assert refused(utf7.encode())[0][0] == "XML-SYNTAX"


def test_an_inclusion_is_not_followed() -> None:
    note = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    assert refused(an_order(head=f"<cbc:Note>{note}</cbc:Note>"))[0][0] == "UBL-XSD"


def test_what_is_too_large_or_too_deep_is_refused() -> None:
    assert refused(b" " * (MOST_BYTES + 1)) == [("FILE-SIZE", "/", str(MOST_BYTES + 1))]
    deep = an_order(head="<cbc:Note>" + "<a>" * 5_000 + "</a>" * 5_000 + "</cbc:Note>")
    assert refused(deep)[0][0] in {"XML-SYNTAX", "UBL-XSD"}
    assert refused(an_order(*(a_line(n) for n in range(201))))[0] == (
        "ORDER-LINES", "/OrderLine", "201"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (b"", "XML-SYNTAX"),
        (b"not xml", "XML-SYNTAX"),
        (b"<Order/>", "UBL-ORDER"),
        (b"<html><body/></html>", "UBL-ORDER"),
        (an_order().replace(b"Order-2", b"Invoice-2"), "UBL-ORDER"),
        (an_order().replace(b"<cbc:ID>PO-4711</cbc:ID>", b""), "UBL-XSD"),
        (an_order(a_line(quantity="many")), "UBL-XSD"),
        (an_order(a_line(price="NaN")), "UBL-XSD"),
        (an_order(a_line(price="1e3")), "UBL-XSD"),
        (b"\xff\xfe" + an_order(), "FILE-UTF8"),
    ],
)
def test_what_is_no_ubl_order_is_refused(xml: bytes, rule: str) -> None:
    assert {found for found, _, _ in refused(xml)} == {rule}


@pytest.mark.parametrize(
    ("xml", "field"),
    [
        (
            an_order(
                tail="<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
                '<cbc:Amount currencyID="IDR">9</cbc:Amount></cac:AllowanceCharge>'
            ),
            "/AllowanceCharge",
        ),
        (an_order(tail="<cac:PaymentTerms/>"), "/PaymentTerms"),
        (
            an_order(
                a_line(),
                a_line(2, extra="<cbc:MinimumQuantity>1</cbc:MinimumQuantity>"),
            ),
            "/OrderLine[2]/LineItem/MinimumQuantity",
        ),
    ],
)  # fmt: skip
def test_a_field_that_is_not_known_is_named(xml: bytes, field: str) -> None:
    assert refused(xml) == [("ORDER-CLOSED", field, "")]


@pytest.mark.parametrize(
    ("changes", "rule", "field", "value"),
    [
        ({"quantity": "0"}, "LINE-QUANTITY", "Quantity", "0"),
        ({"quantity": "-3"}, "LINE-QUANTITY", "Quantity", "-3"),
        ({"quantity": "1.5"}, "LINE-QUANTITY", "Quantity", "1.5"),
        ({"quantity": "1000"}, "LINE-QUANTITY", "Quantity", "1000"),
        ({"unit": "KGM"}, "LINE-UNIT", "Quantity/@unitCode", "KGM"),
        ({"sku": " "}, "LINE-ITEM", "Item", ""),
        (
            {"gtin": GTIN.format("4006381333932")},
            "LINE-GTIN",
            "Item/StandardItemIdentification/ID",
            "4006381333932",
        ),
        ({"price": "-1"}, "LINE-PRICE", "Price/PriceAmount", "-1"),
        (
            {"base": "<cbc:BaseQuantity>0</cbc:BaseQuantity>"},
            "LINE-PRICE",
            "Price/PriceAmount",
            "85000.00",
        ),
    ],
)
def test_a_line_s_fault_is_named_with_its_field(
    changes: dict[str, str], rule: str, field: str, value: str
) -> None:
    found = refused(an_order(a_line(), a_line(2, **changes)))
    assert found == [(rule, f"/OrderLine[2]/LineItem/{field}", value)]


def test_every_fault_is_told_at_once() -> None:
    lines = [a_line(1, quantity="0"), a_line(2), a_line(3, unit="KGM", price="-1")]
    rules = [rule for rule, _, _ in refused(an_order(*lines, currency="XAU"))]
    assert rules[0] == "ORDER-CURRENCY"
    assert {"LINE-QUANTITY", "LINE-UNIT", "LINE-PRICE"} <= set(rules)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_kindly(xml: bytes) -> None:
    assert refused(xml)


@given(data=st.data())
def test_any_damage_is_refused_or_read(data: st.DataObject) -> None:
    xml = an_order(a_line(), a_line(2, gtin=GTIN.format("4006381333931")))
    place = data.draw(st.integers(0, len(xml) - 1))
    piece = data.draw(st.binary(max_size=4) | st.sampled_from([b"<", b"&lt;", b"]]>", b"-", b"9"]))
    try:
        order = read_purchase_order(xml[:place] + piece + xml[place + len(piece) :])
    except PurchaseOrderRefused as told:
        rules = {fault.rule for fault in told.faults}
    else:
        rules = {"READ"}
        assert all(1 <= line.quantity <= 999 for line in order.lines)
    assert rules
    assert rules <= RULES.keys() | {"READ"}
