"""What the gateway's rows say to those outside: plain values, from which answers are made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from niaga.gateway.models import Authorization
from niaga.gateway.states import AuthorizationState
from niaga.kernel.money import Money


@dataclass(frozen=True, slots=True)
class AuthorizationFacts:
    """An authorization as it stands.

    Attributes:
        state: see `AuthorizationState`.
        answer: what was answered; empty while the issuer is being asked.
    """

    authorization_id: UUID
    merchant: str
    xid: str
    request_hash: str
    ds_hash: str
    buyer_x5t: str
    merchant_x5t: str
    checkout_hash: str
    state: AuthorizationState
    reason: str
    amount: Money
    expires_at: datetime
    answer: str


type AuthorizationSeal = Callable[[AuthorizationFacts], str]
"""Makes the signed answer to an authorization request."""


def facts_of(row: Authorization) -> AuthorizationFacts:
    """Return the row as plain values."""
    return AuthorizationFacts(
        authorization_id=row.id,
        merchant=row.merchant.address,
        xid=row.xid,
        request_hash=row.request_hash,
        ds_hash=row.ds_hash,
        buyer_x5t=row.buyer_x5t,
        merchant_x5t=row.merchant_x5t,
        checkout_hash=row.checkout_hash,
        state=AuthorizationState(row.state),
        reason=row.reason,
        amount=Money(row.amount_minor, row.currency),
        expires_at=row.expires_at,
        answer=row.answer,
    )


FACTS = """
    a.id, m.address, a.xid, a.request_hash, a.ds_hash, a.buyer_x5t, a.merchant_x5t, a.checkout_hash,
    a.state, a.reason, a.amount_minor, a.currency, a.expires_at, a.answer
"""
"""What statements written out select of an authorization `a` and its merchant `m`."""


def read_facts(row: Sequence[Any]) -> AuthorizationFacts:
    """Return what a statement selected as `FACTS`."""
    pk, merchant, xid, request_hash, ds_hash, buyer_x5t, merchant_x5t, checkout_hash = row[:8]
    state, reason, minor, currency, expires_at, answer = row[8:]
    return AuthorizationFacts(
        authorization_id=pk,
        merchant=merchant,
        xid=xid,
        request_hash=request_hash,
        ds_hash=ds_hash,
        buyer_x5t=buyer_x5t,
        merchant_x5t=merchant_x5t,
        checkout_hash=checkout_hash,
        state=AuthorizationState(state),
        reason=reason,
        amount=Money(minor, currency),
        expires_at=expires_at,
        answer=answer,
    )
