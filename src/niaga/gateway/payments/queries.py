"""What the front for merchants reads."""

from dataclasses import dataclass
from uuid import UUID

from niaga.gateway.commands.admit_authorization import XidReused
from niaga.gateway.facts import FACTS, AuthorizationFacts, read_facts
from niaga.gateway.models import Authorization, Merchant
from niaga.gateway.operations import position_of
from niaga.gateway.references import identifier, reference
from niaga.gateway.states import AuthorizationState
from niaga.plumbing.writes import prepared_cursor
from niaga.protocol.gateway.authorization import KnownInstrument
from niaga.protocol.messages import purchase
from niaga.protocol.messages.enrolment import Passkey
from niaga.protocol.messages.operations import Books


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a purchase stands, in the protocol's words."""

    state: str
    answer: str = ""
    books: Books | None = None


_UNTOUCHED = {
    AuthorizationState.AUTHORIZING: "pending",
    AuthorizationState.APPROVED: "approved",
    AuthorizationState.DECLINED: "declined",
    AuthorizationState.VOIDED: "voided",
    AuthorizationState.CAPTURED: "approved",
    AuthorizationState.REVERSED: "voided",
    AuthorizationState.EXPIRED: "expired",
}


_KNOWN = f"""
    SELECT m.id, {FACTS}
      FROM gateway_merchant m
      LEFT JOIN gateway_authorization a ON a.merchant_id = m.id AND a.xid = %s
     WHERE m.address = %s
"""  # noqa: S608 - columns of ours


def known_merchant(address: str) -> UUID | None:
    """Return the merchant of that address; None: it never spoke before."""
    return Merchant.objects.filter(address=address).values_list("id", flat=True).first()


def asked_before(
    address: str, xid: str, ds_hash: str
) -> tuple[UUID | None, AuthorizationFacts | None]:
    """Return the merchant of that address, and a payment it asked for by this very signature.

    None: it never spoke before; the payment is new.

    Raises:
        XidReused: the transaction id stands for another signature.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_KNOWN, [xid, address])
        found = cursor.fetchone()
    if found is None:
        return None, None
    merchant_id, authorization_id, *_ = found
    facts = read_facts(found[1:]) if authorization_id else None
    if (
        facts is None
        or not facts.ds_hash
        or (facts.state == AuthorizationState.VOIDED and not facts.answer)
    ):
        return merchant_id, None
    if facts.ds_hash != ds_hash:
        raise XidReused(xid)
    return merchant_id, facts


_INSTRUMENT = """
    SELECT id, type, holder, passkey_id, passkey_x, passkey_y FROM gateway_instrument WHERE id = %s
"""


def known_instrument(named: purchase.Instrument) -> KnownInstrument | None:
    """Return the instrument of that token, with whose it is."""
    with prepared_cursor() as cursor:
        cursor.execute(_INSTRUMENT, [identifier(named.id)])
        found = cursor.fetchone()
    if found is None:
        return None
    pk, kind, holder, passkey_id, x, y = found
    return KnownInstrument(
        instrument=purchase.Instrument(id=reference(pk), type=kind),
        cardholder=holder,
        passkey=Passkey(id=passkey_id, x=x, y=y),
    )


def inquire(merchant_id: UUID, xid: str) -> Standing:
    """Return where the purchase stands; what was captured in part stays approved."""
    row = _find(merchant_id, xid)
    if row is None:
        return Standing("unknown")
    state = "approved" if row.captured_minor else _UNTOUCHED[AuthorizationState(row.state)]
    return Standing(state, row.answer, position_of(row).books)


def _find(merchant_id: UUID, xid: str) -> Authorization | None:
    mine = Authorization.objects.filter(merchant_id=merchant_id, xid=xid)
    return mine.select_related("merchant").first()
