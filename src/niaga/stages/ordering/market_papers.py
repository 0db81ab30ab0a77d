"""What the market itself writes to its sellers: commission, payouts, tax withheld."""

from typing import cast
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from niaga.flows.documents.finishing import UnissuedDocument
from niaga.flows.documents.rendering.content import (
    DocumentContent,
    Kind,
    Line,
    Party,
    PaymentTerms,
    Style,
    Totals,
)
from niaga.flows.documents.styles import style_of
from niaga.flows.money.events import PayoutPaid
from niaga.flows.money.models import Payout
from niaga.flows.money.paid_out import paid_by
from niaga.flows.money.withholding import NAME as WITHHOLDING
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.plumbing.outbox import RecordedEvent
from niaga.stages.ordering.commands.issue_paper import issue_paper
from niaga.stages.ordering.events import CommissionGivenBack, EscrowReleased
from niaga.stages.ordering.letters import money_text
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.papers import party_of, series_of, tax_bases


def issue_commission_invoice(event: RecordedEvent) -> None:
    """Invoice the seller for the commission that was kept of what was released just now."""
    body = cast("EscrowReleased", event.body)
    if not body.commission_minor:
        return
    order = Order.objects.select_related("seller").get(pk=body.subject_id)
    language = _language(order.seller_id)
    sold_minor = body.net_minor + body.commission_minor + body.withheld_minor
    gross = money_text(Money(sold_minor, body.currency), language)
    with translation.override(language):
        line = _line(
            _("Commission on order %(reference)s") % {"reference": order.reference},
            _("From sales of %(amount)s") % {"amount": gross},
            body.commission_minor,
        )
        paid = PaymentTerms(_("Kept from the order's money"), paid_at=event.occurred_at)
    _issue(
        "commission_invoice",
        order,
        about_id=event.id,
        lines=(line,),
        payment=paid,
        tax=Money(body.commission_tax_minor, body.currency),
    )


def credit_commission(event: RecordedEvent) -> None:
    """Credit the seller for commission that was invoiced and given up with a refund."""
    body = cast("CommissionGivenBack", event.body)
    order = Order.objects.select_related("seller").get(pk=body.subject_id)
    with translation.override(_language(order.seller_id)):
        line = _line(
            _("Commission on order %(reference)s") % {"reference": order.reference},
            _("Given back with a refund to the buyer"),
            body.commission_minor,
        )
    _issue(
        "commission_credit",
        order,
        about_id=event.id,
        lines=(line,),
        tax=Money(body.tax_minor, body.currency),
    )


def issue_payout_advice(event: RecordedEvent) -> None:
    """Tell the seller what a payout is made of: its orders, less debts and cash it held already."""
    body = cast("PayoutPaid", event.body)
    payout = Payout.objects.select_related("batch").get(pk=body.payout_id)
    order = Order.objects.select_related("seller").get(pk=body.subject_id)
    language = _language(order.seller_id)
    lines = _paid_out(payout, language)
    with translation.override(language):
        paid = PaymentTerms(
            _("Bank transfer to %(bank)s %(account)s")
            % {"bank": payout.bank_name, "account": payout.bank_account},
            paid_at=payout.paid_at,
        )
    _issue(
        "payout_advice",
        order,
        about_id=payout.id,
        lines=lines,
        payment=paid,
        less=sum(line.total_minor or 0 for line in lines) - payout.amount_minor,
    )


