"""Reads what an invoice or credit note says back from its XML, in either syntax."""

from dataclasses import dataclass
from decimal import Decimal

from niaga.flows.documents.ubl.cii import RAM, RSM, UDT
from niaga.flows.documents.ubl.markup import CAC, CBC, Element

NAMES = {"c": CAC, "b": CBC, "rsm": RSM, "ram": RAM, "udt": UDT}
_NOTHING = Decimal(0)
_LINE_SUMS = "ram:SpecifiedTradeSettlementLineMonetarySummation"


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line: what it says it comes to, and what it is computed from."""

    said: Decimal
    price: Decimal
    quantity: Decimal
    base_quantity: Decimal
    allowances: Decimal
    code: str

    @property
    def comes_to(self) -> Decimal:
        """Price times quantity, less the allowances."""
        return self.price * self.quantity / self.base_quantity - self.allowances


@dataclass(frozen=True, slots=True)
class Bill:
    """The figures of an invoice or credit note; `bases` are by tax category.

    `charges` are (category, amount), allowances negative.
    """

    number: str
    total: Decimal
    tax: Decimal
    lines: tuple[BillLine, ...]
    charges: tuple[tuple[str, Decimal], ...]
    bases: dict[str, Decimal]


def bill_of(document: Element) -> Bill:
    """Return what the document says: UBL, or CII where that is its root."""
    return _cii(document) if document.tag.startswith(f"{{{RSM}}}") else _ubl(document)


def _ubl(document: Element) -> Bill:
    """Read UBL: amounts are `cac:`/`cbc:` elements below the root."""
    lines = _all(document, "c:InvoiceLine") + _all(document, "c:CreditNoteLine")
    parts = _all(document, "c:TaxTotal/c:TaxSubtotal")
    return Bill(
        number=_text(document, "b:ID"),
        total=_amount(document, "c:LegalMonetaryTotal/b:TaxInclusiveAmount"),
        tax=_amount(document, "c:TaxTotal/b:TaxAmount"),
        lines=tuple(map(_ubl_line, lines)),
        charges=tuple(
            _charge(part, "c:TaxCategory/b:ID", "b:ChargeIndicator", "b:Amount")
            for part in _all(document, "c:AllowanceCharge")
        ),
        bases={
            _text(part, "c:TaxCategory/b:ID"): _amount(part, "b:TaxableAmount") for part in parts
        },
    )


def _ubl_line(line: Element) -> BillLine:
    return BillLine(
        said=_amount(line, "b:LineExtensionAmount"),
        price=_amount(line, "c:Price/b:PriceAmount"),
        quantity=_amount(line, "b:InvoicedQuantity") or _amount(line, "b:CreditedQuantity"),
        base_quantity=_amount(line, "c:Price/b:BaseQuantity") or Decimal(1),
        allowances=sum(
            (_amount(part, "b:Amount") for part in _all(line, "c:AllowanceCharge")), _NOTHING
        ),
        code=_text(line, "c:Item/c:ClassifiedTaxCategory/b:ID"),
    )


def _cii(document: Element) -> Bill:
    """Read CII: everything hangs below the settlement and the lines."""
    trade = "rsm:SupplyChainTradeTransaction"
    settlement = document.find(f"{trade}/ram:ApplicableHeaderTradeSettlement", NAMES)
    assert settlement is not None, "its schema was satisfied"
    sums = "ram:SpecifiedTradeSettlementHeaderMonetarySummation"
    return Bill(
        number=_text(document, "rsm:ExchangedDocument/ram:ID"),
        total=_amount(settlement, f"{sums}/ram:GrandTotalAmount"),
        tax=_amount(settlement, f"{sums}/ram:TaxTotalAmount"),
        lines=tuple(
            map(_cii_line, _all(document, f"{trade}/ram:IncludedSupplyChainTradeLineItem"))
        ),
        charges=tuple(
            _charge(
                part,
                "ram:CategoryTradeTax/ram:CategoryCode",
                "ram:ChargeIndicator/udt:Indicator",
                "ram:ActualAmount",
            )
            for part in _all(settlement, "ram:SpecifiedTradeAllowanceCharge")
        ),
        bases={
            _text(part, "ram:CategoryCode"): _amount(part, "ram:BasisAmount")
            for part in _all(settlement, "ram:ApplicableTradeTax")
        },
    )


def _cii_line(line: Element) -> BillLine:
    price = "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice"
    settlement = "ram:SpecifiedLineTradeSettlement"
    allowances = _all(line, f"{settlement}/ram:SpecifiedTradeAllowanceCharge")
    return BillLine(
        said=_amount(line, f"{settlement}/{_LINE_SUMS}/ram:LineTotalAmount"),
        price=_amount(line, f"{price}/ram:ChargeAmount"),
        quantity=_amount(line, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"),
        base_quantity=_amount(line, f"{price}/ram:BasisQuantity") or Decimal(1),
        allowances=sum((_amount(part, "ram:ActualAmount") for part in allowances), _NOTHING),
        code=_text(line, f"{settlement}/ram:ApplicableTradeTax/ram:CategoryCode"),
    )


def _charge(part: Element, code: str, adds: str, minor: str) -> tuple[str, Decimal]:
    amount = _amount(part, minor)
    return _text(part, code), amount if _text(part, adds) == "true" else -amount


def _text(parent: Element, path: str) -> str:
    """Return the text at a path; `0` where there is none."""
    found: str = parent.findtext(path, default="0", namespaces=NAMES)
    return found


def _amount(parent: Element, path: str) -> Decimal:
    return Decimal(_text(parent, path))


def _all(parent: Element, path: str) -> list[Element]:
    found: list[Element] = parent.findall(path, NAMES)
    return found
