"""A passkey in software: it signs for a person who is not there, so give its card a limit."""

import hashlib
import json
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.kernel.ids import new_id
from niaga.protocol import authority
from niaga.protocol.formats import base64url, jwk
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.messages.enrolment import Passkey
from niaga.protocol.messages.parts import Assertion

_PRESENT_AND_VERIFIED = 0x05
_COUNTER = (1).to_bytes(4)


@dataclass(frozen=True, slots=True)
class SoftwarePasskey:
    """An authenticator of the wallet's origin `party`, as `niaga.wallet.client` needs one."""

    party: RelyingParty
    key: ec.EllipticCurvePrivateKey = field(default_factory=authority.new_key)
    credential_id: str = field(default_factory=lambda: base64url.encode(new_id().bytes))

    @property
    def passkey(self) -> Passkey:
        """The public half."""
        point = jwk.write_public(self.key.public_key())
        return Passkey(id=self.credential_id, x=point["x"], y=point["y"])

    def sign(self, challenge: str) -> Assertion:
        """Return an assertion over `challenge` (base64url) as a browser would make it."""
        told = {
            "type": "webauthn.get",
            "challenge": challenge,
            "origin": self.party.origin,
            "crossOrigin": False,
        }
        client = json.dumps(told).encode()
        party = hashlib.sha256(self.party.id.encode()).digest()
        data = party + bytes([_PRESENT_AND_VERIFIED]) + _COUNTER
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return Assertion(
            credential_id=self.credential_id,
            authenticator_data=base64url.encode(data),
            client_data=base64url.encode(client),
            signature=base64url.encode(signed),
        )
