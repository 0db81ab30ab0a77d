"""A passkey's assertion (Web Authentication), checked against what it should have signed."""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol.errors import EncodingError, SecondFactorError
from niaga.protocol.formats import base64url, strict_json

_HASH_BYTES = 32
_LEAST_BYTES = 37
_USER_PRESENT, _USER_VERIFIED = 0x01, 0x04
_MOST_CLIENT_DATA_BYTES = 1024


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom passkeys are made: the wallet's domain and its exact origin."""

    id: str
    origin: str


def verify_assertion(
    *,
    authenticator_data: str,
    client_data: str,
    signature: str,
    key: ec.EllipticCurvePublicKey,
    challenge: str,
    party: RelyingParty,
) -> None:
    """Check that the passkey `key`, its user verified, signed `challenge` (base64url) at `party`.

    The three texts are base64url as browsers give them.

    Raises:
        SecondFactorError: anything else.
    """
    try:
        data, client, made = (
            base64url.decode(text) for text in (authenticator_data, client_data, signature)
        )
        told = strict_json.read_object(client, max_bytes=_MOST_CLIENT_DATA_BYTES)
    except EncodingError as error:
        raise SecondFactorError("an assertion that can't be read") from error
    if told.get("type") != "webauthn.get" or told.get("origin") != party.origin:
        raise SecondFactorError("an assertion for another ceremony or origin")
    if told.get("challenge") != challenge or told.get("crossOrigin", False) is not False:
        raise SecondFactorError("an assertion of another challenge, or from inside a frame")
    if len(data) < _LEAST_BYTES:
        raise SecondFactorError("authenticator data cut short")
    if not hmac.compare_digest(data[:_HASH_BYTES], hashlib.sha256(party.id.encode()).digest()):
        raise SecondFactorError("an assertion for another relying party")
    if data[_HASH_BYTES] & (both := _USER_PRESENT | _USER_VERIFIED) != both:
        raise SecondFactorError("the person was not verified")
    try:
        key.verify(made, data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise SecondFactorError("the passkey did not sign this") from error
