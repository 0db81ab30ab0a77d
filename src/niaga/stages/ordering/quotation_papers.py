"""The quotation in writing: issued when a seller offers prices, to who asked for them."""

from datetime import datetime

from babel.dates import format_date
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from niaga.flows.documents.finishing import UnissuedDocument
from niaga.flows.documents.rendering.content import DocumentContent, Line, Party, Totals
from niaga.flows.documents.styles import style_of
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.plumbing.outbox import RecordedEvent
from niaga.stages.ordering.commands.issue_paper import issue_paper
from niaga.stages.ordering.draft import contained_tax
from niaga.stages.ordering.papers import party_of, series_of, tax_bases
from niaga.stages.ordering.queries import options_text
from niaga.stages.sharing.models import Offer, Quotation, QuotationLine, last_day


def issue_quotation(event: RecordedEvent) -> None:
    """Write down what was offered, with PPN where the seller charges it; delivery comes later."""
    quotation = Quotation.objects.select_related("seller", "person").get(pk=event.body.subject_id)
    assert quotation.valid_until is not None, "what is offered has an end"
    person, seller = quotation.person, quotation.seller
    language = style_of(seller.id).language or person.language
    rows = quotation.lines.select_related("variant__product", "variant__offer").order_by("position")
    lines = tuple(_line(row, quotation.currency, language, taxable=seller.taxable) for row in rows)
    whole = sum(line.total_minor or 0 for line in lines)
    taxed = sum(line.total_minor or 0 for line in lines if line.tax_minor)
    with translation.override(language):
        references = ((_("Valid until"), _day(quotation.valid_until, language)),)
        holds = _("These prices hold for these quantities. Delivery is added as you order.")
    notes = (quotation.answer, holds) if quotation.answer else (holds,)
    content = DocumentContent(
        kind="quotation",
        number="",
        issued_at=clock.now(),
        language=language,
        seller=party_of(seller),
        buyer=Party(person.name, "", (), person.phone, person.email, npwp=person.tax_number),
        order_reference="",
        references=references,
        lines=lines,
        totals=Totals(
            quotation.currency, whole, 0, 0, whole, **tax_bases(Money(taxed, quotation.currency))
        ),
        notes=notes,
        market_name=settings.MARKET_NAME,
    )
    document = UnissuedDocument(
        seller_id=seller.id,
        series_name=series_of(seller),
        cause_id=quotation.id,
        about_id=quotation.id,
        content=content,
    )
    issue_paper(document=document)


def _day(valid_until: datetime, language: str) -> str:
    return format_date(last_day(valid_until), "d MMMM y", locale=language)


def _line(row: QuotationLine, currency: str, language: str, *, taxable: bool) -> Line:
    product, offer = row.variant.product, getattr(row.variant, "offer", None)
    total = Money((row.price_minor or 0) * row.quantity, currency)
    taxed = taxable and offer is not None and offer.tax == Offer.Tax.STANDARD
    return Line(
        description=(product.name_en if language == "en" else "") or product.name_id,
        detail=options_text(row.variant.options),
        sku=row.variant.sku,
        quantity=row.quantity,
        unit_price_minor=row.price_minor,
        discount_minor=0,
        total_minor=total.minor,
        tax_minor=contained_tax(total).minor if taxed else 0,
    )
