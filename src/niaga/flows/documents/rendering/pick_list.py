"""A pick list: what to take from a location's shelves, A4, with boxes to tick."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime
from django.utils.timezone import localtime

from niaga.flows.documents.rendering.pdf import compile_page


@dataclass(frozen=True, slots=True)
class PickedLine:
    """So many units of a SKU, and for which orders."""

    sku: str
    name: str
    options: str
    gtin: str
    units: int
    orders: Sequence[str]


@dataclass(frozen=True, slots=True)
class PickPage:
    """What one location gives."""

    location: str
    orders: int
    units: int
    lines: Sequence[PickedLine]


_WORDS = {
    "id": ("Daftar ambil", "Barang", "Untuk pesanan", "Unit", "pesanan", "Dicetak"),
    "en": ("Pick list", "Product", "For orders", "Units", "orders", "Printed"),
}


def render_picks(page: PickPage, *, language: str, printed_at: datetime) -> bytes:
    """Return the list as a PDF."""
    title, product, orders, units, counted, printed = _WORDS[language]
    at = format_datetime(localtime(printed_at), "d MMM y, HH.mm", locale=language)
    given = {
        "title": title,
        "location": page.location,
        "summary": f"{page.orders} {counted} · {page.units} {units.lower()} · {printed} {at}",
        "heads": [product, orders, units],
        "lines": [
            {
                "name": line.name,
                "detail": " · ".join(part for part in (line.sku, line.options, line.gtin) if part),
                "orders": list(line.orders),
                "units": str(line.units),
            }
            for line in page.lines
        ],
    }
    text = json.dumps(given, ensure_ascii=False)
    return compile_page("pick_list", {"picks": text}, printed_at=printed_at)
