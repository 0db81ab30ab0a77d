"""What the books allow after an authorisation: pure rules from one position to the next.

Sum of captures <= what is authorised and live; sum of credits <= what was captured; a credit goes
back to the instrument that paid, since it names a capture and nothing else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from niaga.protocol.errors import OperationError
from niaga.protocol.messages.operations import (
    Batch,
    Books,
    Capture,
    CaptureReversal,
    Credit,
    CreditReversal,
    Difference,
    Entry,
    Reversal,
)
from niaga.protocol.messages.parts import Amount


@dataclass(frozen=True, slots=True)
class Position:
    """Where one approved purchase stands, in minor units.

    Attributes:
        xid, auth_id: the purchase and its authorisation.
        currency: of every amount.
        authorised_minor: approved and not given up since; captures count against it.
        captured_minor: taken and not undone.
        credited_minor: paid back and not undone.
        auth_exp_s: until when captures are admitted, epoch seconds.
        refund_until_s: until when credits are admitted, epoch seconds.
    """

    xid: str
    auth_id: str
    currency: str
    authorised_minor: int
    captured_minor: int
    credited_minor: int
    auth_exp_s: int
    refund_until_s: int

    @property
    def books(self) -> Books:
        """The position as it is told to the merchant."""
        return Books(
            currency=self.currency,
            authorised_minor=self.authorised_minor,
            captured_minor=self.captured_minor,
            credited_minor=self.credited_minor,
        )


@dataclass(frozen=True, slots=True)
class Movement:
    """A capture or credit made earlier; a capture remembers what of it was paid back."""

    id: str
    minor: int
    is_reversed: bool = False
    credited_minor: int = 0


def capture(position: Position, asked: Capture, *, now: datetime) -> Position:
    """Return the position after a capture, judged at admission.

    Raises:
        OperationError: unknown authorisation, expired, another currency, or more than is left.
    """
    _refuse(asked.auth_id != position.auth_id, "unknown_reference")
    _refuse(now.timestamp() >= position.auth_exp_s, "authorization_expired")
    minor = _minor(asked.amount, position)
    left = position.authorised_minor - position.captured_minor
    _refuse(minor > left, "amount_exceeds_authorised")
    return replace(position, captured_minor=position.captured_minor + minor)


def reverse_capture(position: Position, asked: CaptureReversal, made: Movement) -> Position:
    """Return the position after undoing a capture whole.

    Raises:
        OperationError: another capture or amount, undone already, or partly paid back.
    """
    _check_made(position, asked.capture_id, asked.amount, made)
    _refuse(made.credited_minor > 0, "not_in_this_state")
    return replace(position, captured_minor=position.captured_minor - made.minor)


def reverse(position: Position, asked: Reversal) -> Position:
    """Return the position after giving up part of the hold, or all that was not captured.

    Raises:
        OperationError: nothing or less is left than is to be given up.
    """
    left = position.authorised_minor - position.captured_minor
    _refuse(left == 0, "not_in_this_state")
    minor = left if asked.amount is None else _minor(asked.amount, position)
    _refuse(minor > left, "amount_exceeds_authorised")
    return replace(position, authorised_minor=position.authorised_minor - minor)


def credit(position: Position, asked: Credit, made: Movement, *, now: datetime) -> Position:
    """Return the position after paying part of the capture `made` back, judged at admission.

    Raises:
        OperationError: another capture, one undone, too late, or more than is left of it.
    """
    _refuse(asked.capture_id != made.id, "unknown_reference")
    _refuse(made.is_reversed, "already_reversed")
    _refuse(now.timestamp() >= position.refund_until_s, "refund_period_over")
    minor = _minor(asked.amount, position)
    _refuse(minor > made.minor - made.credited_minor, "amount_exceeds_captured")
    return replace(position, credited_minor=position.credited_minor + minor)


def reverse_credit(position: Position, asked: CreditReversal, made: Movement) -> Position:
    """Return the position after undoing a credit whole.

    Raises:
        OperationError: another credit or amount, or undone already.
    """
    _check_made(position, asked.credit_id, asked.amount, made)
    return replace(position, credited_minor=position.credited_minor - made.minor)


def compare(asked: Batch, own: Collection[Entry]) -> tuple[int, tuple[Difference, ...]]:
    """Return how many movements of a period agree in both books, and those that do not."""
    here = {(entry.kind, entry.id): entry.minor for entry in own}
    there: dict[tuple[str, str], int] = {}
    for entry in asked.entries:
        _refuse((entry.kind, entry.id) in there, "sequence_conflict")
        there[entry.kind, entry.id] = entry.minor
    found: Sequence[Difference] = [
        Difference(problem=problem, kind=key[0], id=key[1], minor=here.get(key, 0))
        for key in sorted(here.keys() | there.keys())
        if (problem := _problem(here.get(key), there.get(key)))
    ]
    return len(here.keys() | there.keys()) - len(found), tuple(found)


def _problem(here: int | None, there: int | None) -> str:
    if here is None:
        return "unknown_to_gateway"
    if there is None:
        return "unknown_to_merchant"
    return "" if here == there else "amount"


def _check_made(position: Position, asked_id: str, amount: Amount, made: Movement) -> None:
    _refuse(asked_id != made.id, "unknown_reference")
    _refuse(made.is_reversed, "already_reversed")
    _refuse(_minor(amount, position) != made.minor, "amount_differs")


def _minor(amount: Amount, position: Position) -> int:
    _refuse(amount.currency != position.currency, "amount_differs")
    return amount.minor


def _refuse(holds: bool, reason: str) -> None:  # noqa: FBT001 - a condition, read as a sentence
    if holds:
        raise OperationError(reason)
