"""What a payout was made of, on the day it was made."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from niaga.flows.money.models import Payout, RefundPart
from niaga.flows.money.refunding import escrow_part
from niaga.kernel.money import Money


def paid_by(payout: Payout) -> tuple[Mapping[UUID, Money], Mapping[UUID, Money]]:
    """Return each order's net and commission in a payout (its batch is loaded); two statements.

    What was refunded since is a debt of a later payout, and part of this one's net.
    """
    zero = Money.zero(payout.currency)
    nets: dict[UUID, Money] = defaultdict(lambda: zero)
    kept: dict[UUID, Money] = defaultdict(lambda: zero)
    for escrow in payout.escrows.order_by("id"):
        part = escrow_part(escrow)
        nets[escrow.cause_id] += part.net
        kept[escrow.cause_id] += part.commission - part.refunded_commission
    since = RefundPart.objects.filter(
        escrow__payout=payout,
        refund__due_at__gte=payout.batch.made_at,
        refund__debts__isnull=False,
    )
    for back in since.select_related("escrow"):
        lost = back.paid_minor + back.subsidy_minor - back.commission_minor
        nets[back.escrow.cause_id] += Money(lost, payout.currency)
        kept[back.escrow.cause_id] += Money(back.commission_minor, payout.currency)
    return nets, kept
