"""How a seller's documents look: the colours, words and logo that are printed on them."""

import hashlib
import io
from functools import lru_cache
from uuid import UUID

from django.core.files.storage import default_storage
from PIL import Image

from niaga.flows.documents.models import DocumentStyle, Logo
from niaga.flows.documents.rendering.content import Style
from niaga.flows.documents.ubl.writer import Syntax
from niaga.parties.models import Company

LOGO_BOX = (480, 180)  # pixels: 40 x 15 mm at 300 dots an inch


def style_of(seller_id: UUID) -> DocumentStyle:
    """Return the seller's choices, or the usual ones; one statement."""
    row = DocumentStyle.objects.filter(pk=seller_id).first()
    return row or DocumentStyle(seller_id=seller_id)


def syntax_of(seller_id: UUID) -> Syntax:
    """Return the syntax of the seller's invoices and credit notes."""
    return "cii" if style_of(seller_id).syntax == DocumentStyle.Syntax.CII else "ubl"


def look_of(style: DocumentStyle) -> Style:
    """Return what the documents print of a seller's choices; keeps the logo for good."""
    path: str = ""
    if style.shows_logo:
        path = (
            Company.objects.filter(pk=style.seller_id).values_list("logo", flat=True).first() or ""
        )
    return Style(
        accent=style.accent,
        footer_text=style.footer_text,
        payment_terms=style.payment_terms,
        logo_sha256=_kept(path) if path else "",
    )


def logo_png(sha256: str) -> bytes | None:
    """Return a kept logo, or None where the document has none."""
    if not sha256:
        return None
    return bytes(Logo.objects.values_list("png", flat=True).get(pk=sha256))


def logo_preview(company_id: UUID) -> bytes | None:
    """Return the logo as documents would print it now, or None; nothing is kept."""
    path = Company.objects.values_list("logo", flat=True).get(pk=company_id)
    return _printable(path) if path else None


def _kept(path: str) -> str:
    png = _printable(path)
    if png is None:
        return ""
    sha256 = hashlib.sha256(png).hexdigest()
    if not Logo.objects.filter(pk=sha256).exists():
        Logo.objects.bulk_create([Logo(sha256=sha256, png=png)], ignore_conflicts=True)
    return sha256


@lru_cache(maxsize=256)
def _printable(path: str) -> bytes | None:
    """Return a picture as a small opaque PNG; None where there is none to read.

    PDF/A-1 knows no transparency: what shows through becomes white paper.
    """
    try:
        with default_storage.open(path) as file, Image.open(file) as picture:
            picture.thumbnail(LOGO_BOX)
            whole = picture.convert("RGBA")
    except OSError:
        return None
    paper = Image.new("RGBA", whole.size, "white")
    paper.alpha_composite(whole)
    png = io.BytesIO()
    paper.convert("RGB").save(png, "PNG", optimize=True)
    return png.getvalue()
