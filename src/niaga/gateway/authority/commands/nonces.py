"""Nonces: handed out, and spent once."""

import secrets
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AttributeOID

from niaga.gateway.authority.models import Nonce
from niaga.kernel import clock
from niaga.plumbing.command import command
from niaga.protocol.authority import read_csr
from niaga.protocol.errors import EncodingError, MismatchError
from niaga.protocol.formats import base64url

LIFE = timedelta(minutes=15)


@command
def open_nonce() -> Nonce:
    """Hand out a nonce; those nobody answered in time are swept away."""
    now = clock.now()
    Nonce.objects.filter(expires_at__lt=now).delete()
    return Nonce.objects.create(
        nonce=base64url.encode(secrets.token_bytes(16)), expires_at=now + LIFE
    )


@command
def spend_nonce(*, csr: bytes) -> ec.EllipticCurvePublicKey:
    """Return the key a signing request proves, and spend the nonce it answers.

    Raises:
        MismatchError: no such nonce is open.
        EncodingError, CertificateError: see `read_csr`.
    """
    nonce = _nonce_of(csr)
    key = read_csr(csr, nonce=nonce)
    spent, _ = Nonce.objects.filter(nonce=nonce, expires_at__gt=clock.now()).delete()
    if not spent:
        raise MismatchError("nonce")
    return key


def _nonce_of(csr: bytes) -> str:
    try:
        attributes = x509.load_der_x509_csr(csr).attributes
        answered = attributes.get_attribute_for_oid(AttributeOID.CHALLENGE_PASSWORD).value
        return answered.decode("ascii")
    except Exception as error:
        # The parser answers broken requests with several unrelated exceptions.
        raise EncodingError("not a signing request") from error
