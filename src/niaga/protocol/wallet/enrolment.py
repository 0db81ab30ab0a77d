"""Enrol a card: prove a new key, bind the sealed card to it, let the passkey sign both."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol import authority
from niaga.protocol.envelope import check_live, seal_padded
from niaga.protocol.formats import base64url, jws
from niaga.protocol.formats.x509 import Role, Trust, Use, read_chain, verify_chain
from niaga.protocol.messages.enrolment import (
    CARD_BYTES,
    CardData,
    EnrolmentChallenge,
    EnrolmentRequest,
    Passkey,
)
from niaga.protocol.messages.parts import Assertion


def enrolment_challenge(csr: bytes) -> str:
    """Return what the passkey must sign at enrolment: the request for the certificate."""
    return jws.digest(csr)


def request_enrolment(
    challenge: EnrolmentChallenge,
    csr: bytes,
    card: CardData,
    passkey: Passkey,
    sca: Assertion,
    *,
    trust: Trust,
    now: datetime,
) -> EnrolmentRequest:
    """Return the request of a new wallet, its card sealed to the issuer and bound to `csr`.

    Raises:
        StaleError: the challenge is over.
        UntrustedError: the key offered for the card is no gateway's.
    """
    check_live(challenge.exp, now)
    chain = read_chain(list(challenge.issuer_x5c))
    issuer = verify_chain(chain, role=Role.GATEWAY, use=Use.ENCRYPT, trust=trust, now=now)
    sealed = seal_padded(
        card,
        CARD_BYTES,
        issuer.public_key,
        kid=issuer.thumbprint,
        apv=enrolment_challenge(csr),
    )
    return EnrolmentRequest(csr=base64url.encode(csr), card=sealed, passkey=passkey, sca=sca)


def make_csr(key: ec.EllipticCurvePrivateKey, challenge: EnrolmentChallenge) -> bytes:
    """Return the signing request of a new wallet's key that answers the authority's nonce."""
    return authority.make_csr(key, nonce=challenge.nonce)
