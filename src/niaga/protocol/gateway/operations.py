"""The gateway's signed answers to operations, inquiries and batches."""

from datetime import datetime

from niaga.protocol.envelope import Opened, Signer, require, sign
from niaga.protocol.errors import SchemaError
from niaga.protocol.messages.operations import (
    OPERATION_NAMES,
    Batch,
    BatchResponse,
    Books,
    Capture,
    CaptureReversal,
    Credit,
    CreditReversal,
    Difference,
    Inquiry,
    InquiryResponse,
    OperationResponse,
    Reversal,
)

type OpenedOperation = (
    Opened[Capture]
    | Opened[CaptureReversal]
    | Opened[Reversal]
    | Opened[Credit]
    | Opened[CreditReversal]
)


def answer_operation(
    opened: OpenedOperation,
    *,
    result: str,
    made: str | None = None,
    reason: str | None = None,
    books: Books | None = None,
    signer: Signer,
    now: datetime,
) -> str:
    """Return the answer to an operation: done (with what it `made`), refused (with why) or pending.

    Raises:
        SchemaError: one of these without its own, or with what is not its own.
    """
    if (made is not None, reason is not None) != (result == "done", result == "refused"):
        raise SchemaError("an id is a done operation's, a reason a refused one's")
    asked = opened.message
    response = OperationResponse(
        iss=asked.aud,
        aud=asked.iss,
        in_reply_to=opened.digest,
        xid=asked.xid,
        op=OPERATION_NAMES[type(asked)],
        result=result,
        id=made,
        reason=reason,
        books=books,
        iat=int(now.timestamp()),
    )
    return sign(response, signer)


def answer_inquiry(
    opened: Opened[Inquiry],
    *,
    state: str,
    answer: str | None,
    books: Books | None,
    signer: Signer,
    now: datetime,
) -> str:
    """Return where a purchase stands, with the AuthRes once given (`answer`) if there was one."""
    asked = opened.message
    response = InquiryResponse(
        iss=asked.aud,
        aud=asked.iss,
        in_reply_to=opened.digest,
        xid=asked.xid,
        state=state,
        answer=answer,
        books=books,
        iat=int(now.timestamp()),
    )
    return sign(response, signer)


def answer_batch(
    opened: Opened[Batch],
    agreed: int,
    differences: tuple[Difference, ...],
    *,
    signer: Signer,
    now: datetime,
) -> str:
    """Return the comparison of two books that `books.compare` made."""
    asked = opened.message
    require(agree=asked.since <= asked.until, what="period")
    response = BatchResponse(
        iss=asked.aud,
        aud=asked.iss,
        in_reply_to=opened.digest,
        agreed=agreed,
        differences=differences,
        iat=int(now.timestamp()),
    )
    return sign(response, signer)
