"""A merchant's signed order after the authorization: done or refused once, answered for good."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from niaga.gateway.commands.capture_hold import capture_hold
from niaga.gateway.commands.credit_capture import credit_capture
from niaga.gateway.commands.reverse_capture import reverse_capture
from niaga.gateway.commands.reverse_credit import reverse_credit
from niaga.gateway.commands.reverse_hold import bury_unseen, reverse_hold
from niaga.gateway.models import Authorization, Operation
from niaga.gateway.operations import position_of
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.protocol.errors import OperationError
from niaga.protocol.messages import operations as messages


@dataclass(eq=False)
class RequestReused(Refusal):
    """The request id stands for another order already."""

    code: ClassVar[str] = "jti_conflict"
    request_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an operation.

    Attributes:
        operation_id: the movement's name where it was done.
        refused: the protocol's word for why not; empty where it was done.
        books: where the payment stands now; None where none is known.
    """

    operation_id: UUID
    refused: str
    books: messages.Books | None


type OutcomeSeal = Callable[[Outcome], str]
"""Makes the signed answer to an operation."""

STEPS: Mapping[type[Any], Callable[..., Money]] = {
    messages.Capture: capture_hold,
    messages.CaptureReversal: reverse_capture,
    messages.Reversal: reverse_hold,
    messages.Credit: credit_capture,
    messages.CreditReversal: reverse_credit,
}


@command
def perform_operation(
    *, merchant_id: UUID, order: messages.Operation, request_hash: str, seal: OutcomeSeal
) -> str:
    """Do what a verified merchant orders, and return the answer.

    A repetition returns the same bytes. What was refused moved nothing, and stays refused.

    Raises:
        RequestReused: the request id was used for another order.
        IntegrityError: the same request runs at this moment; ask again.
    """
    row = _locked(merchant_id, order)
    earlier = Operation.objects.filter(merchant_id=merchant_id, request_id=order.jti).first()
    if earlier is not None:
        if earlier.request_hash != request_hash:
            raise RequestReused(order.jti)
        return earlier.answer
    operation_id, refused, moved = new_id(), "", Money.zero()
    try:
        moved = _perform(row, order, operation_id)
    except OperationError as refusal:
        refused = refusal.reason
    if row is not None:
        row.refresh_from_db()
    books = position_of(row).books if row is not None else None
    answer = seal(Outcome(operation_id, refused, books))
    Operation.objects.create(
        id=operation_id,
        merchant_id=merchant_id,
        request_id=order.jti,
        request_hash=request_hash,
        kind=messages.OPERATION_NAMES[type(order)],
        authorization=row,
        seq=order.seq,
        amount_minor=moved.minor,
        currency=row.currency if row is not None else moved.currency,
        refused=refused,
        admitted_at=clock.now(),
        answer=answer,
    )
    return answer


def _locked(merchant_id: UUID, order: messages.Operation) -> Authorization | None:
    if isinstance(order, messages.Reversal) and order.amount is None:
        bury_unseen(merchant_id=merchant_id, xid=order.xid)
    mine = Authorization.objects.filter(merchant_id=merchant_id, xid=order.xid)
    return mine.select_for_update().first()


def _perform(row: Authorization | None, order: messages.Operation, operation_id: UUID) -> Money:
    if row is None:
        raise OperationError("unknown_reference")
    if row.operations.filter(seq=order.seq, refused="").exists():
        raise OperationError("sequence_conflict")
    return STEPS[type(order)](row=row, order=order, operation_id=operation_id)
