"""What the templates print: every figure, date and label of a document as its final text."""

import io
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

import segno
from babel.dates import format_date
from PIL import Image

from niaga.flows.documents.rendering.amounts import amount_in_figures, amount_in_words, percent
from niaga.flows.documents.rendering.content import DocumentContent, Line, Party, Style, Totals
from niaga.flows.documents.rendering.glyphs import printable
from niaga.flows.documents.rendering.labels import LABELS
from niaga.kernel.money import Money
from niaga.plumbing.days import MARKET_TIME

type Row = list[str]

_LOCALES = {"id": "id", "en": "en_GB"}  # day before month in both
_TOTAL_LABEL = {
    "credit_note": "credited",
    "commission_credit": "credited",
    "receipt": "received",
    "pro_forma": "to_pay",
    "payout_advice": "paid_out",
    "withholding_proof": "withheld",
}
_IN_WORDS = {
    "receipt", "invoice", "pro_forma", "commission_invoice", "commission_credit", "payout_advice",
    "withholding_proof",
}  # fmt: skip
_ITEMS_LABEL = {"payout_advice": "orders", "commission_invoice": "items"}
_DISCOUNT_LABEL = {"payout_advice": "cash_held"}
_SELLER_LABEL = {
    "delivery_note": "sender",
    "return_slip": "return_to",
    "commission_invoice": "issuer",
    "commission_credit": "issuer",
    "payout_advice": "issuer",
    "withholding_proof": "issuer",
}
_BUYER_LABEL = {
    "delivery_note": "ship_to",
    "receipt": "received_from",
    "credit_note": "credited_to",
    "return_slip": "returned_by",
    "commission_invoice": "recipient",
    "commission_credit": "credited_to",
    "payout_advice": "payee",
    "withholding_proof": "recipient",
}
_MOVED = {"delivery_note", "return_slip"}


def printed(content: DocumentContent) -> dict[str, Any]:
    """Return the document as the templates read it: JSON values, texts in the font's letters."""
    language = content.language if content.language in LABELS else "id"
    words = LABELS[language]
    style = content.style or Style()
    totals = content.totals
    currency = totals.currency if totals else "IDR"
    return {
        "language": language,
        "kind": content.kind,
        "moves": content.kind in _MOVED,
        "accent": style.accent,
        "terms": printable(style.payment_terms) if totals else "",
        "qr": _qr(content.verify_url) if content.verify_url else "",
        "title": words[content.kind],
        "number": printable(content.number),
        "words": words,
        "paid": words["paid"] if _is_paid(content) else "",
        "seller": _party(content.seller)
        | {"label": words[_SELLER_LABEL.get(content.kind, "seller")]},
        "buyer": _party(content.buyer) | {"label": words[_BUYER_LABEL.get(content.kind, "buyer")]},
        "facts": _facts(content, words, language),
        "order": printable(content.order_reference),
        "lines": [_line(line, currency, language) for line in content.lines],
        "pieces": str(sum(line.quantity for line in content.lines)),
        "discounted": any(line.discount_minor for line in content.lines),
        "payment": _payment(content, words, language),
        "shipment": _shipment(content, words, language),
        "notes": [printable(note) for note in content.notes],
        "footer": [
            text
            for text in (printable(style.footer_text), *_footer(content, words, language))
            if text
        ],
    } | (_money(content.kind, totals, words, language) if totals else {"total": ""})


def _is_paid(content: DocumentContent) -> bool:
    payment = content.payment
    return content.kind == "invoice" and payment is not None and payment.paid_at is not None


def _money(kind: str, totals: Totals, words: dict[str, str], language: str) -> dict[str, Any]:
    grand = Money(totals.grand_total_minor, totals.currency)
    in_words = amount_in_words(grand, language) if kind in _IN_WORDS else ""
    return {
        "total": amount_in_figures(grand, language),
        "total_label": words[_TOTAL_LABEL.get(kind, "total")],
        "in_words": in_words[:1].upper() + in_words[1:],
        "sums": _sums(kind, totals, words, language),
        "taxes": _taxes(totals, words, language) if totals.tax_minor else [],
    }


def _sums(kind: str, totals: Totals, words: dict[str, str], language: str) -> list[Row]:
    rows = [(_ITEMS_LABEL.get(kind, "items"), totals.items_minor)]
    if totals.discount_minor:
        rows.append((_DISCOUNT_LABEL.get(kind, "discount"), -totals.discount_minor))
    if totals.delivery_minor:
        rows.append(("delivery", totals.delivery_minor))
    return [[words[key], _figures(minor, totals.currency, language)] for key, minor in rows]


