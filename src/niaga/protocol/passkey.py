"""The person behind a key: a passkey's word, with the user verified, for one signature."""

from niaga.protocol.errors import SecondFactorError
from niaga.protocol.formats import jwk, webauthn
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.messages.enrolment import Passkey
from niaga.protocol.messages.parts import Assertion


def verify(sca: Assertion, passkey: Passkey, *, challenge: str, party: RelyingParty) -> None:
    """Check an assertion by `passkey` over `challenge` (base64url).

    Raises:
        SecondFactorError: it is another passkey's, another challenge's, or not good.
    """
    if sca.credential_id != passkey.id:
        raise SecondFactorError("another passkey")
    webauthn.verify_assertion(
        authenticator_data=sca.authenticator_data,
        client_data=sca.client_data,
        signature=sca.signature,
        key=jwk.read_public({"kty": "EC", "crv": "P-256", "x": passkey.x, "y": passkey.y}),
        challenge=challenge,
        party=party,
    )
