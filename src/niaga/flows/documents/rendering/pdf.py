"""Content to PDF/A-3b by typst: the same content makes the same bytes on every machine."""

import json
import threading
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import lokal
import typst
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from num2words import num2words

from niaga.flows.documents.rendering.content import DocumentContent, Line, Party, Totals
from niaga.flows.documents.rendering.labels import LABELS
from niaga.kernel.money import Money

_HERE = Path(__file__).parent
_MARKET_TIME = ZoneInfo("Asia/Jakarta")
_local = threading.local()


@cache
def _fonts() -> typst.Fonts:
    """Return the document's own fonts: a machine's fonts would change the bytes."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[_HERE / "fonts"]
    )


def _compiler() -> typst.Compiler:
    """Return this thread's compiler; it keeps the parsed template between documents."""
    if not hasattr(_local, "compiler"):
        _local.compiler = typst.Compiler(
            _HERE / "document.typ", root=_HERE, font_paths=_fonts(), ignore_system_fonts=True
        )
    compiler: typst.Compiler = _local.compiler
    return compiler


def render_pdf(content: DocumentContent) -> bytes:
    """Return the document as PDF/A-3b.

    Texts reach the template as JSON, so typst's markup characters in a name print as themselves.
    """
    made = _compiler().compile(
        format="pdf",
        sys_inputs={"document": json.dumps(_printed(content), ensure_ascii=False)},
        pdf_standards=["a-3b"],
        timestamp=int(content.issued_at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def amount_in_words(amount: Money, language: str) -> str:
    """Return the amount in words, such as `satu juta lima ratus ribu rupiah`."""
    if language == "id" and amount.currency == "IDR":
        return str(lokal.terbilang(int(amount.major), currency=True))
    words = num2words(int(amount.major), lang="en").replace(",", "")
    return f"{words} rupiah" if amount.currency == "IDR" else f"{words} {amount.currency}"


def _money(minor: int | None, currency: str, language: str) -> str:
    if minor is None:
        return ""
    amount = Money(minor, currency)
    if currency == "IDR":
        return f"Rp{format_decimal(amount.major, '#,##0', locale='id')}"
    return format_currency(amount.major, currency, locale=language)


def _day(instant: datetime, language: str) -> str:
    return format_date(instant.astimezone(_MARKET_TIME).date(), "long", locale=language)


def _printed(content: DocumentContent) -> dict[str, Any]:
    """Return what the template prints: every figure and date as its final text."""
    language = content.language if content.language in LABELS else "id"
    words = LABELS[language]
    totals = content.totals
    currency = totals.currency if totals else "IDR"
    return {
        "language": language,
        "title": words[content.kind],
        "kind": content.kind,
        "number": content.number,
        "date": _day(content.issued_at, language),
        "order": content.order_reference,
        "words": words,
        "seller": _party(content.seller),
        "buyer": _party(content.buyer),
        "references": [list(pair) for pair in content.references],
        "lines": [_line(line, currency, language) for line in content.lines],
        "sums": _sums(totals, words, language) if totals else [],
        "total_label": words["credited" if content.kind == "credit_note" else "total"],
        "total": _money(totals.grand_total_minor, currency, language) if totals else "",
        "taxes": _taxes(totals, words, language) if totals and totals.tax_minor else [],
        "in_words": amount_in_words(Money(totals.grand_total_minor, currency), language)
        if totals and content.kind == "receipt"
        else "",
        "notes": list(content.notes),
    }


def _party(party: Party) -> dict[str, Any]:
    numbers = [
        f"{name} {value}" for name, value in (("NPWP", party.npwp), ("NIB", party.nib)) if value
    ]
    return {
        "name": party.name,
        "legal_name": party.legal_name if party.legal_name != party.name else "",
        "lines": [
            *party.address_lines,
            " · ".join(part for part in (party.phone, party.email) if part),
            " · ".join(numbers),
        ],
    }


def _line(line: Line, currency: str, language: str) -> dict[str, Any]:
    return {
        "description": line.description,
        "detail": " · ".join(part for part in (line.detail, line.sku) if part),
        "quantity": str(line.quantity),
        "unit_price": _money(line.unit_price_minor, currency, language),
        "discount": _money(-line.discount_minor, currency, language) if line.discount_minor else "",
        "total": _money(line.total_minor, currency, language),
    }


def _sums(totals: Totals, words: dict[str, str], language: str) -> list[list[str]]:
    rows = [(words["items"], totals.items_minor)]
    if totals.discount_minor:
        rows.append((words["discount"], -totals.discount_minor))
    if totals.delivery_minor:
        rows.append((words["delivery"], totals.delivery_minor))
    return [[label, _money(minor, totals.currency, language)] for label, minor in rows]


def _taxes(totals: Totals, words: dict[str, str], language: str) -> list[list[str]]:
    rows = (
        (words["tax_base"], totals.tax_base_minor),
        (words["tax_other_base"], totals.tax_other_base_minor),
        (words["tax"], totals.tax_minor),
    )
    return [[label, _money(minor, totals.currency, language)] for label, minor in rows]
