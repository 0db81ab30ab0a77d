"""Two-phase transfers: money set aside, then posted, voided or expired, each at most once.

A hold posted in part leaves a new hold for the rest, so that every hold has one end and nothing
written is changed.
"""

from uuid import UUID

from django.db import connection
from django.db.models import Q, Sum

from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.ledger.models import Account, Hold, HoldEnd
from niaga.ledger.posting import AccountKey, Movement, Posting, ensure_accounts, post
from niaga.plumbing.writes import insert


def hold(*, kind: str, cause_id: UUID, movement: Movement) -> UUID:
    """Set the movement's amount (> 0) aside; return the hold's id."""
    assert connection.in_atomic_block, "money is held inside a command"
    currency = movement.amount.currency
    accounts = ensure_accounts({(movement.debit, currency), (movement.credit, currency)})
    made = Hold(
        id=new_id(),
        kind=kind,
        cause_id=cause_id,
        debit_id=accounts[movement.debit, currency],
        credit_id=accounts[movement.credit, currency],
        amount_minor=movement.amount.minor,
        currency=currency,
        held_at=clock.now(),
    )
    insert([made])
    return made.id


def post_hold(*, hold_id: UUID, kind: str, cause_id: UUID, amount: Money) -> UUID | None:
    """Post `amount` of the hold as the step `kind` of `cause_id`; hold the rest anew.

    Returns:
        The hold of the rest; None when nothing is left.

    Raises:
        ValueError: the hold is smaller than `amount`.
        IntegrityError: the hold ended before, or the step was posted before for this cause.
    """
    pending = Hold.objects.select_related("debit", "credit").get(pk=hold_id)
    rest = Money(pending.amount_minor, pending.currency) - amount
    if rest.minor < 0:
        raise ValueError(f"{pending} is smaller than {amount}")
    movement = Movement(_key(pending.debit), _key(pending.credit), amount)
    (entry_id,) = post(Posting(kind, cause_id, (movement,)))
    _end(hold_id, HoldEnd.Outcome.POSTED, entry_id)
    if not rest:
        return None
    return Hold.objects.create(
        id=new_id(),
        kind=pending.kind,
        cause_id=pending.cause_id,
        debit_id=pending.debit_id,
        credit_id=pending.credit_id,
        amount_minor=rest.minor,
        currency=rest.currency,
        held_at=clock.now(),
    ).id


def void_hold(*, hold_id: UUID) -> None:
    """Let go of a hold that is not wanted any more.

    Raises:
        IntegrityError: it ended before.
    """
    _end(hold_id, HoldEnd.Outcome.VOIDED, None)


def expire_hold(*, hold_id: UUID) -> None:
    """Let go of a hold whose time is over.

    Raises:
        IntegrityError: it ended before.
    """
    _end(hold_id, HoldEnd.Outcome.EXPIRED, None)


def held(key: AccountKey, currency: str = "IDR") -> Money:
    """Return how much is set aside on either side of the account."""
    mine = {"kind": key.kind, "owner_id": key.owner_id, "currency": currency}
    accounts = Account.objects.filter(**mine).values("id")
    open_holds = Hold.objects.filter(Q(debit__in=accounts) | Q(credit__in=accounts), end=None)
    return Money(int(open_holds.aggregate(total=Sum("amount_minor"))["total"] or 0), currency)


def _end(hold_id: UUID, outcome: HoldEnd.Outcome, entry_id: UUID | None) -> None:
    assert connection.in_atomic_block, "a hold ends inside a command"
    HoldEnd.objects.create(
        hold_id=hold_id, outcome=outcome, entry_id=entry_id, ended_at=clock.now()
    )


def _key(account: Account) -> AccountKey:
    return AccountKey(account.kind, account.owner_id)
