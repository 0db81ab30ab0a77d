"""ECDSA on P-256 with SHA-256 as JWS writes it: 64 bytes, r then s, s in the lower half.

For every signature (r, s) the twin (r, n - s) verifies too; accepting only the lower s leaves one
spelling, so that a stored token can't be altered and still hold.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from niaga.protocol.errors import SignatureError

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNATURE_BYTES = 64
_WITH_SHA256 = ec.ECDSA(hashes.SHA256())


def check_form(signature: bytes) -> None:
    """Check length, ranges and the lower s, without the key.

    Raises:
        SignatureError: one of them is not so.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureError("not 64 bytes")
    r, s = _numbers(signature)
    if not (0 < r < ORDER and 0 < s <= ORDER // 2):
        raise SignatureError("r or s out of range, or s in the upper half")


def sign(message: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the key owner's signature of `message`, with the lower s."""
    check_curve(key)
    r, s = decode_dss_signature(key.sign(message, _WITH_SHA256))
    return r.to_bytes(32) + min(s, ORDER - s).to_bytes(32)


def verify(signature: bytes, message: bytes, key: ec.EllipticCurvePublicKey) -> None:
    """Check that the key's owner signed `message`.

    Raises:
        SignatureError: it is not so, or the signature is not in the one accepted form.
    """
    check_form(signature)
    check_curve(key)
    try:
        key.verify(encode_dss_signature(*_numbers(signature)), message, _WITH_SHA256)
    except InvalidSignature as error:
        raise SignatureError("the signature does not verify") from error


def check_curve(key: object) -> None:
    """Check that `key` is a P-256 key; another is a SignatureError."""
    if not isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        raise SignatureError("not an elliptic curve key")
    if not isinstance(key.curve, ec.SECP256R1):
        raise SignatureError("not a P-256 key")


def _numbers(signature: bytes) -> tuple[int, int]:
    return int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
