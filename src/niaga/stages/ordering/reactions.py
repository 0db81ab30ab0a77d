"""What follows by itself when something happened to a purchase or an order."""

from typing import cast
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niaga.flows.goods.queries import count_given_keys, shipments_of
from niaga.flows.information.mailing import Letter
from niaga.flows.money.events import PayoutReturned
from niaga.flows.money.methods import METHODS
from niaga.flows.money.models import Payout
from niaga.kernel.money import Money
from niaga.plumbing.outbox import RecordedEvent
from niaga.stages.ordering import events, jobs, letters
from niaga.stages.ordering.commands.give_up_booking import give_rest_back, given_up_lines
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.sharing.indexing import add_sold, index_stock


def _purchase(purchase_id: UUID) -> Purchase:
    return Purchase.objects.select_related("payment").get(pk=purchase_id)


def mail_placed(event: RecordedEvent) -> None:
    """Thank the buyer, and say how to pay."""
    purchase = _purchase(event.body.subject_id)
    letters.to_buyer(purchase, letters.placed, template="placed", cause_id=purchase.id)


def mail_paid(event: RecordedEvent) -> None:
    """Tell the buyer that a payment that was waited for arrived."""
    purchase = _purchase(event.body.subject_id)
    letters.to_buyer(purchase, letters.paid, template="paid", cause_id=purchase.id)


def mail_expired(event: RecordedEvent) -> None:
    """Tell the buyer that the payment did not come in time."""
    purchase = _purchase(event.body.subject_id)
    letters.to_buyer(purchase, letters.expired, template="expired", cause_id=purchase.id)


def mail_to_ship(event: RecordedEvent) -> None:
    """Tell the seller of a new order."""
    letters.to_seller(
        letters.load_order(event.body.subject_id), letters.to_ship, template="to_ship"
    )


def mail_dispatched(event: RecordedEvent) -> None:
    """Tell the buyer that a parcel is on its way."""
    body = cast("events.ShipmentDispatched", event.body)
    order = letters.load_order(body.subject_id).order
    if body.pickup:
        _mail_ready(order, body.shipment_id)
        return

    def compose(_purchase: Purchase, _language: str) -> Letter:
        facts = [(_("Carrier"), body.carrier)]
        if body.tracking_number:
            facts.append((_("Tracking number"), body.tracking_number))
        return letters.about_order(
            order,
            _("On its way: %(reference)s") % {"reference": order.reference},
            (_("%(seller)s handed your parcel to the carrier.") % {"seller": order.seller.name},),
            tuple(facts),
        )

    letters.to_buyer(order.purchase, compose, template="dispatched", cause_id=body.shipment_id)


def _mail_ready(order: Order, shipment_id: UUID) -> None:
    """Tell the buyer where the parcel waits, and the code to show."""
    parcels = {p.shipment_id: p for p in shipments_of(order.id, with_code=True)}
    parcel = parcels[shipment_id]

    def compose(_purchase: Purchase, _language: str) -> Letter:
        return letters.about_order(
            order,
            _("Ready to be fetched: %(reference)s") % {"reference": order.reference},
            (
                _("Your parcel is ready. Show this code when you fetch it."),
                _("Give the code to nobody before you hold your parcel."),
            ),
            ((_("Code"), parcel.pickup_code), (_("Where"), parcel.place)),
        )

    letters.to_buyer(order.purchase, compose, template="ready", cause_id=shipment_id)


def mail_moved(event: RecordedEvent) -> None:
    """Tell the buyer of a new time, where it was the seller who chose it."""
    if event.actor.role == "buyer":
        return
    body = cast("events.BookingMoved", event.body)
    order = letters.load_order(body.subject_id).order

    def compose(_purchase: Purchase, language: str) -> Letter:
        times = (
            (_("Before"), letters.moment_text(body.before, language)),
            (_("Now"), letters.moment_text(body.after, language)),
        )
        return letters.about_order(
            order,
            _("Another time: %(reference)s") % {"reference": order.reference},
            (_("%(seller)s moved your booking.") % {"seller": order.seller.name},),
            times,
        )

    letters.to_buyer(
        order.purchase, compose, template="moved", cause_id=body.line_id, again=str(body.after)
    )


def mail_given_up(event: RecordedEvent) -> None:
    """Tell buyer and seller that a booking was cancelled, and what the seller keeps."""
    body = cast("events.BookingGivenUp", event.body)
    facts = letters.load_order(body.subject_id)
    kept = Money(body.kept_minor, body.currency)

    def told(language: str) -> tuple[tuple[str, str], ...]:
        return (
            (_("Time"), letters.moment_text(body.starts_at, language)),
            (_("Kept by the seller"), letters.money_text(kept, language)),
        )

    def to_buyer(_purchase: Purchase, language: str) -> Letter:
        words = [_("You cancelled your booking.")]
        if kept.minor < sum(line.total_minor for line in facts.lines if line.id == body.line_id):
            words.append(_("What the seller does not keep goes back to you."))
        return letters.about_order(
            facts.order,
            _("Booking cancelled: %(reference)s") % {"reference": facts.order.reference},
            tuple(words),
            told(language),
        )

    def to_seller(found: letters.OrderFacts, language: str) -> Letter:
        return letters.booking_given_up(found, told(language))

    letters.to_buyer(facts.purchase, to_buyer, template="given_up", cause_id=body.line_id)
    letters.to_seller(facts, to_seller, template="given_up_seller", about_id=body.line_id)


def settle_given_up(event: RecordedEvent) -> None:
    """Give back what a card was charged for a cancelled booking beyond what the seller keeps."""
    body = cast("events.OrderCharged", event.body)
    for line_id in given_up_lines(body.charge_id):
        give_rest_back(line_id=line_id)


