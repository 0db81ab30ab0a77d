"""Money goes back to the buyer: out of escrow, or off what the seller is owed or was paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal
from uuid import UUID

from django.db.models import F, Sum

from niaga.flows.money.commands.order_operation import order_operation
from niaga.flows.money.models import (
    Escrow,
    GatewayOperation,
    Refund,
    RefundPart,
    SellerDebt,
)
from niaga.flows.money.refunding import (
    PartBack,
    RefundEffect,
    escrow_part,
    refund_effect,
)
from niaga.flows.money.states import (
    REFUND_TRANSITIONS,
    EscrowState,
    OperationState,
    RefundState,
)
from niaga.flows.money.withholding import tax_inside
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command
from niaga.plumbing.states import advance


@dataclass(eq=False)
class RefundTooLarge(Refusal):
    """More was to be given back than the buyer paid and still has not got back."""

    code: ClassVar[str] = "refund_too_large"
    wanted_minor: int
    most_minor: int
    currency: str


@dataclass(eq=False)
class RefundGoesByCard(Refusal):
    """The bank gives this refund back to the card by itself: there is nothing to transfer."""

    code: ClassVar[str] = "refund_goes_by_card"


@dataclass(frozen=True, slots=True)
class MadeRefund:
    """A refund that was made; without an id when the buyer had paid nothing of it.

    `unearned` is what the market had earned of its commission and gave up, `untaxed` the PPN
    inside that.
    """

    refund_id: UUID | None
    effect: RefundEffect
    unearned: Money
    untaxed: Money


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What to give back: part -> amount for the buyer, and the units where units are meant.

    Parts named in `ending` are over: nothing more will be paid for them.
    """

    cause_id: UUID
    payment_id: UUID
    currency: str
    amounts: Mapping[UUID, Money]
    quantities: Mapping[UUID, int]
    ending: frozenset[UUID]
    reason: str


@command
def give_back(*, order: RefundOrder) -> MadeRefund:
    """Owe the buyer the amounts; seller, commission and voucher's share are lowered with them.

    What a card paid goes back to that card. What the seller was paid already becomes its debt.

    Raises:
        RefundTooLarge: more than is left of what was captured for a part.
    """
    rows = {
        row.about_id: row
        for row in Escrow.objects.select_for_update()
        .filter(cause_id=order.cause_id, about_id__in=order.amounts)
        .order_by("id")
    }
    parts = [escrow_part(row) for row in rows.values()]
    _check(order, {part.about_id: part.refundable for part in parts})
    effect = refund_effect(parts, order.amounts, order.currency)
    refund = _write(order, effect, rows)
    cause = refund.id if refund else new_id()
    post(
        Posting("refund", cause, _movements(effect, rows)),
        Posting("tax_given_back", cause, _tax_returned(effect, rows)),
    )
    _lower(order, effect, rows)
    _owe(order, effect, rows, refund)
    if refund:
        _credit(refund)
    earned = [
        (part, rows[part.about_id]) for part in effect.parts if rows[part.about_id].released_at
    ]
    return MadeRefund(
        refund.id if refund else None,
        effect,
        unearned=Money.total((part.commission for part, _ in earned), order.currency),
        untaxed=Money.total((_tax_back(part, row) for part, row in earned), order.currency),
    )


@command
def confirm_refund_sent(*, refund_id: UUID) -> UUID:
    """The operator transferred a refund to the buyer; return its order's id.

    Raises:
        TransitionRefused: it was transferred before.
        RefundGoesByCard: the bank gives it back.
    """
    refund = Refund.objects.get(pk=refund_id)
    if goes_by_card(refund_id):
        raise RefundGoesByCard
    _send(refund, AccountKey("bank"))
    return refund.cause_id


@command
def settle_refund(*, refund_id: UUID, paid_from: Literal["gateway_receivable"]) -> None:
    """The bank gave a whole refund back to the card."""
    _send(Refund.objects.get(pk=refund_id), AccountKey(paid_from))


def goes_by_card(refund_id: UUID) -> bool:
    """Say whether a refund is given back by the bank itself."""
    told = GatewayOperation.objects.filter(about_id=refund_id, kind=GatewayOperation.Kind.CREDIT)
    return told.exists()


def _check(order: RefundOrder, most: Mapping[UUID, Money]) -> None:
    nothing = Money.zero(order.currency)
    for about_id, wanted in order.amounts.items():
        limit = most.get(about_id, nothing)
        if wanted < nothing or wanted > limit:
            raise RefundTooLarge(wanted.minor, limit.minor, order.currency)


def _write(order: RefundOrder, effect: RefundEffect, rows: Mapping[UUID, Escrow]) -> Refund | None:
    if not effect.paid:
        return None
    refund = Refund.objects.create(
        id=new_id(),
        payment_id=order.payment_id,
        cause_id=order.cause_id,
        amount_minor=effect.paid.minor,
        currency=order.currency,
        reason=order.reason[:200],
        due_at=clock.now(),
    )
    RefundPart.objects.bulk_create(
        RefundPart(
            id=new_id(),
            refund=refund,
            escrow=rows[part.about_id],
            quantity=order.quantities.get(part.about_id, 0),
            paid_minor=part.paid.minor,
            subsidy_minor=part.subsidy.minor,
            commission_minor=part.commission.minor,
            withheld_minor=part.withheld.minor,
        )
        for part in effect.parts
        if part.paid or part.subsidy
    )
    return refund


