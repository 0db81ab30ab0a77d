"""Parts of two payments never make a third, and a token has no second spelling."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product
from typing import Any

import pytest

from niaga.protocol import envelope
from niaga.protocol.envelope import digest_of, peek
from niaga.protocol.errors import (
    AnsweredFailureError,
    AuthenticationRequiredError,
    MismatchError,
    PaymentInstructionError,
    ProtocolError,
    SecondFactorError,
    StaleError,
)
from niaga.protocol.formats import base64url, es256
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages.parts import SignedMessage
from niaga.protocol.messages.purchase import (
    AuthorizationRequest,
    AuthorizationResponse,
    Checkout,
    DualSignature,
    Offer,
    PaymentResponse,
    Receipt,
)
from tests.support import payment, payment_messages
from tests.support.payment import BANK, NOW, WALLET, Authenticator

A, B = payment.paid(), payment.paid()


def swaps(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [some for count in range(1, len(names) + 1) for some in combinations(names, count)]


@pytest.mark.parametrize("swapped", swaps(("ds", "oi", "pi")), ids="+".join)
def test_the_merchant_refuses_parts_of_another_request(swapped: tuple[str, ...]) -> None:
    assert A.request
    assert B.request
    mixed = replace(A.request, **{name: getattr(B.request, name) for name in swapped})
    with pytest.raises(ProtocolError):
        A.check(mixed)


REQUEST_PARTS = ("xid", "ds", "pi", "offer_hash")


@pytest.mark.parametrize(
    "swapped", [s for s in swaps(REQUEST_PARTS) if len(s) < len(REQUEST_PARTS)], ids="+".join
)
def test_the_gateway_refuses_parts_of_another_request(swapped: tuple[str, ...]) -> None:
    """As a merchant would send them who plays along."""
    a, b = peek(AuthorizationRequest, A.auth_req), peek(AuthorizationRequest, B.auth_req)
    mixed = replace(a, **{name: getattr(b, name) for name in swapped})
    with pytest.raises(ProtocolError):
        A.admit(envelope.sign(mixed, A.world.shop))


def test_a_request_moved_whole_is_simply_the_other_request() -> None:
    a, b = peek(AuthorizationRequest, A.auth_req), peek(AuthorizationRequest, B.auth_req)
    moved = replace(a, **{name: getattr(b, name) for name in REQUEST_PARTS})
    admitted = A.admit(envelope.sign(moved, A.world.shop))
    assert admitted.authorization
    assert B.authorization
    assert admitted.authorization.mandate == B.authorization.mandate


def seal_parts(token: str) -> list[str]:
    return token.split(".")


@pytest.mark.parametrize("swapped", [s for s in swaps(("0", "2", "3", "4")) if len(s) < 4],
                         ids="+".join)  # fmt: skip
def test_parts_of_two_seals_do_not_open(swapped: tuple[str, ...]) -> None:
    assert A.request
    assert B.request
    mixed, other = seal_parts(A.request.pi), seal_parts(B.request.pi)
    for place in swapped:
        mixed[int(place)] = other[int(place)]
    asked = replace(peek(AuthorizationRequest, A.auth_req), pi=".".join(mixed))
    with pytest.raises(PaymentInstructionError):
        A.admit(envelope.sign(asked, A.world.shop))


@pytest.mark.parametrize("step", ["accept", "believe"])
def test_answers_of_another_payment_are_refused(step: str) -> None:
    with pytest.raises(MismatchError):
        A.accept(B.auth_res) if step == "accept" else A.believe(B.pres)


def test_a_buyer_without_a_part_in_it_learns_nothing_from_an_answer() -> None:
    """The answer is addressed to one wallet's certificate."""
    assert A.signed
    stranger = replace(A, signed=replace(A.signed, buyer=B.world.bank.thumbprint))
    with pytest.raises(MismatchError):
        stranger.believe()


# ---- two merchants, two gateways ----


def test_another_merchant_cannot_use_what_was_signed_for_the_first() -> None:
    world = payment.parties()
    thief = world.pki.enrol(
        payment.Role.MERCHANT,
        payment.Use.SIGN,
        subject="https://thief.example",
        name="Toko Maling",
        index=40,
    )
    asked = peek(AuthorizationRequest, A.auth_req)
    for request in (replace(asked, iss="https://thief.example"), asked):
        with pytest.raises(MismatchError):
            A.admit(envelope.sign(request, thief))


def test_another_gateway_cannot_take_what_was_signed_for_the_first() -> None:
    """SET's flaw: here the buyer's signature names the gateway and its key."""
    world = payment.parties()
    rogue_id = "https://rogue.example"
    enrol = world.pki.enrol
    opening = enrol(payment.Role.GATEWAY, payment.Use.ENCRYPT, subject=rogue_id, name="Rogue")
    keys = gateway.Keys(rogue_id, {opening.thumbprint: opening.key, **world.keys.opening})
    asked = replace(peek(AuthorizationRequest, A.auth_req), aud=rogue_id)
    text = envelope.sign(asked, world.shop)
    opened = gateway.authenticate(
        AuthorizationRequest, text, me=rogue_id, trust=world.trust, now=NOW
    )
    with pytest.raises(MismatchError):
        gateway.check_authorization(opened, keys=keys, trust=world.trust, now=NOW)
    with pytest.raises(MismatchError, match="aud"):
        gateway.authenticate(
            AuthorizationRequest, A.auth_req, me=rogue_id, trust=world.trust, now=NOW
        )


