"""Escrow ends well: each part of an order is released to its seller."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from niaga.flows.money.models import Capture, Escrow, GatewayOperation
from niaga.flows.money.refunding import EscrowPart, escrow_part
from niaga.flows.money.states import EscrowState, OperationState
from niaga.flows.money.withholding import income_tax, is_withheld, tax_inside, turnover
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command


@dataclass(eq=False)
class EscrowFrozen(Refusal):
    """A part of the order's money is held back: it waits for the hold's end."""

    code: ClassVar[str] = "escrow_frozen"


@dataclass(eq=False)
class CaptureUnderWay(Refusal):
    """The bank has not answered a capture of this order yet; it will in a moment."""

    code: ClassVar[str] = "capture_under_way"


@dataclass(frozen=True, slots=True)
class Released:
    """What a release came to: how many parts, the seller's money and the commission.

    `tax` is the PPN inside the commission; `withheld` the seller's income tax on its `turnover`,
    which is not in `net`. Without withholding both are nothing.
    """

    parts: int
    net: Money
    commission: Money
    tax: Money
    turnover: Money
    withheld: Money


@command
def schedule_release(*, cause_id: UUID, about_ids: tuple[UUID, ...], release_at: datetime) -> None:
    """Let held parts be released at that instant, unless they are frozen then.

    A part that has its instant keeps it.
    """
    Escrow.objects.filter(
        cause_id=cause_id, about_id__in=about_ids, state=EscrowState.HELD, release_at=None
    ).update(release_at=release_at)


@command
def release_escrow(*, cause_id: UUID, currency: str) -> Released:
    """Owe the seller the net of all that is held for the order, and earn the commission.

    The seller's income tax is kept for the state where the market withholds it.

    Raises:
        EscrowFrozen: a part is held back; nothing is released.
    """
    held = list(_held(cause_id))
    if any(escrow.frozen_at for escrow in held):
        raise EscrowFrozen
    return _release(held, currency)


@command
def release_due(*, cause_id: UUID, currency: str) -> Released:
    """Release the order's parts whose time has come; those held back stay."""
    return _release(list(_held(cause_id).filter(_due())), currency)


def orders_with_due_escrow(at_most: int = 500) -> tuple[UUID, ...]:
    """Return the orders with parts whose time has come and that nobody holds back."""
    due = Escrow.objects.filter(_due(), state=EscrowState.HELD).order_by("release_at")
    found = due.values_list("cause_id", flat=True)[: at_most * 4]
    return tuple(dict.fromkeys(found))[:at_most]


def check_captured(cause_id: UUID) -> None:
    """Refuse while the bank was told to capture something of the order and has not done it.

    Raises:
        CaptureUnderWay: so it is.
    """
    told = GatewayOperation.objects.filter(
        cause_id=cause_id, kind=GatewayOperation.Kind.CAPTURE
    ).exclude(state=OperationState.DONE)
    if told.exists():
        raise CaptureUnderWay


def check_answered(cause_id: UUID) -> None:
    """Refuse while the bank has not answered a capture of the order, with a yes or a no.

    Raises:
        CaptureUnderWay: so it is.
    """
    asked = GatewayOperation.objects.filter(
        cause_id=cause_id, kind=GatewayOperation.Kind.CAPTURE, state=OperationState.DUE
    )
    if asked.exists():
        raise CaptureUnderWay


def captured(cause_id: UUID, currency: str) -> Money:
    """Return how much of an order's money was captured so far."""
    amounts = Capture.objects.filter(cause_id=cause_id).values_list("amount_minor", flat=True)
    return Money(sum(amounts), currency)


def is_held(cause_id: UUID) -> bool:
    """Say whether any part of the order is still held."""
    return Escrow.objects.filter(cause_id=cause_id, state=EscrowState.HELD).exists()


def _due() -> Q:
    return Q(frozen_at__isnull=True, release_at__lte=clock.now())


def _held(cause_id: UUID) -> QuerySet[Escrow]:
    held = Escrow.objects.filter(cause_id=cause_id, state=EscrowState.HELD)
    return held.select_for_update().order_by("id")


def _release(held: list[Escrow], currency: str) -> Released:
    Escrow.objects.filter(pk__in=[escrow.pk for escrow in held]).update(
        state=EscrowState.RELEASABLE, released_at=clock.now()
    )
    parts = [(escrow, escrow_part(escrow)) for escrow in held]
    taxes = {escrow.pk: _tax(earned(part)) for escrow, part in parts}
    withheld = {escrow.pk: _withheld(part) for escrow, part in parts}
    for pk, tax in taxes.items():
        if tax or withheld[pk]:
            Escrow.objects.filter(pk=pk).update(
                commission_tax_minor=tax.minor, withheld_minor=withheld[pk].minor
            )
    post(
        *(_released(escrow, part, taxes[escrow.pk]) for escrow, part in parts),
        *(_kept_for_the_state(escrow, withheld[escrow.pk]) for escrow, _ in parts),
    )
    kept = Money.total(withheld.values(), currency)
    taxed = (
        turnover(part.paid - part.refunded_paid, taxed=part.taxed)
        for escrow, part in parts
        if withheld[escrow.pk]
    )
    return Released(
        len(parts),
        Money.total((part.net for _, part in parts), currency) - kept,
        Money.total((earned(part) for _, part in parts), currency),
        Money.total(taxes.values(), currency),
        Money.total(taxed, currency),
        kept,
    )


def _withheld(part: EscrowPart) -> Money:
    """Return the income tax on what the buyer paid and has not got back; at most what is left."""
    if not is_withheld(part.gross.currency):
        return Money.zero(part.gross.currency)
    return min(income_tax(part.paid - part.refunded_paid, taxed=part.taxed), part.before_tax)


def _tax(commission: Money) -> Money:
    """Return the PPN that the market owes of a commission."""
    if settings.MARKET_CHARGES_PPN:
        return tax_inside(commission)
    return Money.zero(commission.currency)


def earned(part: EscrowPart) -> Money:
    """Return the commission that is left after refunds."""
    return part.commission - part.refunded_commission


def _released(escrow: Escrow, part: EscrowPart, tax: Money) -> Posting:
    held = AccountKey("escrow", escrow.seller_id)
    return Posting(
        "release",
        escrow.pk,
        (
            Movement(held, AccountKey("seller_payable", escrow.seller_id), part.net),
            Movement(held, AccountKey("commission"), earned(part) - tax),
            Movement(held, AccountKey("commission_tax"), tax),
        ),
    )


def _kept_for_the_state(escrow: Escrow, withheld: Money) -> Posting:
    return Posting(
        "tax_withheld",
        escrow.pk,
        (
            Movement(
                AccountKey("seller_payable", escrow.seller_id),
                AccountKey("income_tax_withheld", escrow.seller_id),
                withheld,
            ),
        ),
    )
