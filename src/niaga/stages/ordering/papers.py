"""Which documents an order has, what they say, and when they are issued."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID, uuid5

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from niaga.flows.documents.finishing import UnissuedDocument
from niaga.flows.documents.numbers import SELLER_LONGEST
from niaga.flows.documents.queries import InvoiceLeft, invoices_of, is_issued
from niaga.flows.documents.rendering.content import (
    DocumentContent,
    Kind,
    Line,
    Party,
    PaymentTerms,
    ShipmentInfo,
    Totals,
)
from niaga.flows.documents.styles import style_of
from niaga.flows.documents.ubl.writer import has_xml
from niaga.flows.goods.models import Shipment
from niaga.flows.money.methods import METHODS
from niaga.flows.money.models import Capture
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.parties.models import Company
from niaga.plumbing.outbox import RecordedEvent
from niaga.stages.ordering import events
from niaga.stages.ordering.commands.draft_paper import draft_paper
from niaga.stages.ordering.commands.issue_paper import issue_paper
from niaga.stages.ordering.draft import contained_tax
from niaga.stages.ordering.letters import OrderFacts, load_order
from niaga.stages.ordering.models import Charge, ChargeLine, Order, OrderLine, Purchase
from niaga.stages.ordering.queries import options_text
from niaga.stages.ordering.states import OrderState

_TAXING: frozenset[Kind] = frozenset({"pro_forma", "invoice", "receipt", "credit_note"})


@dataclass(frozen=True, slots=True)
class Body:
    """What a document lists, where it is not the whole order."""

    lines: tuple[Line, ...]
    totals: Totals | None = None


class InvoiceMissingError(Exception):
    """Money came in for an order and its invoice is not issued yet: the credit note waits."""


def issue_confirmation(event: RecordedEvent) -> None:
    """Confirm the order in writing; with a pro forma where it is to be paid first."""
    facts = load_order(event.body.subject_id)
    _issue(facts, "order_confirmation")
    if facts.purchase.payment.account_number:
        _issue(facts, "pro_forma", payment=_to_pay(facts))


def issue_invoice(event: RecordedEvent) -> None:
    """Invoice the order and receipt its money, which is there."""
    facts = load_order(event.body.subject_id)
    paid = _paid(facts)
    _issue(facts, "invoice", payment=paid)
    _issue(facts, "receipt", payment=paid)


def issue_part_invoice(event: RecordedEvent) -> None:
    """Invoice the part of an order that a card paid, and receipt its money."""
    body = cast("events.OrderCharged", event.body)
    facts = load_order(body.subject_id)
    charge = Charge.objects.select_related("order").prefetch_related("lines").get(pk=body.charge_id)
    by_id = {line.id: line for line in facts.lines}
    lines = tuple(
        _line_part(by_id[part.line_id], _language(facts), part) for part in charge.lines.all()
    )
    kinds: tuple[Kind, ...] = ("invoice", "receipt")
    for kind in kinds:
        _issue(
            facts,
            kind,
            about_id=charge.id,
            body=Body(lines, _sums(lines, charge)),
            payment=_paid(facts),
        )


def issue_credit_note(event: RecordedEvent) -> None:
    """Credit an invoiced order that was cancelled: whatever its invoices have left.

    Raises:
        InvoiceMissingError: the reaction to the payment has not invoiced it yet.
        DocumentRedacted: the contents of an invoice were deleted.
    """
    facts = load_order(event.body.subject_id)
    if not Capture.objects.filter(cause_id=facts.order.id).exists():
        return
    invoices = invoices_of(facts.order.id)
    if not invoices:
        raise InvoiceMissingError(facts.order.reference)
    for invoice in invoices:
        if invoice.left == invoice.total:
            said = invoice.said()
            _issue(
                facts,
                "credit_note",
                about_id=facts.order.id if len(invoices) == 1 else invoice.document_id,
                body=Body(said.lines, said.totals),
                corrects=invoice,
            )
        elif invoice.left.minor:
            _credit_part(facts, invoice, invoice.left, about_id=invoice.document_id)


def credit_refund(event: RecordedEvent) -> None:
    """Credit what of an invoiced order is given back while the order goes on.

    A cancelled order is credited whole, see `issue_credit_note`.
    """
    body = cast("events.RefundDue", event.body)
    cancelled = Order.objects.filter(pk=body.subject_id, state=OrderState.CANCELLED).exists()
    if body.refund_id is not None and not cancelled:
        credit_part(
            order_id=body.subject_id,
            about_id=body.refund_id,
            amount=Money(body.amount_minor, body.currency),
        )


def credit_part(*, order_id: UUID, about_id: UUID, amount: Money) -> None:
    """Credit a part of what an order was invoiced, once about `about_id` (a refund, a return).

    Several invoices are credited one after the other, the first issued first.

    Raises:
        InvoiceMissingError: the invoices have less left.
        DocumentRedacted: the contents of one were deleted.
    """
    facts = load_order(order_id)
    invoices = [invoice for invoice in invoices_of(order_id) if invoice.left.minor]
    if is_issued("credit_note", about_id):
        return
    if sum(invoice.left.minor for invoice in invoices) < amount.minor:
        raise InvoiceMissingError(f"{facts.order.reference} has less than {amount} to credit")
    rest = amount
    for place, invoice in enumerate(invoices):
        part = Money(min(rest.minor, invoice.left.minor), amount.currency)
        if part.minor:
            about = about_id if place == 0 else uuid5(about_id, str(invoice.document_id))
            _credit_part(facts, invoice, part, about_id=about)
        rest -= part


def issue_return_slip(
    *, order_id: UUID, return_id: UUID, quantities: Mapping[UUID, int], reason: str | Promise
) -> None:
    """Write down which units (by order line) a buyer sends back, once about `return_id`."""
    facts = load_order(order_id)
    language = _language(facts)
    lines = tuple(
        _line(line, language, quantity=quantities[line.id])
        for line in facts.lines
        if quantities.get(line.id)
    )
    with translation.override(language):
        because = ((_("Reason"), str(reason)),) if reason else ()
    _issue(facts, "return_slip", about_id=return_id, body=Body(lines), more=because)


def issue_delivery_note(event: RecordedEvent) -> None:
    """Write down what a parcel holds."""
    body = cast("events.ShipmentDispatched", event.body)
    facts = load_order(body.subject_id)
    shipment = Shipment.objects.prefetch_related("lines").get(pk=body.shipment_id)
    by_id = {line.id: line for line in facts.lines}
    language = _language(facts)
    lines = tuple(
        _line(by_id[part.cause_id], language, quantity=part.quantity)
        for part in shipment.lines.all()
    )
    _issue(
        facts,
        "delivery_note",
        about_id=shipment.id,
        body=Body(lines),
        shipment=ShipmentInfo(
            carrier=shipment.carrier,
            tracking_number=shipment.tracking_number,
            dispatched_at=event.occurred_at,
        ),
    )


def _issue(
    facts: OrderFacts,
    kind: Kind,
    *,
    about_id: UUID | None = None,
    body: Body | None = None,
    payment: PaymentTerms | None = None,
    shipment: ShipmentInfo | None = None,
    corrects: InvoiceLeft | None = None,
    more: tuple[tuple[str, str], ...] = (),
) -> None:
    language = _language(facts)
    with translation.override(language):
        references = [(_("Purchase"), facts.purchase.reference), *more]
        if facts.order.purchase_order:
            references.append((_("Your order"), facts.order.purchase_order))
        if corrects:
            references.append((_("Invoice"), corrects.number))
        notes = _notes(kind)
    if body is None:
        lines = tuple(_line(line, language) for line in facts.lines)
        body = Body(lines, _sums(lines, facts.order))
    content = DocumentContent(
        kind=kind,
        number="",
        issued_at=clock.now(),
        language=language,
        seller=party_of(facts.order.seller),
        buyer=_buyer(facts.purchase, kind),
        order_reference=facts.order.reference,
        references=tuple(references),
        lines=body.lines,
        totals=body.totals,
        notes=notes,
        payment=payment,
        shipment=shipment,
        market_name=settings.MARKET_NAME,
        corrects=corrects.number if corrects else "",
        purchase_order=facts.order.purchase_order,
    )
    document = UnissuedDocument(
        seller_id=facts.order.seller_id,
        series_name=series_of(facts.order.seller),
        cause_id=facts.order.id,
        about_id=about_id or facts.order.id,
        content=content,
        corrects_id=corrects.document_id if corrects else None,
    )
    if has_xml(kind):
        draft_paper(document=document)
    else:
        issue_paper(document=document)


def _credit_part(facts: OrderFacts, invoice: InvoiceLeft, part: Money, *, about_id: UUID) -> None:
    """Credit `part` of an invoice: in one line, or in two where not all of it was taxed."""
    said = invoice.said()
    assert said.totals is not None, "an invoice has sums"
    taxed = said.totals.tax_base_minor + said.totals.tax_minor
    shares = part.split([taxed, invoice.total.minor - taxed])
    with translation.override(_language(facts)):
        words = _("Part of invoice %(number)s") % {"number": invoice.number}
        details = (_("with PPN"), _("without PPN")) if all(shares) else ("", "")
    lines = tuple(
        Line(words, detail, "", 1, share.minor, 0, share.minor, tax_minor=tax)
        for detail, share, tax in zip(
            details, shares, (contained_tax(shares[0]).minor, 0), strict=True
        )
        if share
    )
    totals = Totals(part.currency, part.minor, 0, 0, part.minor, **tax_bases(shares[0]))
    _issue(facts, "credit_note", about_id=about_id, body=Body(lines, totals), corrects=invoice)


def _language(facts: OrderFacts) -> str:
    """Return the documents' language: the seller's choice, else the buyer's."""
    return style_of(facts.order.seller_id).language or facts.purchase.language


