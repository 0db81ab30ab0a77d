"""The words of the mails that an order sends to its buyer and to its seller."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babel.dates import format_date, format_time
from babel.numbers import format_currency
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from niaga.flows.information.mailing import Letter, LetterLine, write_mail
from niaga.flows.money.methods import METHODS
from niaga.kernel.money import Money
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.ordering.queries import options_text

type Compose[T] = Callable[[T, str], Letter]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order with what its letters speak of."""

    order: Order
    purchase: Purchase
    lines: tuple[OrderLine, ...]


def money_text(amount: Money, language: str) -> str:
    """Return the amount as the shop writes it: `Rp1.500.000` in any language."""
    if amount.currency == "IDR":
        return format_currency(amount.major, "IDR", "¤#,##0", locale="id", currency_digits=False)
    return format_currency(amount.major, amount.currency, locale=language)


def moment_text(moment: datetime, language: str) -> str:
    """Return an instant in the market's time zone as the shop writes it: `24 Nov 2026, 14.05`."""
    at = localtime(moment)
    day = format_date(at, "d MMM y", locale=language)
    return f"{day}, {format_time(at, 'short', locale=language)}"


def to_buyer(
    purchase: Purchase,
    compose: Compose[Purchase],
    *,
    template: str,
    cause_id: UUID,
    again: str = "",
) -> None:
    """Mail the buyer of a purchase, once about `cause_id` (and each other `again`)."""
    with translation.override(purchase.language):
        letter = compose(purchase, purchase.language)
    write_mail(
        to=purchase.email,
        language=purchase.language,
        letter=letter,
        template=template,
        cause_id=cause_id,
        dedupe_key=f"{template}:{cause_id}{again and f':{again}'}",
    )


def to_seller(
    facts: OrderFacts,
    compose: Compose[OrderFacts],
    *,
    template: str,
    about_id: UUID | str | None = None,
) -> None:
    """Mail the seller of an order, in Indonesian, once about `about_id` (default: the order)."""
    with translation.override("id"):
        letter = compose(facts, "id")
    write_mail(
        to=facts.order.seller.email,
        language="id",
        letter=letter,
        template=template,
        cause_id=facts.order.id,
        dedupe_key=f"{template}:{about_id or facts.order.id}",
    )


def load_order(order_id: UUID) -> OrderFacts:
    """Return the order with its purchase and lines; two statements."""
    order = Order.objects.select_related("purchase__payment", "purchase__person", "seller").get(
        pk=order_id
    )
    return OrderFacts(order, order.purchase, tuple(order.lines.order_by("position")))


def purchase_path(purchase: Purchase) -> str:
    """Return the path of the purchase's page; the token lets a guest in."""
    return reverse("purchase", args=[purchase.reference]) + f"?t={purchase.token}"


def _line(line: OrderLine, currency: str, language: str) -> LetterLine:
    title = line.title_en if language == "en" else line.title_id
    detail = options_text(line.options)
    amount = money_text(Money(line.total_minor, currency), language)
    return LetterLine(f"{line.quantity} × {title}", detail, amount)


def placed(purchase: Purchase, language: str) -> Letter:
    """Thank the buyer, and say how to pay."""
    total = money_text(Money(purchase.total_minor, purchase.currency), language)
    payment = purchase.payment
    facts = [(_("Purchase"), purchase.reference), (_("To pay"), total)]
    if payment.token:
        words = _("Thank you. Please pay from your wallet; we keep everything for you meanwhile.")
    elif METHODS[payment.method].by_code:
        words = _("Thank you. Your code to pay waits at the link; we keep everything for you.")
    elif payment.account_number:
        words = _(
            "Thank you. Please transfer the amount below; we keep everything for you meanwhile."
        )
        facts.append((_("Virtual account number"), payment.account_number))
    else:
        words = _("Thank you. Please have the amount ready when the courier comes.")
    if payment.expires_at:
        facts.append((_("Pay before"), moment_text(payment.expires_at, language)))
    rows = OrderLine.objects.filter(order__purchase=purchase).order_by("order_id", "position")
    return Letter(
        subject=_("We have your order %(reference)s") % {"reference": purchase.reference},
        paragraphs=(_("Hello %(name)s,") % {"name": purchase.name}, words),
        facts=tuple(facts),
        lines=tuple(_line(row, purchase.currency, language) for row in rows),
        total=total,
        button=(_("See your purchase"), purchase_path(purchase)),
    )


