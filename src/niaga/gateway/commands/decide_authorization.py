"""The issuer has answered, or nobody waits for it any more: the payment is held or declined."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from niaga.gateway.commands.admit_authorization import answer_voided
from niaga.gateway.facts import AuthorizationFacts, AuthorizationSeal, facts_of
from niaga.gateway.issuer.iso8583 import APPROVED
from niaga.gateway.issuer.messages import reason_of, request_of, reverse_message
from niaga.gateway.models import Authorization, IssuerMessage
from niaga.gateway.states import (
    AUTHORIZATION_TRANSITIONS,
    MESSAGE_TRANSITIONS,
    AuthorizationState,
    MessageState,
)
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.holds import hold
from niaga.ledger.posting import AccountKey, Movement
from niaga.plumbing.command import command
from niaga.plumbing.states import advance, try_advance


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
    row = (
        Authorization.objects.select_for_update(of=("self",))
        .select_related("merchant")
        .get(pk=authorization_id)
    )
    request = request_of(row)
    _close(request, answer)
    if row.state != AuthorizationState.AUTHORIZING:
        if row.state == AuthorizationState.VOIDED and not row.answer:
            answer_voided(row, seal)
        return facts_of(row)
    if answer is not None and answer.response_code == APPROVED:
        _settle(row, seal, AuthorizationState.APPROVED, **_hold(row, answer))
    else:
        reason = reason_of(answer.response_code if answer else NOT_ASKED.response_code)
        _settle(row, seal, AuthorizationState.DECLINED, reason=reason)
        if answer is None:
            reverse_message(row, request, amount_minor=row.amount_minor)
    return facts_of(row)


def _close(request: IssuerMessage, answer: IssuerAnswer | None) -> None:
    if answer is None:
        state = MessageState.UNANSWERED
    else:
        approved = answer.response_code == APPROVED
        state = MessageState.ACCEPTED if approved else MessageState.REFUSED
    try_advance(
        IssuerMessage,
        pk=request.pk,
        to=state,
        transitions=MESSAGE_TRANSITIONS,
        response_code=answer.response_code if answer else "",
        closed_at=clock.now(),
    )


def _hold(row: Authorization, answer: IssuerAnswer) -> dict[str, Any]:
    movement = Movement(
        AccountKey("cardholder", row.instrument_id),
        AccountKey("merchant_clearing", row.merchant_id),
        Money(row.amount_minor, row.currency),
    )
    return {
        "hold_id": hold(kind="authorization", cause_id=row.id, movement=movement),
        "approval_code": answer.approval_code,
    }


def _settle(
    row: Authorization, seal: AuthorizationSeal, state: AuthorizationState, **changes: Any
) -> None:
    row.state, row.decided_at = state, clock.now()
    for name, value in changes.items():
        setattr(row, name, value)
    row.answer = seal(facts_of(row))
    advance(
        Authorization,
        pk=row.pk,
        to=state,
        transitions=AUTHORIZATION_TRANSITIONS,
        decided_at=row.decided_at,
        answer=row.answer,
        **changes,
    )
