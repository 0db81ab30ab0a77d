"""How often sellers are paid: the operator's word, the sellers' own, and what was run."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from niaga.flows.money.models import PayoutRun, PayoutSchedule
from niaga.flows.money.states import PayoutEvery
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.plumbing.command import command


@command
def set_payout_schedule(*, every: PayoutEvery, least: Money) -> None:
    """Pay sellers who chose nothing that often, and nobody less than `least` by the schedule."""
    _keep(None, every, least)


@command
def choose_payout_schedule(*, seller_id: UUID, every: PayoutEvery, least: Money) -> None:
    """Pay this seller that often, from `least` on."""
    _keep(seller_id, every, least)


@command
def follow_payout_schedule(*, seller_id: UUID) -> None:
    """Pay this seller as the operator pays those who chose nothing."""
    PayoutSchedule.objects.filter(seller_id=seller_id).delete()


@command
def record_payout_runs(*, currency: str, days: Mapping[PayoutEvery, date]) -> None:
    """Remember that these days of the schedule were run."""
    PayoutRun.objects.bulk_create(
        [
            PayoutRun(id=new_id(), every=every, currency=currency, day=day, ran_at=clock.now())
            for every, day in days.items()
        ],
        ignore_conflicts=True,
    )


def _keep(seller_id: UUID | None, every: PayoutEvery, least: Money) -> None:
    assert least.minor >= 0, "a least amount is not negative"
    PayoutSchedule.objects.update_or_create(
        seller_id=seller_id, defaults={"every": every, "least_minor": least.minor}
    )
