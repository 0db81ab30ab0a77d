"""The market's books of a period are compared with the gateway's; what agrees is settled."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, QuerySet
from django.utils.timezone import localdate

from niaga.flows.money.card.bank import BatchComparison, Movement
from niaga.flows.money.models import (
    BankReceipt,
    GatewayFeed,
    GatewayOperation,
    Reconciliation,
    ReconciliationDifference,
)
from niaga.flows.money.states import (
    RECONCILIATION_TRANSITIONS,
    OperationState,
    ReconciliationState,
)
from niaga.flows.money.tasks import DIFFERENCE_TASK, open_money_tasks
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.ledger import posting
from niaga.ledger.posting import AccountKey, Posting, post
from niaga.plumbing.command import command
from niaga.plumbing.states import try_advance

MOST_MOVEMENTS = 2000
SETTLED_AFTER = timedelta(minutes=1)


def next_period(currency: str) -> tuple[datetime, datetime] | None:
    """Return the period to compare next, by the gateway's clock; None where nothing happened.

    It begins where the last one ended, and ends before anything whose answer is not known yet:
    periods are whole, and each movement is in one of them.
    """
    last = Reconciliation.objects.filter(currency=currency).order_by("-until").first()
    done = GatewayOperation.objects.filter(
        currency=currency, state=OperationState.DONE, moved_minor__gt=0
    )
    came = BankReceipt.objects.filter(code__isnull=False, currency=currency)
    if last is not None:
        done = done.filter(performed_at__gte=last.until)
        came = came.filter(received_at__gte=last.until)
    began = (
        done.aggregate(first=Min("performed_at"))["first"],
        came.aggregate(first=Min("received_at"))["first"],
    )
    first = min(filter(None, began), default=None)
    until = _known_until(done, came)
    if first is None or first >= until:
        return None
    return (last.until if last else first), until


def _known_until(done: QuerySet[GatewayOperation], came: QuerySet[BankReceipt]) -> datetime:
    """Return until when everything is known and few enough for one batch."""
    unknown = GatewayOperation.objects.filter(state=OperationState.DUE).exclude(request="")
    doubt = unknown.aggregate(first=Min("made_at"))["first"]
    heard = GatewayFeed.objects.values_list("heard_until", flat=True).first()
    ends: list[datetime] = [at for at in (clock.now() - SETTLED_AFTER, doubt, heard) if at]
    until = min(ends).replace(microsecond=0)
    most = MOST_MOVEMENTS // 2
    beyond_done = done.order_by("performed_at").values_list("performed_at", flat=True)[most:]
    beyond_came = came.order_by("received_at").values_list("received_at", flat=True)[most:]
    beyond: list[datetime] = [at for at in (*beyond_done[:1], *beyond_came[:1]) if at]
    return min(until, *beyond) if beyond else until


def movements(since: datetime, until: datetime, currency: str) -> tuple[Movement, ...]:
    """Return what moved in a period, as the market has it: operations, then receipts."""
    return (
        *(
            Movement(row.kind, row.remote_id, row.moved_minor)
            for row in _moved(since, until, currency).order_by("performed_at", "id")
        ),
        *(
            Movement("receipt", row.remote_id, row.amount_minor)
            for row in _received(since, until, currency).order_by("received_at", "id")
        ),
    )


@command
def open_reconciliation(*, since: datetime, until: datetime, currency: str, request: str) -> UUID:
    """Keep a batch's signed bytes before they are sent."""
    return Reconciliation.objects.create(
        id=new_id(), since=since, until=until, currency=currency, request=request
    ).id


@command
def drop_reconciliation(*, reconciliation_id: UUID) -> None:
    """Forget a batch that the gateway will not admit any more; nothing was compared."""
    Reconciliation.objects.filter(pk=reconciliation_id, state=ReconciliationState.DUE).delete()


@command
def record_reconciliation(*, reconciliation_id: UUID, compared: BatchComparison) -> bool:
    """Settle what agrees to the bank; what differs is shown to the operator.

    Say whether this call wrote it.
    """
    row = Reconciliation.objects.select_for_update().get(pk=reconciliation_id)
    differing = {remote_id for _, _, remote_id, _ in compared.differences}
    moved = _moved(row.since, row.until, row.currency)
    agreed = list(moved.exclude(remote_id__in=differing).order_by("id"))
    came = _received(row.since, row.until, row.currency)
    agreed_receipts = list(came.exclude(remote_id__in=differing).order_by("id"))
    signs = {"capture": 1, "credit": -1}
    net = sum(signs.get(o.kind, 0) * o.moved_minor for o in agreed)
    net += sum(receipt.amount_minor for receipt in agreed_receipts)
    state = ReconciliationState.DIFFERS if differing else ReconciliationState.AGREED
    written = try_advance(
        Reconciliation,
        pk=row.pk,
        to=state,
        transitions=RECONCILIATION_TRANSITIONS,
        answer=compared.text,
        agreed=compared.agreed,
        settled_minor=net,
        compared_at=clock.now(),
    )
    if not written:
        return False
    ours = {
        **dict(moved.values_list("remote_id", "moved_minor")),
        **dict(came.values_list("remote_id", "amount_minor")),
    }
    found = ReconciliationDifference.objects.bulk_create(
        ReconciliationDifference(
            id=new_id(),
            reconciliation=row,
            day=localdate(row.until),
            problem=problem,
            kind=kind,
            reference=remote_id,
            currency=row.currency,
            ledger_minor=ours.get(remote_id),
            gateway_minor=None if problem == "unknown_to_gateway" else minor,
        )
        for problem, kind, remote_id, minor in compared.differences
    )
    open_money_tasks(DIFFERENCE_TASK, *(difference.id for difference in found))
    GatewayOperation.objects.filter(pk__in=[o.pk for o in agreed]).update(reconciliation=row)
    taken_up = [receipt.pk for receipt in agreed_receipts]
    BankReceipt.objects.filter(pk__in=taken_up).update(reconciliation=row)
    _settle(row, Money(net, row.currency))
    return True


def _moved(since: datetime, until: datetime, currency: str) -> QuerySet[GatewayOperation]:
    return GatewayOperation.objects.filter(
        state=OperationState.DONE,
        moved_minor__gt=0,
        currency=currency,
        performed_at__gte=since,
        performed_at__lt=until,
    )


def _received(since: datetime, until: datetime, currency: str) -> QuerySet[BankReceipt]:
    return BankReceipt.objects.filter(
        code__isnull=False, currency=currency, received_at__gte=since, received_at__lt=until
    )


def _settle(row: Reconciliation, net: Money) -> None:
    """Move what the gateway pays to the bank; with more credits than captures, the other way."""
    bank, owed = AccountKey("bank"), AccountKey("gateway_receivable")
    movement = (
        posting.Movement(bank, owed, net) if net.minor >= 0 else posting.Movement(owed, bank, -net)
    )
    post(Posting("card_settlement", row.pk, (movement,)))
