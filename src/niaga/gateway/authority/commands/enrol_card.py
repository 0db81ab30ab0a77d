"""A card's issuer has recognised it: its holder gets a certificate and a token that pays."""

import secrets
import uuid
from dataclasses import dataclass
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.gateway.authority.commands.issue_certificate import issue_certificate
from niaga.gateway.authority.keyring import Keyring
from niaga.gateway.commands.register_instrument import register_instrument
from niaga.plumbing.command import command
from niaga.protocol.authority import Holder
from niaga.protocol.formats import base64url
from niaga.protocol.formats.x509 import Use
from niaga.protocol.messages.enrolment import Passkey

_PSEUDONYM_BYTES = 16


@dataclass(frozen=True, slots=True)
class EnrolledCard:
    """The holder's chain, and the token that stands for the card."""

    chain: tuple[x509.Certificate, ...]
    instrument_id: UUID


@command
def enrol_card(
    *, keyring: Keyring, key: ec.EllipticCurvePublicKey, account: str, passkey: Passkey
) -> EnrolledCard:
    """Certify a new pseudonym's key and let it, and it alone, pay from the issuer's account.

    Raises:
        KeyUsedBefore: nothing was issued.
    """
    pseudonym = base64url.encode(secrets.token_bytes(_PSEUDONYM_BYTES))
    chain = issue_certificate(
        authority=keyring.authority("cardholder"),
        key=key,
        holder=Holder(pseudonym),
        use=Use.SIGN,
    )
    # Not ordered by time like our other ids: when a card was enrolled is nobody's business.
    instrument_id = register_instrument(
        instrument_id=uuid.uuid4(), holder=pseudonym, account=account, passkey=passkey
    )
    return EnrolledCard(chain, instrument_id)
