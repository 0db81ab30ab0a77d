"""Undo a credit: the money is the merchant's again."""

from uuid import UUID

from django.db.models import F

from niaga.gateway.issuer.messages import reverse_message
from niaga.gateway.models import Authorization, Capture, Credit
from niaga.gateway.operations import accounts_of, message_about, position_of, require_unbatched
from niaga.gateway.references import identifier, reference
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.posting import Movement, Posting, post
from niaga.plumbing.command import command
from niaga.protocol.errors import OperationError
from niaga.protocol.gateway import books
from niaga.protocol.messages import operations as messages


@command
def reverse_credit(
    *, row: Authorization, order: messages.CreditReversal, operation_id: UUID
) -> Money:
    """Undo a credit of `row` (locked) whole, before a batch has taken it up.

    Raises:
        OperationError: unknown_reference, already_reversed, amount_differs, not_in_this_state.
    """
    mine = Credit.objects.select_for_update().filter(capture__authorization=row)
    credit = mine.filter(pk=identifier(order.credit_id)).first()
    if credit is None:
        raise OperationError("unknown_reference")
    made = books.Movement(
        id=reference(credit.id),
        minor=credit.amount_minor,
        is_reversed=credit.reversed_at is not None,
    )
    books.reverse_credit(position_of(row), order, made)
    require_unbatched(credit.pk)
    amount = Money(credit.amount_minor, credit.currency)
    Credit.objects.filter(pk=credit.pk, reversed_at=None).update(reversed_at=clock.now())
    less = {"credited_minor": F("credited_minor") - amount.minor}
    Capture.objects.filter(pk=credit.capture_id).update(**less)
    Authorization.objects.filter(pk=row.pk).update(**less)
    cardholder, merchant = accounts_of(row)
    post(Posting("credit_reversal", operation_id, (Movement(cardholder, merchant, amount),)))
    reverse_message(
        row, message_about(credit.pk), amount_minor=amount.minor, operation_id=operation_id
    )
    return amount
