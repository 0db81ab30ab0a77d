"""The issuer has answered, or nobody waits for it any more: the payment is held or declined."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from niaga.gateway.commands.admit_authorization import answer_voided
from niaga.gateway.facts import FACTS, AuthorizationFacts, AuthorizationSeal, facts_of, read_facts
from niaga.gateway.issuer.iso8583 import APPROVED, AUTHORIZATION
from niaga.gateway.issuer.messages import reason_of, request_of, reverse_message
from niaga.gateway.models import Authorization
from niaga.gateway.states import (
    AUTHORIZATION_TRANSITIONS,
    AuthorizationState,
    MessageState,
)
from niaga.kernel import clock
from niaga.ledger.holds import hold
from niaga.ledger.posting import AccountKey, Movement
from niaga.plumbing.command import command
from niaga.plumbing.states import advance_later
from niaga.plumbing.writes import Write, later, prepared_cursor


@dataclass(frozen=True, slots=True)
class IssuerAnswer:
    """The issuer's word: its response code, and its approval code where it approves."""

    response_code: str
    approval_code: str = ""


NOT_ASKED = IssuerAnswer("91")
"""The issuer could not be reached, so it holds nothing."""


@command
def decide_authorization(
    *, authorization_id: UUID, answer: IssuerAnswer | None, seal: AuthorizationSeal
) -> AuthorizationFacts:
    """Hold the money or decline, and store the answer; whoever comes second changes nothing.

    `answer` is None when none came: the payment is declined, and because the issuer may have
    approved all the same, its hold there is reversed until the issuer confirms.
    """
    held = _lock(authorization_id)
    _close(held.message_id, answer)
    if held.facts.state != AuthorizationState.AUTHORIZING:
        return _answer_late(authorization_id, seal)
    if answer is not None and answer.response_code == APPROVED:
        return _settle(held.facts, seal, AuthorizationState.APPROVED, **_hold(held, answer))
    reason = reason_of(answer.response_code if answer else NOT_ASKED.response_code)
    decided = _settle(held.facts, seal, AuthorizationState.DECLINED, reason=reason)
    if answer is None:
        row = Authorization.objects.get(pk=authorization_id)
        reverse_message(row, request_of(row), amount_minor=row.amount_minor)
    return decided


@dataclass(frozen=True, slots=True)
class _Held:
    """An authorization whose row is locked, and the request that the issuer was asked."""

    facts: AuthorizationFacts
    merchant_id: UUID
    instrument_id: UUID
    message_id: UUID


_LOCK = f"""
    SELECT {FACTS}, a.merchant_id, a.instrument_id, asked.id
      FROM gateway_authorization a
      JOIN gateway_merchant m ON m.id = a.merchant_id
      JOIN gateway_issuermessage asked ON asked.authorization_id = a.id AND asked.kind = %s
     WHERE a.id = %s
       FOR UPDATE OF a
"""  # noqa: S608 - columns of ours


def _lock(authorization_id: UUID) -> _Held:
    with prepared_cursor() as cursor:
        cursor.execute(_LOCK, [AUTHORIZATION, authorization_id])
        *facts, merchant_id, instrument_id, message_id = cursor.fetchone()
    return _Held(read_facts(facts), merchant_id, instrument_id, message_id)


def _answer_late(authorization_id: UUID, seal: AuthorizationSeal) -> AuthorizationFacts:
    """Return what somebody else decided; what was reversed meanwhile is answered now."""
    row = Authorization.objects.select_related("merchant").get(pk=authorization_id)
    if row.state == AuthorizationState.VOIDED and not row.answer:
        answer_voided(row, seal)
    return facts_of(row)


_CLOSE = """
    UPDATE gateway_issuermessage SET state = %s, response_code = %s, closed_at = %s
     WHERE id = %s AND state = 'due'
"""


def _close(message_id: UUID, answer: IssuerAnswer | None) -> None:
    if answer is None:
        state = MessageState.UNANSWERED
    else:
        approved = answer.response_code == APPROVED
        state = MessageState.ACCEPTED if approved else MessageState.REFUSED
    code = answer.response_code if answer else ""
    later(Write(_CLOSE, [state, code, clock.now(), message_id], changes="gateway_issuermessage"))


def _hold(held: _Held, answer: IssuerAnswer) -> dict[str, Any]:
    movement = Movement(
        AccountKey("cardholder", held.instrument_id),
        AccountKey("merchant_clearing", held.merchant_id),
        held.facts.amount,
    )
    return {
        "hold_id": hold(
            kind="authorization", cause_id=held.facts.authorization_id, movement=movement
        ),
        "approval_code": answer.approval_code,
    }


def _settle(
    facts: AuthorizationFacts, seal: AuthorizationSeal, state: AuthorizationState, **changes: Any
) -> AuthorizationFacts:
    decided = replace(facts, state=state, reason=changes.get("reason", facts.reason))
    decided = replace(decided, answer=seal(decided))
    advance_later(
        Authorization,
        pk=facts.authorization_id,
        to=state,
        transitions=AUTHORIZATION_TRANSITIONS,
        decided_at=clock.now(),
        answer=decided.answer,
        **changes,
    )
    return decided