def _movements(effect: RefundEffect, rows: Mapping[UUID, Escrow]) -> tuple[Movement, ...]:
    return tuple(
        movement for part in effect.parts for movement in _moved(part, rows[part.about_id])
    )


def _tax_returned(effect: RefundEffect, rows: Mapping[UUID, Escrow]) -> tuple[Movement, ...]:
    """Return what of the income tax withheld is the seller's again, for it turned over less."""
    return tuple(
        Movement(
            AccountKey("income_tax_withheld", rows[part.about_id].seller_id),
            AccountKey("seller_payable", rows[part.about_id].seller_id),
            part.withheld,
        )
        for part in effect.parts
    )


def _moved(part: PartBack, row: Escrow) -> tuple[Movement, ...]:
    """Return who gives what back: escrow all of it, else the commission first, then the seller."""
    buyer, market = AccountKey("refund_payable"), AccountKey("voucher_expense")
    if row.state == EscrowState.HELD:
        held = AccountKey("escrow", row.seller_id)
        return (Movement(held, buyer, part.paid), Movement(held, market, part.subsidy))
    seller, commission = AccountKey("seller_payable", row.seller_id), AccountKey("commission")
    given_up = min(part.commission, part.paid)
    rest = part.commission - given_up
    tax = _tax_back(part, row)
    tax_of_rest = min(tax, rest)
    untaxed = AccountKey("commission_tax")
    return (
        Movement(untaxed, buyer, tax - tax_of_rest),
        Movement(commission, buyer, given_up - (tax - tax_of_rest)),
        Movement(seller, buyer, part.paid - given_up),
        Movement(untaxed, market, tax_of_rest),
        Movement(commission, market, rest - tax_of_rest),
        Movement(seller, market, part.subsidy - rest),
    )


def _tax_back(part: PartBack, row: Escrow) -> Money:
    """Return the PPN inside the commission that is given up: what is left keeps its own."""
    had = Money(row.commission_tax_minor, row.currency)
    kept = Money(row.commission_minor - row.refunded_commission_minor, row.currency)
    return had - min(had, tax_inside(kept - part.commission))


def _lower(order: RefundOrder, effect: RefundEffect, rows: Mapping[UUID, Escrow]) -> None:
    for part in effect.parts:
        row = rows[part.about_id]
        Escrow.objects.filter(pk=row.pk).update(
            refunded_minor=F("refunded_minor") + (part.paid + part.subsidy).minor,
            refunded_subsidy_minor=F("refunded_subsidy_minor") + part.subsidy.minor,
            refunded_commission_minor=F("refunded_commission_minor") + part.commission.minor,
            commission_tax_minor=F("commission_tax_minor") - _tax_back(part, row).minor,
            withheld_minor=F("withheld_minor") - part.withheld.minor,
        )
        open_still = row.state in (EscrowState.HELD, EscrowState.RELEASABLE)
        if open_still and part.about_id in order.ending:
            Escrow.objects.filter(pk=row.pk, gross_minor=F("refunded_minor")).update(
                state=EscrowState.REFUNDED
            )


def _owe(
    order: RefundOrder,
    effect: RefundEffect,
    rows: Mapping[UUID, Escrow],
    refund: Refund | None,
) -> None:
    if not effect.debt:
        return
    SellerDebt.objects.create(
        id=new_id(),
        seller_id=next(iter(rows.values())).seller_id,
        cause_id=order.cause_id,
        refund=refund,
        amount_minor=effect.debt.minor,
        currency=order.currency,
        made_at=clock.now(),
    )


def _credit(refund: Refund) -> None:
    """Have the bank credit what a card paid, capture by capture, the oldest first."""
    told = GatewayOperation.objects.filter(cause_id=refund.cause_id)
    credited = dict(
        told.filter(kind=GatewayOperation.Kind.CREDIT)
        .values("reference")
        .annotate(total=Sum("amount_minor"))
        .values_list("reference", "total")
    )
    rest = refund.amount_minor
    captures = told.filter(kind=GatewayOperation.Kind.CAPTURE, state=OperationState.DONE)
    for capture in captures.order_by("seq"):
        assert capture.amount_minor is not None
        part = min(rest, capture.amount_minor - credited.get(capture.remote_id, 0))
        if part <= 0:
            continue
        rest -= part
        order_operation(
            authorization_id=capture.authorization_id,
            kind=GatewayOperation.Kind.CREDIT,
            cause_id=refund.cause_id,
            about_id=refund.id,
            amount=Money(part, refund.currency),
            reference=capture.remote_id,
        )


def _send(refund: Refund, paid_from: AccountKey) -> None:
    advance(
        Refund,
        pk=refund.pk,
        to=RefundState.SENT,
        transitions=REFUND_TRANSITIONS,
        sent_at=clock.now(),
    )
    amount = Money(refund.amount_minor, refund.currency)
    post(
        Posting(
            "refund_sent",
            refund.pk,
            (Movement(AccountKey("refund_payable"), paid_from, amount),),
        )
    )