def _taxes(totals: Totals, words: dict[str, str], language: str) -> list[Row]:
    rate = percent(totals.tax_rate_bp, language)
    rows = (
        (words["tax_base"], totals.tax_base_minor),
        (words["tax_other_base"], totals.tax_other_base_minor),
        (words["tax"].format(rate=rate), totals.tax_minor),
    )
    return [
        [label, _figures(minor, totals.currency, language)]
        for label, minor in rows
        if minor or label != words["tax_other_base"]
    ]


def _party(party: Party) -> dict[str, Any]:
    numbers = (("NPWP", _npwp(party.npwp)), ("NIB", party.nib))
    return {
        "name": printable(party.name),
        "legal_name": printable(party.legal_name) if party.legal_name != party.name else "",
        "initials": "".join(word[0] for word in printable(party.name).split()[:2]).upper(),
        "logo": _logo(party.logo),
        "address": [line for line in map(printable, party.address_lines) if line],
        "contact": [line for line in map(printable, (party.phone, party.email)) if line],
        "numbers": [[name, printable(value)] for name, value in numbers if value],
    }


def _npwp(number: str) -> str:
    """Return 16 digits in groups of four, as the tax office prints them."""
    if len(number) == 16 and number.isdecimal():
        return " ".join(number[i : i + 4] for i in range(0, 16, 4))
    return number


def _logo(picture: bytes | None) -> list[int]:
    """Return the picture's bytes as numbers; none where it is no sound PNG or JPEG."""
    try:
        with Image.open(io.BytesIO(picture or b""), formats=("PNG", "JPEG")) as image:
            image.verify()
    except (OSError, SyntaxError, ValueError):
        return []
    return list(picture or b"")


def _line(line: Line, currency: str, language: str) -> dict[str, str]:
    discount = -line.discount_minor if line.discount_minor else None
    return {
        "description": printable(line.description),
        "detail": printable(" · ".join(part for part in (line.detail, line.sku) if part)),
        "quantity": str(line.quantity),
        "unit_price": _figures(line.unit_price_minor, currency, language),
        "discount": _figures(discount, currency, language),
        "total": _figures(line.total_minor, currency, language),
    }


def _facts(content: DocumentContent, words: dict[str, str], language: str) -> list[Row]:
    return _rows(
        (
            (words["date"], _day(content.issued_at, language)),
            (words["order"], content.order_reference),
            *content.references,
        )
    )


def _payment(content: DocumentContent, words: dict[str, str], language: str) -> list[Row]:
    terms = content.payment
    if terms is None:
        return []
    due_at = None if terms.paid_at else terms.due_at
    return _rows(
        (
            (words["method"], terms.method),
            (words["pay_to"], "" if terms.paid_at else terms.pay_to),
            (words["due_at"], _moment(due_at, language)),
            (words["paid_at"], _moment(terms.paid_at, language)),
        )
    )


def _shipment(content: DocumentContent, words: dict[str, str], language: str) -> list[Row]:
    parcel = content.shipment
    if parcel is None:
        return []
    kilos = "" if parcel.weight_g is None else f"{parcel.weight_g / 1000:,.2f}"
    if language == "id":
        kilos = kilos.translate(str.maketrans(",.", ".,"))
    return _rows(
        (
            (words["carrier"], parcel.carrier),
            (words["service"], parcel.service),
            (words["tracking_number"], parcel.tracking_number),
            (words["weight"], f"{kilos} kg" if kilos else ""),
            (words["dispatched_at"], _moment(parcel.dispatched_at, language)),
        )
    )


def _footer(content: DocumentContent, words: dict[str, str], language: str) -> Row:
    issued = words["issued_through"].format(
        market=content.market_name, moment=_moment(content.issued_at, language)
    )
    verify = f"{words['verify']}: {content.verify_url}" if content.verify_url else ""
    return [printable(text) for text in (issued, verify) if text]


def _rows(pairs: Iterable[tuple[str, str]]) -> list[Row]:
    return [[printable(label), printable(value)] for label, value in pairs if value]


@lru_cache(maxsize=64)
def _qr(text: str) -> str:
    """Return a QR code as SVG: one path in black, without the quiet zone that the page has."""
    return str(segno.make(text, error="m", micro=False).svg_inline(border=0, omitsize=True))


def _figures(minor: int | None, currency: str, language: str) -> str:
    return "" if minor is None else amount_in_figures(Money(minor, currency), language)


def _day(instant: datetime, language: str) -> str:
    return format_date(instant.astimezone(MARKET_TIME).date(), "long", locale=_LOCALES[language])


def _moment(instant: datetime | None, language: str) -> str:
    """Return the day and the time in western Indonesia, such as `24 November 2026 22.31 WIB`."""
    if instant is None:
        return ""
    return f"{_day(instant, language)} {instant.astimezone(MARKET_TIME):%H.%M} WIB"