def mail_keys(event: RecordedEvent) -> None:
    """Tell the buyer where an order's licence keys stand, where it has any; a mail holds none."""
    facts = letters.load_order(event.body.subject_id)
    keys = count_given_keys([line.id for line in facts.lines])
    if not keys:
        return

    def compose(_purchase: Purchase, language: str) -> Letter:
        return letters.about_order(
            facts.order,
            _("Your licence keys: %(reference)s") % {"reference": facts.order.reference},
            (_("They wait on your order's page. Keep them safe: whoever has a key can use it."),),
            tuple(
                (
                    line.title_en if language == "en" else line.title_id,
                    ngettext("%(num)s key", "%(num)s keys", keys[line.id]) % {"num": keys[line.id]},
                )
                for line in facts.lines
                if line.id in keys
            ),
            button=(_("See your keys"), letters.order_path(facts.order)),
        )

    letters.to_buyer(facts.purchase, compose, template="keys", cause_id=facts.order.id)


def mail_delivered(event: RecordedEvent) -> None:
    """Ask the buyer to confirm, review, or complain."""
    order = letters.load_order(event.body.subject_id).order

    def compose(_purchase: Purchase, _language: str) -> Letter:
        return letters.about_order(
            order,
            _("Delivered: %(reference)s") % {"reference": order.reference},
            (
                _("Your order has arrived. Is everything as you expected?"),
                _("Confirm it, write a review, or tell us what is wrong within 7 days."),
            ),
        )

    letters.to_buyer(order.purchase, compose, template="delivered", cause_id=order.id)


def mail_cancelled(event: RecordedEvent) -> None:
    """Tell the buyer, and a seller who had begun, that an order ended."""
    body = cast("events.OrderCancelled", event.body)
    facts = letters.load_order(body.subject_id)
    order = facts.order
    if body.reason == "payment_expired":
        return  # the buyer gets one mail about the whole purchase, the seller had not begun

    def compose(_purchase: Purchase, _language: str) -> Letter:
        words = [_("Your order was cancelled.")]
        method = METHODS[order.purchase.payment.method]
        if order.confirmed_at and method.captured_at == "dispatch":
            words.append(_("Your bank lets go of the amount, or gives it back to your card."))
        elif order.confirmed_at and method.captured_at != "delivery":
            words.append(_("What you paid for it will be transferred back to you."))
        return letters.about_order(
            order, _("Cancelled: %(reference)s") % {"reference": order.reference}, tuple(words)
        )

    letters.to_buyer(order.purchase, compose, template="cancelled", cause_id=order.id)
    if order.confirmed_at:
        letters.to_seller(facts, letters.cancelled_to_seller, template="seller_cancelled")


def mail_refund_sent(event: RecordedEvent) -> None:
    """Tell the buyer that the money is on its way back."""
    order = letters.load_order(event.body.subject_id).order

    by_card = METHODS[order.purchase.payment.method].captured_at == "dispatch"

    def compose(_purchase: Purchase, language: str) -> Letter:
        words = (
            _("Your bank gives the money back to your card.")
            if by_card
            else _("We transferred the money back to you.")
        )
        amount = letters.money_text(Money(order.total_minor, order.currency), language)
        return letters.about_order(
            order,
            _("Your refund is on its way: %(reference)s") % {"reference": order.reference},
            (words,),
            ((_("Amount"), amount),),
        )

    letters.to_buyer(order.purchase, compose, template="refund_sent", cause_id=order.id)


def mail_payout_returned(event: RecordedEvent) -> None:
    """Tell the seller that the bank sent its payout back, once for all of the payout's orders."""
    body = cast("PayoutReturned", event.body)
    payout = Payout.objects.get(pk=body.payout_id)

    def compose(facts: letters.OrderFacts, language: str) -> Letter:
        amount = letters.money_text(Money(payout.amount_minor, payout.currency), language)
        return Letter(
            subject=_("Your payout came back: %(amount)s") % {"amount": amount},
            paragraphs=(
                _("Hello %(name)s,") % {"name": facts.order.seller.name},
                _("The bank sent your payout back, so the money is still yours and waits here."),
                _("Please check your bank account; the next payout goes to what stands there."),
            ),
            facts=(
                (_("Amount"), amount),
                (_("Sent to"), f"{payout.bank_name} {payout.bank_account}"),
                (_("The bank's word"), body.reason),
            ),
            button=(_("See your payouts"), reverse("seller:payouts")),
        )

    facts = letters.load_order(body.subject_id)
    letters.to_seller(facts, compose, template="payout_returned", about_id=body.payout_id)


def tell_bank(event: RecordedEvent) -> None:
    """Let the worker tell the bank."""
    body = cast("events.BankInstructed", event.body)
    jobs.tell_bank.defer(authorization_id=str(body.authorization_id))


def mail_authorized(event: RecordedEvent) -> None:
    """Tell the buyer that the bank approved the payment."""
    purchase = _purchase(event.body.subject_id)
    letters.to_buyer(purchase, letters.authorized, template="authorized", cause_id=purchase.id)


def index_placed(event: RecordedEvent) -> None:
    """Let the cards know that stock was promised."""
    index_stock(cast("events.PurchasePlaced", event.body).sku_ids)


def index_released(event: RecordedEvent) -> None:
    """Let the cards know that stock is free again."""
    index_stock(cast("events.StockReleased", event.body).sku_ids)


def count_sold(event: RecordedEvent) -> None:
    """Add a confirmed order to the products' sold counts."""
    lines = OrderLine.objects.filter(order_id=event.body.subject_id)
    add_sold(list(lines.values_list("variant_id", "quantity")))
