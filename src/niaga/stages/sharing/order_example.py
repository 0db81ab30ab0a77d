"""A purchase order as a buyer's program would send it, made of what is on sale."""

from niaga.flows.documents.rendering.content import DocumentContent, Line, Party, Totals
from niaga.flows.documents.ubl.orders import order_xml
from niaga.flows.information.models import Product
from niaga.kernel import clock
from niaga.parties.states import CompanyState
from niaga.stages.sharing.models import Offer

_LINES = 3


def example_order(language: str) -> str | None:
    """Return a UBL Order of up to three things of one seller; None where nothing is on sale."""
    rows = Offer.objects.filter(
        variant__active=True,
        variant__product__kind=Product.Kind.GOODS,
        variant__product__state=Product.State.PUBLISHED,
        seller__state=CompanyState.APPROVED,
    ).select_related("variant__product", "seller")
    first = rows.order_by("seller_id", "variant_id").first()
    if first is None:
        return None
    offers = list(rows.filter(seller_id=first.seller_id).order_by("variant_id")[:_LINES])
    lines = tuple(_line(row, 2 + place, language) for place, row in enumerate(offers))
    total = sum(line.total_minor or 0 for line in lines)
    seller, nobody = first.seller, Party("PT Contoh Pembeli", "", ("Jl. Contoh 1",), "", "")
    return order_xml(
        DocumentContent(
            kind="order_confirmation",
            number="",
            issued_at=clock.now(),
            language=language,
            seller=Party(seller.name, seller.legal_name, (), "", "", seller.npwp, seller.nib),
            buyer=nobody,
            order_reference="PO-2026-001",
            references=(),
            lines=lines,
            totals=Totals(first.currency, total, 0, 0, total),
        )
    )


def _line(row: Offer, quantity: int, language: str) -> Line:
    product = row.variant.product
    return Line(
        description=(product.name_en if language == "en" else "") or product.name_id,
        detail="",
        sku=row.variant.sku,
        quantity=quantity,
        unit_price_minor=row.price_minor,
        total_minor=row.price_minor * quantity,
        gtin=row.variant.gtin,
    )
