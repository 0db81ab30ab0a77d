"""What a payout was made of, on the day it was made."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from niaga.flows.money.models import Escrow, Payout, RefundPart
from niaga.flows.money.refunding import escrow_part
from niaga.kernel.money import Money


def orders_paid(payouts: Iterable[Payout]) -> dict[Payout, tuple[UUID, ...]]:
    """Return the orders that each payout pays, also where it repeats one the bank sent back."""
    found = {payout: set[UUID]() for payout in payouts}
    behind = {payout.id: payout for payout in found}
    while behind:
        rows = Escrow.objects.filter(payout__in=behind).values_list("payout_id", "cause_id")
        for payout_id, cause_id in rows.distinct():
            assert payout_id is not None
            found[behind[payout_id]].add(cause_id)
        repaid = Payout.objects.filter(repaid_by__in=behind).values_list("id", "repaid_by_id")
        behind = {payout_id: behind[by] for payout_id, by in repaid if by}
    return {payout: tuple(sorted(causes)) for payout, causes in found.items()}


@dataclass(frozen=True, slots=True)
class PaidOrders:
    """What a payout pays of each order; `commission` and income tax `withheld` are not in `net`."""

    net: Mapping[UUID, Money]
    commission: Mapping[UUID, Money]
    withheld: Mapping[UUID, Money]


def paid_by(payout: Payout) -> PaidOrders:
    """Return each order's shares in a payout (its batch is loaded); two statements.

    What was refunded since is a debt of a later payout, and part of this one's net.
    """
    zero = Money.zero(payout.currency)
    nets: dict[UUID, Money] = defaultdict(lambda: zero)
    kept: dict[UUID, Money] = defaultdict(lambda: zero)
    withheld: dict[UUID, Money] = defaultdict(lambda: zero)
    for escrow in payout.escrows.order_by("id"):
        part = escrow_part(escrow)
        nets[escrow.cause_id] += part.net
        kept[escrow.cause_id] += part.commission - part.refunded_commission
        withheld[escrow.cause_id] += part.withheld
    since = RefundPart.objects.filter(
        escrow__payout=payout,
        refund__due_at__gte=payout.batch.made_at,
        refund__debts__isnull=False,
    )
    for back in since.select_related("escrow"):
        given = back.commission_minor + back.withheld_minor
        lost = back.paid_minor + back.subsidy_minor - given
        nets[back.escrow.cause_id] += Money(lost, payout.currency)
        kept[back.escrow.cause_id] += Money(back.commission_minor, payout.currency)
        withheld[back.escrow.cause_id] += Money(back.withheld_minor, payout.currency)
    return PaidOrders(nets, kept, withheld)