def paid(purchase: Purchase, language: str) -> Letter:
    """Say that the money is there."""
    total = money_text(Money(purchase.total_minor, purchase.currency), language)
    return Letter(
        subject=_("Your payment arrived: %(reference)s") % {"reference": purchase.reference},
        paragraphs=(
            _("Hello %(name)s,") % {"name": purchase.name},
            _("Your payment arrived. The sellers are getting your order ready."),
            _("Your money stays with us until you have everything."),
        ),
        facts=((_("Purchase"), purchase.reference), (_("Paid"), total)),
        button=(_("See your purchase"), purchase_path(purchase)),
    )


def authorized(purchase: Purchase, language: str) -> Letter:
    """Say that the bank approved the payment, and when it is charged."""
    total = money_text(Money(purchase.total_minor, purchase.currency), language)
    return Letter(
        subject=_("Your bank approved the payment: %(reference)s")
        % {"reference": purchase.reference},
        paragraphs=(
            _("Hello %(name)s,") % {"name": purchase.name},
            _("Your bank set the amount aside. The sellers are getting your order ready."),
            _("Each seller's part is charged when it ships, and is safe in escrow on its way."),
        ),
        facts=((_("Purchase"), purchase.reference), (_("Approved"), total)),
        button=(_("See your purchase"), purchase_path(purchase)),
    )


def expired(purchase: Purchase, language: str) -> Letter:  # noqa: ARG001 - a Compose
    """Say that the payment did not come in time."""
    return Letter(
        subject=_("Not paid in time: %(reference)s") % {"reference": purchase.reference},
        paragraphs=(
            _("Hello %(name)s,") % {"name": purchase.name},
            _("Your payment did not arrive in time, so we put everything back on sale."),
            _("You have not been charged. You are welcome to order again."),
        ),
        button=(_("Go to the market"), "/"),
    )


def order_path(order: Order) -> str:
    """Return the path of one order's page; a guest comes in by the purchase's."""
    if order.purchase.person_id is None:
        return purchase_path(order.purchase)
    return reverse("order", args=[order.id])


def about_order(
    order: Order,
    subject: str,
    words: tuple[str, ...],
    facts: tuple[tuple[str, str], ...] = (),
    *,
    button: tuple[str, str] | None = None,
) -> Letter:
    """Return a letter to the buyer about one order; without a `button`, to see the purchase."""
    return Letter(
        subject=subject,
        paragraphs=(_("Hello %(name)s,") % {"name": order.purchase.name}, *words),
        facts=((_("Order"), order.reference), (_("Seller"), order.seller.name), *facts),
        button=button or (_("See your purchase"), purchase_path(order.purchase)),
    )


def to_ship(facts: OrderFacts, language: str) -> Letter:
    """Tell the seller of a new order."""
    order = facts.order
    return Letter(
        subject=_("New order %(reference)s") % {"reference": order.reference},
        paragraphs=(
            _("Hello %(name)s,") % {"name": order.seller.name},
            _("You have a new order. All you need to get it ready is on its page."),
        ),
        facts=((_("Order"), order.reference), (_("Buyer"), facts.purchase.name)),
        lines=tuple(_line(line, order.currency, language) for line in facts.lines),
        total=money_text(Money(order.total_minor, order.currency), language),
        button=(_("Open the order"), reverse("seller:order", args=[order.id])),
    )


def booking_given_up(facts: OrderFacts, told: tuple[tuple[str, str], ...]) -> Letter:
    """Tell the seller that a buyer cancelled a booking."""
    order = facts.order
    return Letter(
        subject=_("Booking cancelled: %(reference)s") % {"reference": order.reference},
        paragraphs=(
            _("Hello %(name)s,") % {"name": order.seller.name},
            _("The buyer cancelled this booking. Its time is open again."),
        ),
        facts=((_("Order"), order.reference), *told),
        button=(_("Open the order"), reverse("seller:order", args=[order.id])),
    )


def cancelled_to_seller(facts: OrderFacts, language: str) -> Letter:  # noqa: ARG001 - a Compose
    """Tell the seller that an order ended."""
    order = facts.order
    return Letter(
        subject=_("Order %(reference)s was cancelled") % {"reference": order.reference},
        paragraphs=(
            _("Hello %(name)s,") % {"name": order.seller.name},
            _("This order was cancelled. Please do not ship it; its stock is yours again."),
        ),
        facts=((_("Order"), order.reference),),
        button=(_("Open the order"), reverse("seller:order", args=[order.id])),
    )
