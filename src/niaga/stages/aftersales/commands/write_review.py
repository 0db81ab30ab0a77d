"""The buyer of a delivered line reviews it: verified because it hangs on the order line."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.aftersales.events import ReviewWritten
from niaga.stages.aftersales.models import Review
from niaga.stages.ordering.models import OrderLine


@dataclass(eq=False)
class NotDeliveredYet(Refusal):
    """Only what arrived can be reviewed."""

    code: ClassVar[str] = "not_delivered_yet"


@dataclass(eq=False)
class ReviewedBefore(Refusal):
    """The line has its review."""

    code: ClassVar[str] = "reviewed_before"


@dataclass(eq=False)
class StarsOutOfRange(Refusal):
    """A review gives one to five stars."""

    code: ClassVar[str] = "stars_out_of_range"
    stars: int


@command
def write_review(
    *, actor: Actor, line_id: UUID, stars: int, title: str, body: str, language: str
) -> UUID:
    """Review an order line. The door has checked that `actor` is its buyer.

    Raises:
        StarsOutOfRange, NotDeliveredYet, ReviewedBefore.
    """
    if not 1 <= stars <= 5:
        raise StarsOutOfRange(stars)
    line = (
        OrderLine.objects.select_for_update(of=("self",))
        .select_related("order__purchase")
        .get(pk=line_id)
    )
    if line.delivered_quantity == 0:
        raise NotDeliveredYet
    if Review.objects.filter(line_id=line_id).exists():
        raise ReviewedBefore
    review = Review.objects.create(
        id=new_id(),
        line=line,
        product_id=line.product_id,
        seller_id=line.order.seller_id,
        person_id=line.order.purchase.person_id,
        author=_shown_name(line.order.purchase.name),
        stars=stars,
        title=title.strip()[:120],
        body=body.strip(),
        language=language,
        written_at=clock.now(),
    )
    record(
        ReviewWritten(
            subject_id=line.order_id, line_id=line_id, product_id=line.product_id, stars=stars
        ),
        actor=actor,
    )
    return review.id


def _shown_name(name: str) -> str:
    """Return the first name and the initial of the last, such as `Dewi L.`."""
    first, *others = name.split() or ["?"]
    return f"{first} {others[-1][0]}." if others else first
