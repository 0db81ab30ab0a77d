"""A refund before it is made: what a wish comes to, part by part; a page can show it first.

What can be given back is what was captured and has not gone back yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal
from uuid import UUID

from niaga.flows.money.commands.give_back import RefundOrder, RefundTooLarge
from niaga.flows.money.models import Escrow
from niaga.flows.money.refunding import (
    EscrowPart,
    RefundEffect,
    escrow_part,
    refund_effect,
    spread_refund,
)
from niaga.kernel.money import Money, share_down
from niaga.kernel.refusal import Refusal
from niaga.stages.ordering.models import Order, OrderLine

type RefundKind = Literal["all", "lines", "delivery", "amount"]


@dataclass(eq=False)
class NothingToRefund(Refusal):
    """Nothing of what was chosen was paid, or all of it went back already."""

    code: ClassVar[str] = "nothing_to_refund"


@dataclass(frozen=True, slots=True)
class RefundWish:
    """What to give back: all that is left, units of lines, the delivery, or an amount.

    An amount is of the whole order, or of the line `line_id`.
    """

    kind: RefundKind
    quantities: Mapping[UUID, int] = field(default_factory=dict)
    amount: Money | None = None
    line_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """A refund as it would be: the effect, the units it names, and how to make it."""

    effect: RefundEffect
    quantities: Mapping[UUID, int]
    order: RefundOrder


def draft_refund(order: Order, wish: RefundWish, *, reason: str) -> RefundDraft:
    """Return what the wish comes to; two statements.

    Raises:
        NothingToRefund, RefundTooLarge.
    """
    parts = escrow_parts(order.id)
    lines = {line.id: line for line in order.lines.all()}
    wanted = _quantities(wish, lines)
    amounts = _amounts(order, wish, parts, lines, wanted)
    effect = refund_effect(parts, amounts, order.currency)
    if not effect.paid and not effect.subsidy:
        raise NothingToRefund
    return RefundDraft(
        effect,
        wanted,
        RefundOrder(
            cause_id=order.id,
            payment_id=order.purchase.payment_id,
            currency=order.currency,
            amounts=amounts,
            quantities=wanted,
            ending=frozenset(part.about_id for part in parts if _is_paid_up(part, order, lines)),
            reason=reason,
        ),
    )


def refund_of_all(order: Order, *, reason: str) -> RefundOrder:
    """Return the refund of a cancelled order: all parts, and nothing more will be paid."""
    parts = escrow_parts(order.id)
    return RefundOrder(
        cause_id=order.id,
        payment_id=order.purchase.payment_id,
        currency=order.currency,
        amounts={part.about_id: part.refundable for part in parts},
        quantities=_quantities(RefundWish("all"), {line.id: line for line in order.lines.all()}),
        ending=frozenset(part.about_id for part in parts),
        reason=reason,
    )


def escrow_parts(order_id: UUID) -> list[EscrowPart]:
    """Return the parts of an order's money; one statement."""
    return [escrow_part(row) for row in Escrow.objects.filter(cause_id=order_id).order_by("id")]


def _quantities(wish: RefundWish, lines: Mapping[UUID, OrderLine]) -> dict[UUID, int]:
    if wish.kind == "all":
        return {
            line.id: line.quantity - line.refunded_quantity
            for line in lines.values()
            if line.quantity > line.refunded_quantity
        }
    if wish.kind != "lines":
        return {}
    return {
        line_id: units for line_id, units in wish.quantities.items() if units and line_id in lines
    }


def _amounts(
    order: Order,
    wish: RefundWish,
    parts: list[EscrowPart],
    lines: Mapping[UUID, OrderLine],
    wanted: Mapping[UUID, int],
) -> dict[UUID, Money]:
    if wish.kind == "all":
        return {part.about_id: part.refundable for part in parts}
    if wish.kind == "delivery":
        return {part.about_id: part.refundable for part in parts if part.about_id == order.id}
    if wish.kind == "amount":
        assert wish.amount is not None
        parts = [part for part in parts if wish.line_id in (None, part.about_id)]
        most = Money.total((part.refundable for part in parts), order.currency)
        if wish.amount > most:
            raise RefundTooLarge(wish.amount.minor, most.minor, order.currency)
        return spread_refund(parts, wish.amount) if wish.amount.minor > 0 else {}
    by_id = {part.about_id: part for part in parts}
    return {
        line_id: min(_price_of(lines[line_id], units, order.currency), by_id[line_id].refundable)
        for line_id, units in wanted.items()
        if line_id in by_id
    }


def _price_of(line: OrderLine, units: int, currency: str) -> Money:
    """Return what the next units of a line cost; the last one takes what rounding left.

    Raises:
        RefundTooLarge: fewer units are left.
    """
    left = line.quantity - line.refunded_quantity
    if units > left:
        raise RefundTooLarge(units * line.unit_price_minor, left * line.unit_price_minor, currency)
    whole = Money(line.total_minor, currency)

    def so_far(done: int) -> Money:
        return whole if done == line.quantity else share_down(whole, done, line.quantity)

    return so_far(line.refunded_quantity + units) - so_far(line.refunded_quantity)


def _is_paid_up(part: EscrowPart, order: Order, lines: Mapping[UUID, OrderLine]) -> bool:
    """Say whether nothing more of the part will be captured."""
    line = lines.get(part.about_id)
    agreed = line.total_minor if line else order.delivery_minor
    return part.paid.minor >= agreed