def _method(facts: OrderFacts) -> str:
    with translation.override(_language(facts)):
        return str(METHODS[facts.purchase.payment.method].label)


def _paid(facts: OrderFacts) -> PaymentTerms:
    return PaymentTerms(_method(facts), paid_at=facts.purchase.payment.confirmed_at or clock.now())


def _to_pay(facts: OrderFacts) -> PaymentTerms:
    payment = facts.purchase.payment
    return PaymentTerms(
        _method(facts), pay_to=payment.account_number or "", due_at=payment.expires_at
    )


def _notes(kind: str) -> tuple[str, ...]:
    return {
        "order_confirmation": (_("Thank you for your order."),),
        "pro_forma": (
            _("This is not a tax invoice. The invoice follows once the money is there."),
        ),
        "delivery_note": (_("Please check the parcel when it arrives."),),
        "invoice": (_("Prices include PPN where it applies."),),
        "receipt": (_("The money is held in escrow until you have received your order."),),
        "credit_note": (_("This credit note takes back what the invoice above asked for."),),
        "return_slip": (_("Please put this slip into the parcel that goes back."),),
    }.get(kind, ())


def series_of(company: Company) -> str:
    """Return the short name that the company's numbers carry."""
    return company.slug.upper()[:SELLER_LONGEST]


