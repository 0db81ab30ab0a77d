"""A payment is asked for: it is written down before the issuer is, and only once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from niaga.gateway.facts import FACTS, AuthorizationFacts, AuthorizationSeal, facts_of, read_facts
from niaga.gateway.issuer import iso8583
from niaga.gateway.issuer.messages import request_message
from niaga.gateway.models import Authorization
from niaga.gateway.states import AuthorizationState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.writes import prepared_cursor

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
        request: what the issuer is to be asked now, by the caller and nobody else; None where
            the payment was asked for before.
    """

    facts: AuthorizationFacts
    request: iso8583.Message | None


@command
def admit_authorization(*, asked: Asked, seal: AuthorizationSeal) -> Admission:
    """Write the payment down as `authorizing`, with the request to be sent to the issuer.

    A repetition gets the first one's answer. Where a reversal came first, the payment is declined.

    Raises:
        XidReused: the same transaction id with another dual signature.
    """
    admitted = _admit(asked)
    if admitted is not None:
        return admitted
    row = Authorization.objects.select_for_update().get(
        merchant_id=asked.merchant_id, xid=asked.xid
    )
    if row.state == AuthorizationState.VOIDED and not row.ds_hash:
        _bury(row, asked)
    if row.ds_hash != asked.ds_hash:
        raise XidReused(asked.xid)
    if row.state == AuthorizationState.VOIDED and not row.answer:
        answer_voided(row, seal)
    return Admission(facts_of(row), request=None)


_ADMIT = f"""
    WITH trace AS (
        SELECT lpad(nextval('gateway_trace_number')::text, 6, '0') AS number
    ), a AS (
        INSERT INTO gateway_authorization
               (id, merchant_id, xid, request_hash, ds_hash, buyer_x5t, merchant_x5t,
                checkout_hash, instrument_id, state, reason, amount_minor, captured_minor,
                released_minor, credited_minor, currency, approval_code, retrieval_number,
                admitted_at, answer_due_at, expires_at, answer)
        SELECT %(id)s, %(merchant_id)s, %(xid)s, %(request_hash)s, %(ds_hash)s, %(buyer_x5t)s,
               %(merchant_x5t)s, %(checkout_hash)s, %(instrument_id)s, 'authorizing', '',
               %(amount_minor)s, 0, 0, 0, %(currency)s, '', %(hour)s || number,
               %(now)s, %(answer_due_at)s, %(expires_at)s, ''
          FROM trace
            ON CONFLICT (merchant_id, xid) DO NOTHING
        RETURNING *
    ), asked AS (
        INSERT INTO gateway_issuermessage
               (id, authorization_id, kind, processing_code, amount_minor, currency,
                trace_number, state, response_code, tries, transmitted_at, due_at)
        SELECT %(message_id)s, a.id, %(kind)s, %(processing_code)s, a.amount_minor, a.currency,
               number, 'due', '', 0, a.admitted_at, a.admitted_at
          FROM a, trace
    )
    SELECT {FACTS}, number, a.retrieval_number, i.account
      FROM a CROSS JOIN trace
      JOIN gateway_merchant m ON m.id = a.merchant_id
      JOIN gateway_instrument i ON i.id = a.instrument_id
"""  # noqa: S608 - columns of ours


def _admit(asked: Asked) -> Admission | None:
    """Write payment and request down in one statement; None where the payment is there already."""
    now = clock.now()
    values: dict[str, Any] = {
        "id": new_id(),
        "merchant_id": asked.merchant_id,
        "xid": asked.xid,
        "request_hash": asked.request_hash,
        "ds_hash": asked.ds_hash,
        "buyer_x5t": asked.buyer_x5t,
        "merchant_x5t": asked.merchant_x5t,
        "checkout_hash": asked.checkout_hash,
        "instrument_id": asked.instrument_id,
        "amount_minor": asked.amount.minor,
        "currency": asked.amount.currency,
        "hour": f"{now:%y%j%H}"[1:],
        "now": now,
        "answer_due_at": now + ANSWER_WITHIN,
        "expires_at": now + HOLD_LIFE,
        "message_id": new_id(),
        "kind": iso8583.AUTHORIZATION,
        "processing_code": iso8583.PURCHASE,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_ADMIT, values)
        written = cursor.fetchone()
    if written is None:
        return None
    *facts, trace, retrieval, account = written
    request = request_message(
        account=account,
        amount=asked.amount,
        transmitted_at=now,
        trace=trace,
        retrieval=retrieval,
        merchant_id=asked.merchant_id,
    )
    return Admission(read_facts(facts), request)


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
