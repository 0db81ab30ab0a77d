"""What the front for merchants reads."""

from dataclasses import dataclass
from uuid import UUID

from niaga.gateway.commands.admit_authorization import XidReused
from niaga.gateway.facts import AuthorizationFacts, facts_of
from niaga.gateway.models import Authorization, Instrument, Merchant
from niaga.gateway.operations import position_of
from niaga.gateway.references import identifier, reference
from niaga.gateway.states import AuthorizationState
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


def known_merchant(address: str) -> UUID | None:
    """Return the merchant of that address; None: it never spoke before."""
    return Merchant.objects.filter(address=address).values_list("id", flat=True).first()


def earlier_answer(merchant_id: UUID, xid: str, ds_hash: str) -> AuthorizationFacts | None:
    """Return a payment that was asked for before, by this very signature; None: it is new.

    Raises:
        XidReused: the transaction id stands for another signature.
    """
    row = _find(merchant_id, xid)
    if row is None or not row.ds_hash or (row.state == "voided" and not row.answer):
        return None
    if row.ds_hash != ds_hash:
        raise XidReused(xid)
    return facts_of(row)


def known_instrument(named: purchase.Instrument) -> KnownInstrument | None:
    """Return the instrument of that token, with whose it is."""
    row = Instrument.objects.filter(pk=identifier(named.id)).first()
    if row is None:
        return None
    return KnownInstrument(
        instrument=purchase.Instrument(id=reference(row.id), type=row.type),
        cardholder=row.holder,
        passkey=Passkey(id=row.passkey_id, x=row.passkey_x, y=row.passkey_y),
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
