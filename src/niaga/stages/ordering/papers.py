"""Which documents an order has, what they say, and when they are issued."""

from dataclasses import replace
from typing import cast
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from niaga.flows.documents.rendering.content import (
    DocumentContent,
    Kind,
    Line,
    Party,
    Totals,
)
from niaga.flows.goods.models import Shipment
from niaga.flows.money.methods import METHODS
from niaga.flows.money.models import Capture
from niaga.kernel import clock
from niaga.kernel.money import Money, share_half_up
from niaga.parties.models import Company
from niaga.plumbing.outbox import RecordedEvent
from niaga.stages.ordering import events
from niaga.stages.ordering.commands.issue_paper import issue_paper
from niaga.stages.ordering.letters import OrderFacts, load_order
from niaga.stages.ordering.models import Charge, ChargeLine, Order, OrderLine, Purchase
from niaga.stages.ordering.queries import options_text


def issue_confirmation(event: RecordedEvent) -> None:
    """Confirm the order in writing."""
    _issue(load_order(event.body.subject_id), "order_confirmation")


def issue_invoice(event: RecordedEvent) -> None:
    """Invoice the order and receipt its money, which is there."""
    facts = load_order(event.body.subject_id)
    _issue(facts, "invoice")
    _issue(facts, "receipt")


def issue_part_invoice(event: RecordedEvent) -> None:
    """Invoice the part of an order that a card paid, and receipt its money."""
    body = cast("events.OrderCharged", event.body)
    facts = load_order(body.subject_id)
    charge = Charge.objects.select_related("order").prefetch_related("lines").get(pk=body.charge_id)
    by_id = {line.id: line for line in facts.lines}
    lines = tuple(
        _line_part(by_id[part.line_id], facts.purchase.language, part)
        for part in charge.lines.all()
    )
    kinds: tuple[Kind, ...] = ("invoice", "receipt")
    for kind in kinds:
        _issue(facts, kind, about_id=charge.id, lines=lines, totals=_sums(charge))


def issue_credit_note(event: RecordedEvent) -> None:
    """Credit an invoiced order that was cancelled."""
    facts = load_order(event.body.subject_id)
    if Capture.objects.filter(cause_id=facts.order.id).exists():
        _issue(facts, "credit_note")


def issue_delivery_note(event: RecordedEvent) -> None:
    """Write down what a parcel holds."""
    body = cast("events.ShipmentDispatched", event.body)
    facts = load_order(body.subject_id)
    shipment = Shipment.objects.prefetch_related("lines").get(pk=body.shipment_id)
    by_id = {line.id: line for line in facts.lines}
    lines = tuple(
        _line(by_id[part.cause_id], facts.purchase.language, quantity=part.quantity)
        for part in shipment.lines.all()
    )
    _issue(facts, "delivery_note", shipment=shipment, about_id=shipment.id, lines=lines)


def _issue(
    facts: OrderFacts,
    kind: Kind,
    *,
    shipment: Shipment | None = None,
    about_id: UUID | None = None,
    lines: tuple[Line, ...] | None = None,
    totals: Totals | None = None,
) -> None:
    language = facts.purchase.language
    with translation.override(language):
        references = _references(facts, shipment)
        notes = _notes(kind)
    content = DocumentContent(
        kind=kind,
        number="",
        issued_at=clock.now(),
        language=language,
        seller=_seller(facts.order.seller),
        buyer=_buyer(facts.purchase),
        order_reference=facts.order.reference,
        references=references,
        lines=lines or tuple(_line(line, language) for line in facts.lines),
        totals=None if kind == "delivery_note" else totals or _sums(facts.order),
        notes=notes,
    )
    issue_paper(
        order_id=facts.order.id,
        seller_id=facts.order.seller_id,
        series_name=facts.order.seller.slug.upper()[:24],
        about_id=about_id or facts.order.id,
        content=content,
    )


def _references(facts: OrderFacts, shipment: Shipment | None) -> tuple[tuple[str, str], ...]:
    rows = [(_("Purchase"), facts.purchase.reference)]
    if shipment:
        rows.append((_("Carrier"), shipment.carrier))
        if shipment.tracking_number:
            rows.append((_("Tracking number"), shipment.tracking_number))
    else:
        rows.append((_("Payment"), str(METHODS[facts.purchase.payment.method].label)))
    return tuple(rows)


def _notes(kind: Kind) -> tuple[str, ...]:
    return {
        "order_confirmation": (_("Thank you for your order."),),
        "delivery_note": (_("Please check the parcel when it arrives."),),
        "invoice": (_("Prices include PPN where it applies."),),
        "receipt": (_("The money is held in escrow until you have received your order."),),
        "credit_note": (_("This credit note takes back the invoice of this order."),),
    }[kind]


def _seller(company: Company) -> Party:
    return Party(
        name=company.name,
        legal_name=company.legal_name,
        address_lines=(
            company.street,
            f"{company.village}, {company.district}",
            f"{company.city} {company.postal_code}",
            company.province,
        ),
        phone=company.phone,
        email=company.email,
        npwp=company.npwp,
        nib=company.nib,
    )


def _buyer(purchase: Purchase) -> Party:
    lines = (
        purchase.street,
        ", ".join(part for part in (purchase.village, purchase.district) if part),
        " ".join(part for part in (purchase.city, purchase.postal_code) if part),
        purchase.province,
    )
    return Party(
        name=purchase.recipient or purchase.name,
        legal_name="",
        address_lines=tuple(line for line in lines if line),
        phone=purchase.phone,
        email=purchase.email,
    )


def _line(line: OrderLine, language: str, *, quantity: int | None = None) -> Line:
    description = line.title_en if language == "en" else line.title_id
    detail = options_text(line.options)
    if quantity is not None:
        return Line(description, detail, line.sku, quantity)
    return Line(
        description,
        detail,
        line.sku,
        line.quantity,
        unit_price_minor=line.unit_price_minor,
        discount_minor=line.discount_minor,
        total_minor=line.total_minor,
    )


def _line_part(line: OrderLine, language: str, part: ChargeLine) -> Line:
    return replace(
        _line(line, language, quantity=part.quantity),
        unit_price_minor=line.unit_price_minor,
        discount_minor=part.discount_minor,
        total_minor=part.total_minor,
    )


def _sums(whole: Order | Charge) -> Totals:
    """Return the sums of an order, or of the part of one that was charged."""
    currency = (whole.order if isinstance(whole, Charge) else whole).currency
    tax = Money(whole.tax_minor, currency)
    # PPN is 12 % of 11/12 of the base, so the base is the tax x 100/11 and 11/12 of it x 100/12.
    return Totals(
        currency=currency,
        items_minor=whole.items_minor,
        discount_minor=whole.discount_minor,
        delivery_minor=whole.delivery_minor,
        grand_total_minor=whole.total_minor,
        tax_base_minor=share_half_up(tax, 100, 11).minor,
        tax_other_base_minor=share_half_up(tax, 100, 12).minor,
        tax_minor=tax.minor,
    )
