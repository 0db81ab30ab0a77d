"""Messages to the issuer as rows: numbered, kept until answered, written with what they tell."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from niaga.gateway.issuer import iso8583
from niaga.gateway.models import Authorization, IssuerMessage
from niaga.kernel import clock
from niaga.kernel.money import Money

INSUFFICIENT_FUNDS = "insufficient_funds"
REASONS = {
    "14": "instrument_blocked",
    "36": "instrument_blocked",
    "51": INSUFFICIENT_FUNDS,
    "54": "instrument_expired",
    "61": "limit_exceeded",
    "62": "instrument_blocked",
    "65": "limit_exceeded",
    "91": "issuer_unavailable",
}
OTHER_REASON = "refused_by_issuer"


def reason_of(response_code: str) -> str:
    """Return why the issuer declined, in the protocol's words."""
    return REASONS.get(response_code, OTHER_REASON)


def _next_trace_number() -> str:
    """Return the next of a million trace numbers; they begin again when all were used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('gateway_trace_number')")
        return f"{cursor.fetchone()[0]:06}"


def write_message(
    authorization: Authorization,
    *,
    kind: str,
    amount_minor: int,
    processing: str = iso8583.PURCHASE,
    original: IssuerMessage | None = None,
    operation_id: UUID | None = None,
) -> IssuerMessage:
    """Write a message about `authorization`; it is sent once the transaction has committed."""
    return IssuerMessage.objects.create(
        authorization=authorization,
        kind=kind,
        processing_code=processing,
        amount_minor=amount_minor,
        currency=authorization.currency,
        trace_number=_next_trace_number(),
        original=original,
        operation_id=operation_id,
        transmitted_at=clock.now(),
        due_at=clock.now(),
    )


def reverse_message(
    authorization: Authorization,
    original: IssuerMessage,
    *,
    amount_minor: int,
    operation_id: UUID | None = None,
) -> None:
    """Write the reversal of `amount_minor` of an earlier message."""
    write_message(
        authorization,
        kind=iso8583.REVERSAL,
        amount_minor=amount_minor,
        processing=original.processing_code,
        original=original,
        operation_id=operation_id,
    )


def request_of(authorization: Authorization) -> IssuerMessage:
    """Return the request (0100) that asked for the authorization."""
    return authorization.messages.get(kind=iso8583.AUTHORIZATION)


def request_message(
    *,
    account: str,
    amount: Money,
    transmitted_at: datetime,
    trace: str,
    retrieval: str,
    merchant_id: UUID,
) -> iso8583.Message:
    """Return the request (0100) of a new authorization as it is transmitted."""
    return iso8583.Message(
        kind=iso8583.AUTHORIZATION,
        processing=iso8583.PURCHASE,
        account=account,
        amount_minor=amount.minor,
        currency=amount.currency,
        transmitted=_transmission(transmitted_at),
        trace=trace,
        retrieval=retrieval,
        merchant=_merchant(merchant_id),
    )


def _transmission(at: datetime) -> str:
    return f"{at:%m%d%H%M%S}"


def _merchant(merchant_id: UUID) -> str:
    return merchant_id.hex[:15]


def on_the_line(row: IssuerMessage) -> iso8583.Message:
    """Return the row as it is transmitted now: from its second time on marked as a repetition."""
    original = row.original
    return iso8583.Message(
        kind=row.kind if row.tries <= 1 else f"{row.kind[:3]}1",
        processing=row.processing_code,
        account=row.authorization.instrument.account if row.authorization.instrument else "",
        amount_minor=row.amount_minor,
        currency=row.currency,
        transmitted=_transmission(row.transmitted_at),
        trace=row.trace_number,
        retrieval=row.authorization.retrieval_number,
        merchant=_merchant(row.authorization.merchant_id),
        original=iso8583.original_elements(
            kind=original.kind,
            trace=original.trace_number,
            transmitted=_transmission(original.transmitted_at),
        )
        if original
        else "",
    )