# ---- instruments and passkeys ----


def test_an_instrument_is_its_owners_alone() -> None:
    assert A.authorization
    known = A.world.known
    gateway.check_instrument(A.authorization, known)
    other = replace(known.instrument, id=merchant.new_reference())
    for wrong in (None, replace(known, cardholder="buyer-2"), replace(known, instrument=other)):
        with pytest.raises(PaymentInstructionError):
            gateway.check_instrument(A.authorization, wrong)


def with_passkey(authenticator: Authenticator, challenge: str | None = None, **changes: Any) -> Any:
    assert A.authorization
    found = challenge or A.authorization.signature.digest
    return replace(A.authorization, sca=authenticator.sign(found, **changes))


def judge(checked: Any, *, required: bool = True) -> None:
    gateway.check_second_factor(checked, A.world.known, required=required, party=WALLET)


def test_a_passkey_is_asked_for_by_policy() -> None:
    assert A.authorization
    without = replace(A.authorization, sca=None)
    judge(without, required=False)
    with pytest.raises(AuthenticationRequiredError):
        judge(without)


def test_a_passkey_counts_for_this_signature_site_and_person() -> None:
    assert A.authorization
    assert B.authorization
    own = A.world.authenticator
    judge(with_passkey(own))
    elsewhere = RelyingParty("evil.example", "https://evil.example")
    wrong = [
        replace(A.authorization, sca=B.authorization.sca),
        with_passkey(own, B.authorization.signature.digest),
        with_passkey(own, type="webauthn.create"),
        with_passkey(own, origin="https://evil.example"),
        with_passkey(own, crossOrigin=True),
        with_passkey(replace(own, flags=0x01)),
        with_passkey(replace(own, flags=0x04)),
        with_passkey(replace(own, party=elsewhere)),
        with_passkey(replace(own, party=replace(WALLET, id="evil.example"))),
        with_passkey(replace(own, credential_id=base64url.encode(b"credential-2"))),
        with_passkey(replace(Authenticator(), credential_id=own.credential_id)),
    ]
    for checked in wrong:
        for required in (True, False):
            with pytest.raises(SecondFactorError):
                judge(checked, required=required)


@pytest.mark.parametrize("part", ["authenticator_data", "client_data", "signature"])
def test_an_altered_assertion_is_refused(part: str) -> None:
    assert A.authorization
    sca = A.authorization.sca
    assert sca
    content = bytearray(base64url.decode(getattr(sca, part)))
    for place in range(len(content)):
        altered = bytearray(content)
        altered[place] ^= 1
        spoiled = replace(sca, **{part: base64url.encode(bytes(altered))})
        with pytest.raises(SecondFactorError):
            judge(replace(A.authorization, sca=spoiled))


def test_no_passkey_enrolled_none_accepted() -> None:
    assert A.authorization
    known = replace(A.world.known, passkey=None)
    with pytest.raises(SecondFactorError):
        gateway.check_second_factor(A.authorization, known, required=False, party=WALLET)


# ---- time ----


def test_every_step_has_its_time() -> None:
    ready = payment.offered()
    offered = ready.verified().sign().sealed()
    minutes = timedelta(minutes=1)
    for late in (15 * minutes, 20 * minutes):
        with pytest.raises(StaleError):
            ready.verified(now=NOW + late)
        with pytest.raises(StaleError):
            ready.verified().sign(now=NOW + late)
    with pytest.raises(StaleError):
        offered.check(now=NOW + 5 * minutes)
    requested = offered.check(now=NOW + 4 * minutes).ask(now=NOW + 4 * minutes)
    assert requested.admit(now=NOW + 5 * minutes - timedelta(seconds=1))
    with pytest.raises(StaleError):
        requested.admit(now=NOW + 5 * minutes)


def test_a_clock_may_be_ahead_by_a_minute() -> None:
    assert payment.offered().verified(now=NOW - timedelta(seconds=60))
    with pytest.raises(StaleError):
        payment.offered().verified(now=NOW - timedelta(seconds=61))


def test_a_repeated_request_is_recognised_after_its_deadline() -> None:
    """Authenticity is not judged by the deadline, so the stored answer can be found and sent."""
    late = NOW + timedelta(minutes=10)
    opened = gateway.authenticate(
        AuthorizationRequest, A.auth_req, me=BANK, trust=A.world.trust, now=late
    )
    assert opened.digest == digest_of(A.auth_req, AuthorizationRequest)


