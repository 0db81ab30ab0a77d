"""When sellers are paid: the days of a schedule, and whose money goes out on them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Max
from django.utils.timezone import localtime

from niaga.flows.money.commands.keep_payout_schedule import record_payout_runs
from niaga.flows.money.models import PayoutRun, PayoutSchedule
from niaga.flows.money.owed import OwedNow, sellers_owed
from niaga.flows.money.paying_out import MadeBatch, NothingToPayOut, fill_batch
from niaga.flows.money.states import PayoutEvery
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money

# Until the operator says otherwise: every Monday, and from Rp10.000 on.
DEFAULT_EVERY = PayoutEvery.WEEKLY
DEFAULT_LEAST = Money.of(10_000)
FROM_HOUR = 6  # of the day, so that what completed at night goes along


@dataclass(frozen=True, slots=True)
class Terms:
    """How often a seller is paid, and from which amount of rupiah on."""

    every: PayoutEvery
    least: Money


@dataclass(frozen=True, slots=True)
class Schedule:
    """The operator's terms and those that sellers chose."""

    default: Terms
    chosen: Mapping[UUID, Terms]

    def of(self, seller_id: UUID) -> Terms:
        """Return a seller's terms; the operator's least amount holds for everyone."""
        own = self.chosen.get(seller_id, self.default)
        return Terms(own.every, max(own.least, self.default.least))


def latest_day(every: PayoutEvery, today: date) -> date:
    """Return the last day up to today on which this schedule pays."""
    if every == PayoutEvery.WEEKLY:
        return today - timedelta(days=today.weekday())
    return today.replace(day=1) if every == PayoutEvery.MONTHLY else today


def payout_schedule(sellers: Iterable[UUID] | None = None) -> Schedule:
    """Return the schedule (of all sellers, or of these); one statement."""
    rows = PayoutSchedule.objects.all()
    if sellers is not None:
        rows = rows.filter(seller_id__in=list(sellers)) | rows.filter(seller_id=None)
    terms = {row.seller_id: Terms(PayoutEvery(row.every), Money(row.least_minor)) for row in rows}
    default = terms.get(None, Terms(DEFAULT_EVERY, DEFAULT_LEAST))
    return Schedule(default, {seller: own for seller, own in terms.items() if seller})


def run_scheduled_payouts(actor: Actor) -> tuple[MadeBatch, ...]:
    """Pay the sellers whose day has come and was not run yet, a bank file a currency.

    A day that was slept through is made up for. Nothing is done before six in the morning, nor
    for sellers whose account is still the one from which the bank sent their money back.
    """
    today = localtime(clock.now())
    if today.hour < FROM_HOUR:
        return ()
    made = []
    owed = sellers_owed()
    for currency in sorted({"IDR", *(one.amount.currency for one in owed)}):
        due = _due(currency, today.date())
        if not due:
            continue
        paying = {every for every, is_first in due.items() if not is_first}
        mine = (one for one in owed if one.amount.currency == currency)
        with suppress(NothingToPayOut):
            made.append(
                fill_batch(_whose_day_has_come(mine, paying), actor=actor, currency=currency)
            )
        days = {every: latest_day(every, today.date()) for every in due}
        record_payout_runs(currency=currency, days=days)
    return tuple(made)


def _due(currency: str, today: date) -> dict[PayoutEvery, bool]:
    """Return the schedules whose latest day was not run.

    True: it has never run and its day has passed already; its first run is the next one.
    """
    rows = PayoutRun.objects.filter(currency=currency).values_list("every")
    ran = dict(rows.annotate(Max("day")))
    return {
        every: every.value not in ran and latest_day(every, today) != today
        for every in PayoutEvery
        if ran.get(every.value) is None or ran[every.value] < latest_day(every, today)
    }


def _whose_day_has_come(owed: Iterable[OwedNow], paying: set[PayoutEvery]) -> tuple[OwedNow, ...]:
    schedule = payout_schedule()

    def is_paid(one: OwedNow) -> bool:
        terms = schedule.of(one.seller_id)
        small = one.amount.currency == terms.least.currency and one.amount < terms.least
        return terms.every in paying and not small and not one.account_refused

    return tuple(one for one in owed if is_paid(one))