def _paid_out(payout: Payout, language: str) -> tuple[Line, ...]:
    """Return a line for each order that a payout pays or payout it repeats, and each debt."""
    paid = paid_by(payout)
    repaid = list(payout.repays.select_related("batch").order_by("returned_at", "id"))
    debts = list(payout.debts.order_by("made_at", "id"))
    orders = Order.objects.in_bulk([*paid.net, *(debt.cause_id for debt in debts)])
    lines = []
    with translation.override(language):
        for cause_id, net in sorted(paid.net.items(), key=lambda one: orders[one[0]].reference):
            detail = _shared(
                net, paid.commission[cause_id], paid.withheld[cause_id], language=language
            )
            lines.append(_line(orders[cause_id].reference, detail, net.minor))
        for returned in repaid:
            name = _("Payout %(number)s") % {"number": returned.batch.number}
            detail = _("Sent back by the bank, paid again")
            lines.append(_line(name, detail, returned.amount_minor))
        for debt in debts:
            reference = orders[debt.cause_id].reference
            detail = _("Refunded to the buyer after it was paid out")
            lines.append(_line(reference, detail, -debt.amount_minor))
    return tuple(lines)


def _shared(net: Money, commission: Money, withheld: Money, *, language: str) -> str:
    amounts = {
        "gross": money_text(net + commission + withheld, language),
        "kept": money_text(commission, language),
        "withheld": money_text(withheld, language),
    }
    if withheld:
        return _("%(gross)s less commission of %(kept)s and PPh 22 of %(withheld)s") % amounts
    return _("%(gross)s less commission of %(kept)s") % amounts


def prove_withholding(event: RecordedEvent) -> None:
    """Give the seller the proof of the income tax that was withheld at a release."""
    body = cast("EscrowReleased", event.body)
    if body.withheld_minor:
        issue_withholding_proof(
            order_id=body.subject_id,
            about_id=event.id,
            base=Money(body.turnover_minor, body.currency),
            withheld=Money(body.withheld_minor, body.currency),
            tax=WITHHOLDING,
        )


def issue_withholding_proof(
    *, order_id: UUID, about_id: UUID, base: Money, withheld: Money, tax: str
) -> None:
    """Prove to the seller that `tax` (such as `PPh 22 0,5%`) was withheld from `base`, once."""
    order = Order.objects.select_related("seller").get(pk=order_id)
    language = _language(order.seller_id)
    with translation.override(language):
        detail = _("On a gross turnover of %(amount)s") % {"amount": money_text(base, language)}
    line = _line(f"{tax} · {order.reference}", detail, withheld.minor)
    _issue("withholding_proof", order, about_id=about_id, lines=(line,))


def _issue(
    kind: Kind,
    order: Order,
    *,
    about_id: UUID,
    lines: tuple[Line, ...],
    payment: PaymentTerms | None = None,
    less: int = 0,
    tax: Money | None = None,
) -> None:
    """Issue a document of the market to the order's seller.

    `less` is taken from the lines; `tax` is the PPN inside them.
    """
    whole = sum(line.total_minor or 0 for line in lines)
    content = DocumentContent(
        kind=kind,
        number="",
        issued_at=clock.now(),
        language=_language(order.seller_id),
        seller=_market(),
        buyer=party_of(order.seller),
        order_reference="" if kind == "payout_advice" else order.reference,
        references=(),
        lines=lines,
        totals=Totals(
            order.currency,
            whole,
            less,
            0,
            whole - less,
            **(tax_bases(Money(whole - less, order.currency), tax) if tax else {}),
        ),
        payment=payment,
        market_name=settings.MARKET_NAME,
        style=Style(),
    )
    document = UnissuedDocument(
        seller_id=order.seller_id,
        series_name=series_of(order.seller),
        cause_id=order.id,
        about_id=about_id,
        content=content,
    )
    issue_paper(document=document)


def _language(seller_id: UUID) -> str:
    """Return the language of the market's letters to a seller: its choice, else Indonesian."""
    return style_of(seller_id).language or "id"


def _market() -> Party:
    return Party(
        name=settings.MARKET_NAME,
        legal_name=settings.MARKET_LEGAL_NAME,
        address_lines=tuple(settings.MARKET_ADDRESS),
        phone="",
        email=settings.MARKET_EMAIL,
        npwp=settings.MARKET_NPWP,
    )


def _line(description: str, detail: str, minor: int) -> Line:
    return Line(description, detail, "", 1, minor, 0, minor)
