"""A document that is none: what a seller's choices would look like, drawn as a picture."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from niaga.flows.documents.numbers import PATTERNS, format_number
from niaga.flows.documents.rendering.content import (
    DocumentContent,
    Kind,
    Line,
    Party,
    PaymentTerms,
    Style,
    Totals,
)
from niaga.flows.documents.rendering.pdf import render_png
from niaga.flows.documents.styles import logo_preview
from niaga.kernel import clock
from niaga.parties.models import Company

_WORDS = {
    "id": ("Contoh Pembeli", "Jl. Contoh 1", "Kopi Gayo 250 g", "Cangkir keramik", "Contoh"),
    "en": ("Sample Buyer", "Jl. Contoh 1", "Gayo coffee 250 g", "Ceramic cup", "Sample"),
}


def preview_png(company_id: UUID, *, style: Style, language: str, shows_logo: bool) -> bytes:
    """Return a sample invoice of the company in this style as PNG; nothing is kept or numbered."""
    company = Company.objects.get(pk=company_id)
    return render_png(_sample(company, style, language or "id", shows_logo=shows_logo))


def number_example(kind: Kind, pattern: str, *, series_name: str) -> str:
    """Return a number as `pattern` (or the usual one) makes it.

    Raises:
        PatternInvalid: see `check_pattern`.
    """
    year = clock.now().year
    return format_number(pattern or PATTERNS[kind], seller=series_name, year=year, serial=42)


def _sample(company: Company, style: Style, language: str, *, shows_logo: bool) -> DocumentContent:
    name, street, first, second, mark = _WORDS[language]
    now = clock.now()
    seller = Party(
        name=company.name,
        legal_name=company.legal_name,
        address_lines=(company.street, f"{company.city} {company.postal_code}"),
        phone=company.phone,
        email=company.email,
        npwp=company.npwp,
        nib=company.nib,
        logo=logo_preview(company.id) if shows_logo else None,
    )
    lines = (
        Line(first, "", "KG-250", 2, 85_000_00, 0, 170_000_00),
        Line(second, "", "CK-1", 1, 52_000_00, 0, 52_000_00),
    )
    totals = Totals("IDR", 222_000_00, 0, 15_000_00, 237_000_00)
    return DocumentContent(
        kind="invoice",
        number=mark.upper(),
        issued_at=now,
        language=language,
        seller=seller,
        buyer=Party(name, "", (street, "Kota Bandung 40111"), "", ""),
        order_reference="NG-0000-1",
        references=(),
        lines=lines,
        totals=totals,
        payment=PaymentTerms("QRIS", due_at=now + timedelta(days=1)),
        style=replace(style, logo_sha256=""),
    )