def test_a_live_order_of_another_amount_is_refused() -> None:
    dearer = replace(A.amount, minor=A.amount.minor + 1)
    assert A.request
    with pytest.raises(MismatchError, match="live amount"):
        replace(A, amount=dearer).check()


# ---- one token, one spelling ----


def high_s(signature: str) -> str:
    content = base64url.decode(signature)
    twin = es256.ORDER - int.from_bytes(content[32:])
    return base64url.encode(content[:32] + twin.to_bytes(32))


def non_canonical(part: str) -> str:
    """Set a bit beyond the last byte, where the length leaves one."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    if len(part) % 4 == 0:
        return part + "A"
    return part[:-1] + alphabet[alphabet.index(part[-1]) ^ 1]


def variants(token: str) -> Iterator[tuple[str, str]]:
    head, body, signature = token.split(".")
    yield "twin signature", f"{head}.{body}.{high_s(signature)}"
    for place, part in enumerate((head, body, signature)):
        for name, spoiled in (
            ("padded", part + "=" * (-len(part) % 4 or 4)),
            ("non-canonical", non_canonical(part)),
            ("spaced", part[:5] + " " + part[5:]),
            ("broken", part[:5] + "\n" + part[5:]),
            ("standard alphabet", part[:5] + "+" + part[5:]),
        ):
            parts = [head, body, signature]
            parts[place] = spoiled
            yield f"{name} part {place}", ".".join(parts)
    yield "leading space", " " + token
    yield "trailing line", token + "\n"
    yield "a fourth part", token + "."
    yield "a byte order mark", "\ufeff" + token
    yield "without signature", f"{head}.{body}."
    yield "signature in DER", f"{head}.{body}.{base64url.encode(bytes(70))}"


TOKENS: dict[type[SignedMessage], tuple[str, Callable[[str], Any]]] = {
    Offer: (A.made.offer, lambda text: A.verified(replace(A.made.answer, offer=text))),
    Checkout: (
        A.made.checkout,
        lambda text: A.verified(replace(A.made.answer, checkout_jwt=text)),
    ),
    DualSignature: (
        A.signed.ds if A.signed else "",
        lambda text: A.check(replace(A.request, ds=text)) if A.request else None,
    ),
    AuthorizationRequest: (A.auth_req, A.admit),
    AuthorizationResponse: (A.auth_res, A.accept),
    PaymentResponse: (A.pres, A.believe),
    Receipt: (
        A.answered.receipt.text if A.answered else "",
        lambda text: envelope.open_signed(Receipt, text, trust=A.world.trust, now=NOW),
    ),
}


@pytest.mark.parametrize("kind", TOKENS, ids=lambda kind: kind.__name__)
def test_a_token_has_no_second_spelling(kind: type[SignedMessage]) -> None:
    token, read = TOKENS[kind]
    assert read(token)
    tried = 0
    for name, variant in variants(token):
        with pytest.raises(ProtocolError):
            pytest.fail(f"{name}: {read(variant)}")
        tried += 1
    assert tried > 20


def test_a_signature_made_anew_is_the_same_request() -> None:
    """ECDSA signs the same bytes differently each time; the identity is of the statement."""
    again = envelope.sign(peek(AuthorizationRequest, A.auth_req), A.world.shop)
    assert again != A.auth_req
    assert digest_of(again, AuthorizationRequest) == digest_of(A.auth_req, AuthorizationRequest)


@pytest.mark.parametrize(("place", "name"), list(product(range(5), ("padded", "non-canonical"))))
def test_a_seal_has_no_second_spelling(place: int, name: str) -> None:
    assert A.request
    parts = seal_parts(A.request.pi)
    parts[place] = (
        parts[place] + "=" * (-len(parts[place]) % 4 or 4)
        if name == "padded"
        else non_canonical(parts[place] or "A")
    )
    with pytest.raises(ProtocolError):
        A.check(replace(A.request, pi=".".join(parts)))


def test_a_disclosure_has_no_second_spelling() -> None:
    assert A.request
    oi = A.request.oi
    for spoiled in (oi + "=", non_canonical(oi), oi + "~", oi[:9] + " " + oi[9:], oi + "~" + oi):
        with pytest.raises(ProtocolError):
            A.check(replace(A.request, oi=spoiled))


# ---- failures ----


def failure(code: str, world: payment.Parties, auth_req: str) -> str:
    opened: Any = payment_messages.opened(AuthorizationRequest, auth_req, world)
    return gateway.answer_failure(opened, code, signer=world.bank, now=NOW)


def test_a_signed_failure_reaches_the_merchant_as_such() -> None:
    with pytest.raises(AnsweredFailureError) as caught:
        A.accept(failure("xid_conflict", A.world, A.auth_req))
    assert caught.value.failure == "xid_conflict"


def test_a_failure_of_another_request_is_refused() -> None:
    with pytest.raises(MismatchError):
        A.accept(failure("xid_conflict", A.world, B.auth_req))
