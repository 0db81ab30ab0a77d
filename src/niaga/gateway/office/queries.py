"""What the bank's people see: amounts, states and tokens. There is nothing else to see."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet, Sum

from niaga.gateway.authority.models import CertificateOrder
from niaga.gateway.models import (
    Authorization,
    Batch,
    BatchDifference,
    IssuerLine,
    IssuerMessage,
    Operation,
)
from niaga.gateway.states import AuthorizationState, BatchState, MessageState
from niaga.kernel import clock
from niaga.kernel.money import Money

ROWS = 40


@dataclass(frozen=True, slots=True)
class Page[R]:
    """Rows of one page, its number and how many pages there are."""

    rows: tuple[R, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class IssuerLineRow:
    """Whether the issuer answers, since when, and when it was last asked."""

    is_up: bool
    since: datetime
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """What wants attention, and what is held."""

    held: Money
    holds: int
    taken_today: Money
    messages_due: int
    messages_refused: int
    batches_differ: int
    orders_waiting: int
    line: IssuerLineRow | None


@dataclass(frozen=True, slots=True)
class AuthorizationRow:
    """An authorization in a list."""

    authorization_id: UUID
    xid: str
    merchant: str
    instrument_id: UUID | None
    state: str
    label: str
    reason: str
    amount: Money
    rest: Money
    captured: Money
    credited: Money
    admitted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OperationRow:
    """What a merchant ordered, and whether it was done."""

    kind: str
    amount: Money
    refused: str
    seq: int
    admitted_at: datetime


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message to the issuer."""

    authorization_id: UUID
    kind: str
    amount: Money
    trace_number: str
    retrieval_number: str
    state: str
    label: str
    response_code: str
    tries: int
    transmitted_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class AuthorizationDetail:
    """An authorization with what followed it."""

    row: AuthorizationRow
    approval_code: str
    retrieval_number: str
    ds_hash: str
    operations: tuple[OperationRow, ...]
    messages: tuple[MessageRow, ...]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A movement on which two books differ."""

    kind: str
    operation_id: UUID
    ours: Money | None
    theirs: Money | None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch; its differences only where one batch is asked for."""

    batch_id: UUID
    merchant: str
    since: datetime
    until: datetime
    state: str
    label: str
    agreed: int
    captured: Money
    credited: Money
    compared_at: datetime
    cleared_by: str
    note: str
    differences: tuple[DifferenceRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A certificate somebody wants."""

    order_id: UUID
    role: str
    use: str
    address: str
    name: str
    ordered_at: datetime


def overview() -> Overview:
    """Return the day at a glance, in the house's currency."""
    live = Authorization.objects.filter(state=AuthorizationState.APPROVED, currency="IDR")
    rest = live.aggregate(minor=Sum(F("amount_minor") - F("captured_minor") - F("released_minor")))
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    taken = Operation.objects.filter(kind="capture", currency="IDR", admitted_at__gte=midnight)
    messages = IssuerMessage.objects
    line = IssuerLine.objects.first()
    return Overview(
        held=Money(int(rest["minor"] or 0)),
        holds=live.count(),
        taken_today=Money(int(taken.aggregate(minor=Sum("amount_minor"))["minor"] or 0)),
        messages_due=messages.filter(state=MessageState.DUE, tries__gt=0).count(),
        messages_refused=refused_messages().count(),
        batches_differ=Batch.objects.filter(state=BatchState.DIFFERS).count(),
        orders_waiting=CertificateOrder.objects.filter(state="waiting").count(),
        line=IssuerLineRow(line.is_up, line.since, line.asked_at) if line else None,
    )


def authorizations(*, state: str, search: str, page: int) -> Page[AuthorizationRow]:
    """Return authorizations, newest first; `search` finds transaction, instrument or merchant."""
    rows = Authorization.objects.select_related("merchant").order_by("-admitted_at", "-id")
    if state:
        rows = rows.filter(state=state)
    if search:
        found = Q(xid=search) | Q(merchant__name__icontains=search)
        found |= Q(retrieval_number=search)
        if (token := _uuid(search)) is not None:
            found |= Q(instrument_id=token) | Q(pk=token)
        rows = rows.filter(found)
    return _page(rows, page, _authorization)


def _page[M: Model, R](rows: QuerySet[M], page: int, make: Callable[[M], R]) -> Page[R]:
    pages = max(1, -(-rows.count() // ROWS))
    page = min(max(1, page), pages)
    shown = rows[(page - 1) * ROWS : page * ROWS]
    return Page(tuple(make(row) for row in shown), page, pages)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def authorization(authorization_id: UUID) -> AuthorizationDetail | None:
    """Return one authorization with what followed it; None where there is none."""
    rows = Authorization.objects.select_related("merchant")
    row = rows.filter(pk=authorization_id).first()
    if row is None:
        return None
    messages = row.messages.select_related("authorization").order_by("id")
    return AuthorizationDetail(
        row=_authorization(row),
        approval_code=row.approval_code,
        retrieval_number=row.retrieval_number,
        ds_hash=row.ds_hash,
        operations=tuple(
            OperationRow(o.kind, Money(o.amount_minor, o.currency), o.refused, o.seq, o.admitted_at)
            for o in row.operations.order_by("admitted_at", "id")
        ),
        messages=tuple(map(_message, messages)),
    )


def refused_messages() -> QuerySet[IssuerMessage]:
    """Return what issuers refused though it was not theirs to refuse: advices and reversals."""
    return IssuerMessage.objects.filter(state=MessageState.REFUSED).exclude(kind="0100")


def messages(*, state: str, page: int) -> Page[MessageRow]:
    """Return messages to issuers, newest first."""
    rows = IssuerMessage.objects.all()
    if state == MessageState.REFUSED:
        rows = refused_messages()
    elif state:
        rows = rows.filter(state=state)
    return _page(rows.select_related("authorization").order_by("-id"), page, _message)


def batches(*, state: str, page: int) -> Page[BatchRow]:
    """Return batches, newest first."""
    rows = Batch.objects.select_related("merchant").order_by("-compared_at", "-id")
    return _page(rows.filter(state=state) if state else rows, page, _batch)


def batch(batch_id: UUID) -> BatchRow | None:
    """Return one batch with its differences; None where there is none."""
    row = Batch.objects.select_related("merchant").filter(pk=batch_id).first()
    if row is None:
        return None
    return _batch(row, tuple(row.differences.order_by("kind", "operation_id")))


def waiting_orders() -> tuple[OrderRow, ...]:
    """Return the certificates somebody wants, oldest first."""
    rows = CertificateOrder.objects.filter(state="waiting").order_by("ordered_at")
    return tuple(
        OrderRow(row.id, row.role, row.use, row.address, row.name, row.ordered_at) for row in rows
    )


def _authorization(row: Authorization) -> AuthorizationRow:
    live = row.state == AuthorizationState.APPROVED
    rest = row.amount_minor - row.captured_minor - row.released_minor if live else 0
    return AuthorizationRow(
        authorization_id=row.id,
        xid=row.xid,
        merchant=row.merchant.name,
        instrument_id=row.instrument_id,
        state=row.state,
        label=str(AuthorizationState(row.state).label),
        reason=row.reason,
        amount=Money(row.amount_minor, row.currency),
        rest=Money(rest, row.currency),
        captured=Money(row.captured_minor, row.currency),
        credited=Money(row.credited_minor, row.currency),
        admitted_at=row.admitted_at,
        expires_at=row.expires_at,
    )


def _message(row: IssuerMessage) -> MessageRow:
    return MessageRow(
        authorization_id=row.authorization_id,
        kind=row.kind,
        amount=Money(row.amount_minor, row.currency),
        trace_number=row.trace_number,
        retrieval_number=row.authorization.retrieval_number,
        state=row.state,
        label=str(MessageState(row.state).label),
        response_code=row.response_code,
        tries=row.tries,
        transmitted_at=row.transmitted_at,
        due_at=row.due_at,
    )


def _batch(row: Batch, differences: tuple[BatchDifference, ...] = ()) -> BatchRow:
    def amount(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, row.currency)

    return BatchRow(
        batch_id=row.id,
        merchant=row.merchant.name,
        since=row.since,
        until=row.until,
        state=row.state,
        label=str(BatchState(row.state).label),
        agreed=row.agreed,
        captured=Money(row.captured_minor, row.currency),
        credited=Money(row.credited_minor, row.currency),
        compared_at=row.compared_at,
        cleared_by=row.cleared_by,
        note=row.note,
        differences=tuple(
            DifferenceRow(d.kind, d.operation_id, amount(d.ours_minor), amount(d.theirs_minor))
            for d in differences
        ),
    )
