"""Labels for parcels: A6 pages with the SSCC as a GS1-128 barcode, one or many in a PDF."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import barcode

from niaga.flows.documents.rendering.pdf import compile_page

FNC1 = "\xf1"


@dataclass(frozen=True, slots=True)
class ParcelLabel:
    """What a label says; `sender` and `recipient` are lines, the name first; weight in grams."""

    carrier: str
    tracking_number: str
    order: str
    sscc: str
    weight_g: int
    sender: tuple[str, ...]
    recipient: tuple[str, ...]


_WORDS = {
    "id": ("Pengirim", "Penerima", "Pesanan", "Nomor resi", "Label pengiriman"),
    "en": ("From", "To", "Order", "Tracking number", "Shipping labels"),
}


def sscc_modules(sscc: str) -> str:
    """Return the GS1-128 bars of an SSCC, application identifier 00, as ones and zeros."""
    [modules] = barcode.get("gs1_128", f"{FNC1}00{sscc}").build()
    return str(modules)


def render_labels(labels: Sequence[ParcelLabel], *, language: str, printed_at: datetime) -> bytes:
    """Return the labels as a PDF, a page each, in the order given."""
    sender, recipient, order, tracking, title = _WORDS[language]
    pages = [
        {
            "carrier": label.carrier,
            "weight": f"{label.weight_g / 1000:.2f} kg" if label.weight_g else "",
            "from_label": sender,
            "from": [line for line in label.sender if line],
            "to_label": recipient,
            "to": [line for line in label.recipient if line],
            "order_label": order,
            "order": label.order,
            "tracking_label": tracking,
            "tracking": label.tracking_number or "—",
            "sscc": label.sscc,
            "modules": sscc_modules(label.sscc),
        }
        for label in labels
    ]
    given = json.dumps({"labels": pages, "title": title}, ensure_ascii=False)
    return compile_page("parcel_label", {"labels": given}, printed_at=printed_at)
