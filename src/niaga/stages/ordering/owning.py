"""A seller acts on its own orders alone: every command that a seller may send asks this."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.stages.ordering.models import Order


@dataclass(eq=False)
class OrderUnknown(Refusal):
    """The seller has no such order."""

    code: ClassVar[str] = "order_unknown"
    order_id: UUID


def check_own(actor: Actor, order: Order) -> None:
    """Let a seller pass to its own orders; buyers, operators and the market itself pass.

    Raises:
        OrderUnknown: the order is another seller's.
    """
    if actor.role == "seller" and actor.seller_id != order.seller_id:
        raise OrderUnknown(order.id)