def party_of(company: Company) -> Party:
    """Return a company as documents name it."""
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


def _buyer(purchase: Purchase, kind: Kind) -> Party:
    """Return the buyer; its tax number stands only where money is asked for or given back."""
    person = purchase.person if kind in _TAXING else None
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
        npwp=person.tax_number if person else "",
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
        tax_minor=line.tax_minor,
    )


def _line_part(line: OrderLine, language: str, part: ChargeLine) -> Line:
    total = Money(part.total_minor, line.order.currency)
    return replace(
        _line(line, language, quantity=part.quantity),
        unit_price_minor=line.unit_price_minor,
        discount_minor=part.discount_minor,
        total_minor=part.total_minor,
        tax_minor=contained_tax(total).minor if line.tax_minor else 0,
    )


def _sums(lines: tuple[Line, ...], whole: Order | Charge) -> Totals:
    """Return the sums of an order, or of the part of one that was charged, with these lines.

    PPN is rounded once, on all that is taxed: delivery goes with what it delivers.
    """
    currency = (whole.order if isinstance(whole, Charge) else whole).currency
    taxed_minor = sum(line.total_minor or 0 for line in lines if line.tax_minor)
    if taxed_minor:
        taxed_minor += whole.delivery_minor
    return Totals(
        currency=currency,
        items_minor=whole.items_minor,
        discount_minor=whole.discount_minor,
        delivery_minor=whole.delivery_minor,
        grand_total_minor=whole.total_minor,
        **tax_bases(Money(taxed_minor, currency)),
    )


def tax_bases(taxed: Money, tax: Money | None = None) -> dict[str, int]:
    """Return the PPN inside what is `taxed`, with its bases: 12 % of 11/12 of what is before it."""
    tax = contained_tax(taxed) if tax is None else tax
    base_minor = taxed.minor - tax.minor
    return {
        "tax_base_minor": base_minor,
        "tax_other_base_minor": (base_minor * 22 + 12) // 24,
        "tax_minor": tax.minor,
    }
