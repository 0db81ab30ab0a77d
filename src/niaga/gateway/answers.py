"""The gateway's signed answers, made from what its rows say."""

from django.conf import settings

from niaga.gateway.facts import AuthorizationFacts
from niaga.gateway.issuer.messages import INSUFFICIENT_FUNDS, OTHER_REASON
from niaga.gateway.keys import gateway_signer
from niaga.gateway.references import reference
from niaga.gateway.states import AuthorizationState
from niaga.kernel import clock
from niaga.protocol.gateway.authorization import Decision, Purchase, answer_authorization
from niaga.protocol.messages.parts import Amount

PENDING = Decision("pending")


def seal_authorization(facts: AuthorizationFacts) -> str:
    """Return the answer to an authorization request whose payment is decided."""
    return _answer(facts, _decision(facts))


def seal_pending(facts: AuthorizationFacts) -> str:
    """Return the answer while another request still asks the issuer; it is not stored."""
    return _answer(facts, PENDING)


def _answer(facts: AuthorizationFacts, decision: Decision) -> str:
    purchase = Purchase(
        gateway=settings.GATEWAY_ADDRESS,
        merchant=facts.merchant,
        request_hash=facts.request_hash,
        xid=facts.xid,
        ds_hash=facts.ds_hash,
        buyer_x5t=facts.buyer_x5t,
        merchant_x5t=facts.merchant_x5t,
        checkout_hash=facts.checkout_hash,
        amount=Amount(currency=facts.amount.currency, minor=facts.amount.minor),
    )
    return answer_authorization(purchase, decision, signer=gateway_signer(), now=clock.now())


def _decision(facts: AuthorizationFacts) -> Decision:
    if facts.state == AuthorizationState.APPROVED:
        return Decision(
            "approved",
            auth_id=reference(facts.authorization_id),
            auth_exp_s=int(facts.expires_at.timestamp()),
        )
    assert facts.state in {AuthorizationState.DECLINED, AuthorizationState.VOIDED}, facts.state
    return Decision("declined", reason=_told(facts.reason))


def _told(reason: str) -> str:
    """Return the reason as merchant and buyer are told it; what an account holds is its owner's."""
    if reason == INSUFFICIENT_FUNDS and not settings.TELLS_FUNDS:
        return OTHER_REASON
    return reason
