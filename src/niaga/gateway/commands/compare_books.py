"""A merchant's books beside ours: what agrees moves on to settlement, what differs is a task."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import QuerySet

from niaga.gateway.commands.perform_operation import RequestReused
from niaga.gateway.models import Batch, BatchDifference, CodeReceipt, Merchant, Operation
from niaga.gateway.references import identifier, reference
from niaga.gateway.states import BatchState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command
from niaga.protocol.gateway import books
from niaga.protocol.messages import operations as messages

# By how much a movement raises what the merchant is owed.
_SIGNS = {
    "capture": 1,
    "receipt": 1,
    "capture_reversal": -1,
    "credit": -1,
    "credit_reversal": 1,
    "reversal": 0,
}
_TAKEN = ("capture", "receipt")


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many movements of a period agree in both books, and which do not."""

    agreed: int
    differences: tuple[messages.Difference, ...]


type ComparisonSeal = Callable[[Comparison], str]
"""Makes the signed answer to a batch."""


@command
def compare_books(
    *, merchant_id: UUID, order: messages.Batch, request_hash: str, seal: ComparisonSeal
) -> str:
    """Compare, settle what agrees, and return the answer; a repetition returns the same bytes.

    A period includes its first second and excludes its last; a movement belongs to the second in
    which the gateway admitted it (or a receipt came in), as its answer said.

    Raises:
        RequestReused: the request id was used for other books.
        OperationError: the merchant's books name a movement twice.
    """
    merchant = Merchant.objects.select_for_update().get(pk=merchant_id)
    earlier = Batch.objects.filter(merchant=merchant, request_id=order.jti).first()
    if earlier is not None:
        if earlier.request_hash != request_hash:
            raise RequestReused(order.jti)
        return earlier.answer
    period = (_operations(merchant_id, order), _receipts(merchant_id, order))
    ours = {
        reference(row.id): row
        for rows in period
        for row in rows.order_by("pk").select_for_update(of=("self",))
    }
    own = [messages.Entry(kind=o.kind, id=pk, minor=o.amount_minor) for pk, o in ours.items()]
    comparison = Comparison(*books.compare(order, own))
    differing = {difference.id for difference in comparison.differences}
    fresh = [row for pk, row in ours.items() if pk not in differing and row.batch_id is None]
    answer = seal(comparison)
    batch = _write(merchant, order, request_hash, comparison, fresh, answer)
    _settle(batch, fresh)
    return answer


def _operations(merchant_id: UUID, order: messages.Batch) -> QuerySet[Operation]:
    done = Operation.objects.filter(
        merchant_id=merchant_id, currency=order.currency, refused="", amount_minor__gt=0
    )
    since, until = _period(order)
    return done.filter(admitted_at__gte=since, admitted_at__lt=until)


def _receipts(merchant_id: UUID, order: messages.Batch) -> QuerySet[CodeReceipt]:
    since, until = _period(order)
    return CodeReceipt.objects.filter(
        merchant_id=merchant_id, currency=order.currency, paid_at__gte=since, paid_at__lt=until
    )


def _period(order: messages.Batch) -> tuple[datetime, datetime]:
    return datetime.fromtimestamp(order.since, UTC), datetime.fromtimestamp(order.until, UTC)


def _write(
    merchant: Merchant,
    order: messages.Batch,
    request_hash: str,
    comparison: Comparison,
    fresh: list[Operation | CodeReceipt],
    answer: str,
) -> Batch:
    batch = Batch.objects.create(
        id=new_id(),
        merchant=merchant,
        request_id=order.jti,
        request_hash=request_hash,
        state=BatchState.DIFFERS if comparison.differences else BatchState.AGREED,
        since=datetime.fromtimestamp(order.since, UTC),
        until=datetime.fromtimestamp(order.until, UTC),
        agreed=comparison.agreed,
        captured_minor=_sum(fresh, *_TAKEN),
        credited_minor=-_sum(fresh, "credit"),
        currency=order.currency,
        compared_at=clock.now(),
        answer=answer,
    )
    stated = {(entry.kind, entry.id): entry.minor for entry in order.entries}
    BatchDifference.objects.bulk_create(
        BatchDifference(
            batch=batch,
            kind=difference.kind,
            operation_id=identifier(difference.id),
            ours_minor=None if difference.problem == "unknown_to_gateway" else difference.minor,
            theirs_minor=stated.get((difference.kind, difference.id)),
        )
        for difference in comparison.differences
    )
    return batch


def _sum(rows: list[Operation | CodeReceipt], *kinds: str) -> int:
    return sum(_SIGNS[row.kind] * row.amount_minor for row in rows if row.kind.startswith(kinds))


def _settle(batch: Batch, fresh: list[Operation | CodeReceipt]) -> None:
    taken_up = [row.pk for row in fresh]
    Operation.objects.filter(pk__in=taken_up).update(batch=batch)
    CodeReceipt.objects.filter(pk__in=taken_up).update(batch=batch)
    clearing = AccountKey("merchant_clearing", batch.merchant_id)
    settlement = AccountKey("merchant_settlement", batch.merchant_id)
    net = Money(batch.captured_minor - batch.credited_minor, batch.currency)
    # With more credits than captures the merchant owes us.
    movement = (
        Movement(clearing, settlement, net)
        if net.minor >= 0
        else Movement(settlement, clearing, -net)
    )
    post(Posting("settle", batch.id, (movement,)))
