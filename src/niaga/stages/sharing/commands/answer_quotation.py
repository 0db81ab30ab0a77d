"""A quotation is answered: the seller offers prices, or either side declines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar
from uuid import UUID

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import CURRENCIES
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.days import midnight, today
from niaga.plumbing.outbox import record
from niaga.plumbing.states import advance
from niaga.stages.sharing.events import QuotationDeclined, QuotationOffered
from niaga.stages.sharing.models import Quotation, QuotationLine
from niaga.stages.sharing.states import QUOTATION_TRANSITIONS, QuotationState

LONGEST = timedelta(days=180)
DEAREST = 10**13


@dataclass(eq=False)
class QuotationUnknown(Refusal):
    """The quotation is another's."""

    code: ClassVar[str] = "quotation_unknown"
    quotation_id: UUID


@dataclass(eq=False)
class QuotedPriceInvalid(Refusal):
    """A line has no price, or none in whole settlement steps above zero."""

    code: ClassVar[str] = "quoted_price_invalid"
    line_id: UUID


@dataclass(eq=False)
class QuotationDayInvalid(Refusal):
    """The last day is over, or more than `most_days` away."""

    code: ClassVar[str] = "quotation_day_invalid"
    most_days: int = LONGEST.days


@command
def offer_quotation(
    *, actor: Actor, quotation_id: UUID, prices: Mapping[UUID, int], until: date, words: str
) -> None:
    """Offer each line at its price in minor units, PPN included, to the end of the day `until`.

    Raises:
        QuotationUnknown: it is another seller's.
        QuotedPriceInvalid: a line has no good price.
        QuotationDayInvalid: the day is over, or too far away.
        TransitionRefused: it was answered before.
    """
    quotation = _own(actor, quotation_id)
    if not today() <= until <= today() + LONGEST:
        raise QuotationDayInvalid
    lines = list(quotation.lines.all())
    for line in lines:
        line.price_minor = prices.get(line.id)
        step = CURRENCIES[quotation.currency].step_minor
        if not line.price_minor or not 0 < line.price_minor <= DEAREST or line.price_minor % step:
            raise QuotedPriceInvalid(line.id)
    advance(
        Quotation,
        pk=quotation_id,
        to=QuotationState.OFFERED,
        transitions=QUOTATION_TRANSITIONS,
        answer=words.strip()[:500],
        answered_at=clock.now(),
        valid_until=midnight(until + timedelta(days=1)),
    )
    QuotationLine.objects.bulk_update(lines, ["price_minor"])
    record(QuotationOffered(subject_id=quotation_id, seller_id=quotation.seller_id), actor=actor)


@command
def decline_quotation(*, actor: Actor, quotation_id: UUID, words: str) -> None:
    """Say no: the seller will not quote, or the buyer will not have it. Its prices end.

    Raises:
        QuotationUnknown: it is another's.
        TransitionRefused: it was declined before.
    """
    quotation = _own(actor, quotation_id)
    advance(
        Quotation,
        pk=quotation_id,
        to=QuotationState.DECLINED,
        transitions=QUOTATION_TRANSITIONS,
        answer=words.strip()[:500],
        answered_at=clock.now(),
    )
    record(
        QuotationDeclined(subject_id=quotation_id, seller_id=quotation.seller_id, role=actor.role),
        actor=actor,
    )


def _own(actor: Actor, quotation_id: UUID) -> Quotation:
    """Return the quotation of the actor, who is its buyer or its seller."""
    quotation = Quotation.objects.filter(pk=quotation_id).first()
    if quotation is None or not _is_own(actor, quotation):
        raise QuotationUnknown(quotation_id)
    return quotation


def _is_own(actor: Actor, quotation: Quotation) -> bool:
    if actor.role == "seller":
        return actor.seller_id == quotation.seller_id
    return actor.person_id == quotation.person_id
