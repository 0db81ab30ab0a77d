"""A payment is asked for: it is written down before the issuer is, and only once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from niaga.gateway.facts import AuthorizationFacts, AuthorizationSeal, facts_of
from niaga.gateway.issuer import iso8583
from niaga.gateway.issuer.messages import next_trace_number, write_message
from niaga.gateway.models import Authorization
from niaga.gateway.states import AuthorizationState
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command

HOLD_LIFE = timedelta(days=7)
ANSWER_WITHIN = timedelta(seconds=10)
"""After so long nobody waits for the issuer's answer any more: the worker decides."""


@dataclass(eq=False)
class XidReused(Refusal):
    """The transaction id stands for another payment already."""

    code: ClassVar[str] = "xid_conflict"
    xid: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request whose every claim was checked."""

    merchant_id: UUID
    xid: str
    request_hash: str
    ds_hash: str
    buyer_x5t: str
    merchant_x5t: str
    checkout_hash: str
    instrument_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class Admission:
    """Where the request stands.

    Attributes:
        facts: the authorization; its `answer` is empty while the issuer is being asked.
        is_new: the issuer is to be asked now, by the caller and nobody else.
    """

    facts: AuthorizationFacts
    is_new: bool


@command
def admit_authorization(*, asked: Asked, seal: AuthorizationSeal) -> Admission:
    """Write the payment down as `authorizing`, with the request to be sent to the issuer.

    A repetition gets the first one's answer. Where a reversal came first, the payment is declined.

    Raises:
        XidReused: the same transaction id with another dual signature.
    """
    now = clock.now()
    row, is_new = Authorization.objects.get_or_create(
        merchant_id=asked.merchant_id, xid=asked.xid, defaults=_first(asked, now)
    )
    if is_new:
        write_message(
            row,
            kind=iso8583.AUTHORIZATION,
            amount_minor=asked.amount.minor,
            trace_number=row.retrieval_number[-6:],
        )
        return Admission(facts_of(row), is_new=True)
    row = Authorization.objects.select_for_update().get(pk=row.pk)
    if row.state == AuthorizationState.VOIDED and not row.ds_hash:
        _bury(row, asked)
    if row.ds_hash != asked.ds_hash:
        raise XidReused(asked.xid)
    if row.state == AuthorizationState.VOIDED and not row.answer:
        answer_voided(row, seal)
    return Admission(facts_of(row), is_new=False)


def _first(asked: Asked, now: datetime) -> dict[str, object]:
    trace = next_trace_number()
    return {
        "request_hash": asked.request_hash,
        "ds_hash": asked.ds_hash,
        "buyer_x5t": asked.buyer_x5t,
        "merchant_x5t": asked.merchant_x5t,
        "checkout_hash": asked.checkout_hash,
        "instrument_id": asked.instrument_id,
        "amount_minor": asked.amount.minor,
        "currency": asked.amount.currency,
        "retrieval_number": f"{now:%y%j%H}"[1:] + trace,
        "admitted_at": now,
        "answer_due_at": now + ANSWER_WITHIN,
        "expires_at": now + HOLD_LIFE,
    }


def _bury(row: Authorization, asked: Asked) -> None:
    """Let the request that came after its reversal rest under its tombstone."""
    row.request_hash, row.ds_hash = asked.request_hash, asked.ds_hash
    row.buyer_x5t, row.merchant_x5t = asked.buyer_x5t, asked.merchant_x5t
    row.checkout_hash = asked.checkout_hash
    row.amount_minor, row.currency = asked.amount.minor, asked.amount.currency


def answer_voided(row: Authorization, seal: AuthorizationSeal) -> None:
    """Store the answer of a payment that was reversed before it was answered."""
    row.answer = seal(facts_of(row))
    row.save()
