"""What an order's page tells at a glance, and what its buyer may do now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niaga.doors.look.timeline import Row
from niaga.flows.information.timeline import TimelineEntry
from niaga.flows.money.methods import METHODS
from niaga.flows.money.states import PaymentState
from niaga.stages.aftersales.queries import ComplaintSummary
from niaga.stages.aftersales.states import ComplaintState
from niaga.stages.ordering.queries import LineView, OrderView
from niaga.stages.ordering.states import OrderState

OVER_OR_UNPAID = {OrderState.PLACED, OrderState.CANCELLED}


@dataclass(frozen=True, slots=True)
class FollowedLine:
    """An order line, the stars its buyer gave (0: none yet), and what may be said about it."""

    line: LineView
    stars: int
    may_review: bool
    may_complain: bool


@dataclass(frozen=True, slots=True)
class Possible:
    """What a buyer may do with an order now; `complain_until` while the money waits for it."""

    cancel: bool
    cancel_purchase: bool
    receive: bool
    complain_until: datetime | None


@dataclass(frozen=True, slots=True)
class Meter:
    """How far each of the four flows is, in a few words."""

    goods: str
    information: str
    money: str
    documents: str


def possible(view: OrderView, complaints: Sequence[ComplaintSummary]) -> Possible:
    """Return what the order's buyer may do now (the commands have the last word)."""
    disputed = any(complaint.state != ComplaintState.RESOLVED for complaint in complaints)
    unpaid = view.state == OrderState.PLACED
    return Possible(
        cancel=view.state == OrderState.CONFIRMED
        and not any(line.shipped_quantity for line in view.lines),
        cancel_purchase=unpaid,
        receive=not disputed and _has_all(view),
        complain_until=release_at(view.timeline) if view.state == OrderState.DELIVERED else None,
    )


def _has_all(view: OrderView) -> bool:
    """Say whether everything was at least sent: goods by parcel, the rest delivered."""
    if view.state == OrderState.DELIVERED:
        return True
    sent = all(
        line.shipped_quantity == line.quantity
        and (line.kind == "goods" or line.delivered_quantity == line.quantity)
        for line in view.lines
    )
    return view.state == OrderState.SHIPPED and sent


def release_at(entries: Sequence[TimelineEntry]) -> datetime | None:
    """Return when a delivered order's money goes to its seller, as its last delivery said."""
    for entry in reversed(entries):
        if entry.kind == "OrderDelivered" and entry.data["release_at"]:
            return datetime.fromisoformat(entry.data["release_at"])
    return None


def followed(
    view: OrderView, stars: Mapping[UUID, int], complaints: Sequence[ComplaintSummary]
) -> tuple[FollowedLine, ...]:
    """Return the order's lines with what their buyer may say about each."""
    disputed = {c.line_id for c in complaints if c.state != ComplaintState.RESOLVED}
    open_for_words = view.state not in OVER_OR_UNPAID
    return tuple(
        FollowedLine(
            line=line,
            stars=stars.get(line.line_id, 0),
            may_review=line.delivered_quantity > 0 and line.line_id not in stars,
            may_complain=open_for_words and line.line_id not in disputed,
        )
        for line in view.lines
    )


def meter(view: OrderView, rows: Sequence[Row]) -> Meter:
    """Return how far the four flows are."""
    papers = len(view.documents)
    return Meter(
        goods=_goods(view),
        information=next((row.text for row in reversed(rows) if row.flow == "information"), ""),
        money=_money(view),
        documents=ngettext("%(n)s document", "%(n)s documents", papers) % {"n": papers},
    )


def _goods(view: OrderView) -> str:
    ordered = sum(line.quantity for line in view.lines)
    sent = sum(line.shipped_quantity for line in view.lines)
    there = sum(line.delivered_quantity for line in view.lines)
    counts = {"ordered": ordered, "sent": sent, "there": there}
    if view.state == OrderState.CANCELLED:
        return _("Not sent")
    if there == ordered:
        return _("All arrived")
    if there:
        return _("%(there)s of %(ordered)s arrived") % counts
    if sent:
        return _("%(sent)s of %(ordered)s on the way") % counts
    return _("Not sent yet")


def _money(view: OrderView) -> str:
    if view.refund_label:
        return _("Refund: %(state)s") % {"state": view.refund_label}
    if view.state == OrderState.COMPLETED:
        return _("Paid to the seller")
    paid = any(entry.kind in {"OrderPaid", "OrderCharged"} for entry in view.timeline)
    if paid:
        return _("Paid, safe in escrow")
    if view.state == OrderState.CANCELLED:
        return _("Nothing charged")
    return _not_paid_yet(view)


def _not_paid_yet(view: OrderView) -> str:
    if view.payment and view.payment.state == PaymentState.AUTHORIZED:
        return _("Approved by the bank, charged when it ships")
    if METHODS[view.method].captured_at == "delivery":
        return _("Cash on delivery")
    return _("Waiting for payment")
