"""Give money of a capture back, to the instrument it came from."""

from uuid import UUID

from django.db.models import F

from niaga.gateway.issuer import iso8583
from niaga.gateway.issuer.messages import write_message
from niaga.gateway.models import Authorization, Capture, Credit
from niaga.gateway.operations import accounts_of, capture_of, movement_of, position_of
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.posting import Movement, Posting, post
from niaga.plumbing.command import command
from niaga.protocol.gateway import books
from niaga.protocol.messages import operations as messages


@command
def credit_capture(*, row: Authorization, order: messages.Credit, operation_id: UUID) -> Money:
    """Give a part of a capture of `row` (locked) back; several credits may follow each other.

    Raises:
        OperationError: unknown_reference, already_reversed, refund_period_over, amount_differs
            (currency), amount_exceeds_captured.
    """
    capture = capture_of(row, order.capture_id)
    books.credit(position_of(row), order, movement_of(capture), now=clock.now())
    amount = Money(order.amount.minor, row.currency)
    more = {"credited_minor": F("credited_minor") + amount.minor}
    Authorization.objects.filter(pk=row.pk).update(**more)
    Capture.objects.filter(pk=capture.pk).update(**more)
    Credit.objects.create(
        id=operation_id,
        capture=capture,
        amount_minor=amount.minor,
        currency=amount.currency,
        credited_at=clock.now(),
    )
    cardholder, merchant = accounts_of(row)
    post(Posting("credit", operation_id, (Movement(merchant, cardholder, amount),)))
    write_message(
        row,
        kind=iso8583.ADVICE,
        amount_minor=amount.minor,
        processing=iso8583.REFUND,
        operation_id=operation_id,
    )
    return amount
