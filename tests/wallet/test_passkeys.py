"""Passkeys of a real browser: our verifier and another people's library judge them alike."""

import secrets
from dataclasses import replace
from typing import Any

import cbor2
import pytest
from webauthn import verify_authentication_response
from webauthn.helpers.exceptions import InvalidAuthenticationResponse

from niaga.protocol import passkey
from niaga.protocol.errors import SecondFactorError
from niaga.protocol.formats import base64url
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.messages import schema
from niaga.protocol.messages.enrolment import Passkey
from niaga.protocol.messages.parts import Assertion
from tests.wallet.browser import Device

pytestmark = pytest.mark.browser

USE = """
async (challenge) => {
  const { create, confirm } = await import("/js/passkey.js");
  const made = await create("•••• 7899");
  return { made, sca: await confirm(made.id, challenge) };
}
"""


def _used(phone: Device, challenge: str) -> tuple[Passkey, Assertion]:
    phone.page.goto("/")
    found = phone.page.evaluate(USE, challenge)
    return schema.read(Passkey, found["made"]), schema.read(Assertion, found["sca"])


def _library_accepts(made: Passkey, sca: Assertion, challenge: str, party: RelyingParty) -> bool:
    x, y = base64url.decode(made.x), base64url.decode(made.y)
    credential: dict[str, Any] = {
        "id": sca.credential_id,
        "rawId": sca.credential_id,
        "type": "public-key",
        "response": {
            "authenticatorData": sca.authenticator_data,
            "clientDataJSON": sca.client_data,
            "signature": sca.signature,
        },
    }
    try:
        verify_authentication_response(
            credential=credential,
            expected_challenge=base64url.decode(challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y}),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except InvalidAuthenticationResponse:
        return False
    return True


def _we_accept(made: Passkey, sca: Assertion, challenge: str, party: RelyingParty) -> bool:
    try:
        passkey.verify(sca, made, challenge=challenge, party=party)
    except SecondFactorError:
        return False
    return True


def test_a_browsers_passkey_is_judged_alike(phone: Device) -> None:
    challenge = base64url.encode(secrets.token_bytes(32))
    made, sca = _used(phone, challenge)
    party = phone.town.party
    data = bytearray(base64url.decode(sca.authenticator_data))
    data[32] &= ~0x04  # the person was not verified, says an authenticator that signed otherwise
    cases = {
        "honest": (sca, challenge, party, True),
        "another challenge": (sca, base64url.encode(secrets.token_bytes(32)), party, False),
        "another origin": (sca, challenge, replace(party, origin="https://evil.example"), False),
        "another party": (sca, challenge, replace(party, id="evil.example"), False),
        "not verified": (
            replace(sca, authenticator_data=base64url.encode(bytes(data))),
            challenge,
            party,
            False,
        ),
        "another signature": (
            replace(sca, signature=_used(phone, challenge)[1].signature),
            challenge,
            party,
            False,
        ),
    }
    for name, (assertion, asked, whom, expected) in cases.items():
        assert _we_accept(made, assertion, asked, whom) is expected, name
        assert _library_accepts(made, assertion, asked, whom) is expected, name


def test_a_person_who_is_not_verified_is_refused_by_the_browser(phone: Device) -> None:
    phone.page.goto("/")
    phone.verifies_the_person(verifies=False)
    code = phone.page.evaluate(
        """async () => {
             const { create } = await import("/js/passkey.js");
             try { await create("•••• 7899"); } catch (error) { return error.code; }
             return "made";
           }"""
    )
    assert code == "passkey_declined"
