"""Whatever bytes come in, a reader of the payment answers with a value or a ProtocolError."""

import json
import string
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niaga.protocol import authority, dual_signature, envelope, evidence
from niaga.protocol.errors import EncodingError, ProtocolError
from niaga.protocol.formats import (
    base64url,
    es256,
    jwe,
    jwk,
    jws,
    sd_jwt,
    status_list,
    strict_json,
    webauthn,
    x509,
)
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.merchant import operations as merchant_operations
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages import schema
from niaga.protocol.messages.purchase import AuthorizationRequest, PaymentRequest
from tests.support import payment, payment_messages
from tests.support.payment import NOW

WORLD = payment.parties()
DONE = payment.paid()
assert DONE.signed
assert DONE.request
CAPTURE = next(iter(payment_messages.requests(DONE).values()))
ROOT = WORLD.pki.root
CSR = authority.make_csr(WORLD.shop.key, nonce="n")
STATUS = authority.sign_status(ROOT, [], entries=8, now=NOW)
CHAIN = x509.write_chain(WORLD.shop.chain)
DER = base64url.decode_standard(CHAIN[0])
PEER = {"trust": WORLD.trust, "now": NOW}
SIGNATURE = dual_signature.verify(DONE.signed.ds, **PEER)
KEY = WORLD.bank_opening.key

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=10) | st.sampled_from(["...", "_sd", "_sd_alg"]), inner)
    ),
    max_leaves=12,
)
almost_base64url = st.text(string.ascii_letters + string.digits + "-_+/= \n", max_size=12)
encoded = st.text(string.ascii_letters + string.digits + "-_", max_size=60)
anything = (
    st.text(max_size=80)
    | st.lists(encoded, min_size=1, max_size=6).map(".".join)
    | st.lists(json_values.map(lambda v: base64url.encode(json.dumps(v).encode())), max_size=6).map(
        ".".join
    )
)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """Draw `text` with a few characters cut, doubled, exchanged or put in."""
    found = text
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(found)))
        end = min(len(found), start + draw(st.sampled_from([0, 1, 1, 2, 7, 400])))
        new = draw(st.sampled_from(["", found[start:end] * 2]) | st.text(max_size=3))
        found = found[:start] + new + found[end:]
    return found


def readers(token: str, read: Callable[[str], Any]) -> tuple[st.SearchStrategy[str], Any]:
    return anything | damaged(token), read


def point(text: str) -> webauthn.RelyingParty:
    return webauthn.RelyingParty("wallet.example", text)


DS, OI, PI = DONE.signed.ds, DONE.signed.oi, DONE.request.pi
TEXTS: dict[str, tuple[st.SearchStrategy[str], Callable[[str], Any]]] = {
    "base64url": readers("YWJj", base64url.decode),
    "base64": readers("YWI=", base64url.decode_standard),
    "jws": readers(DONE.auth_req, lambda text: jws.parse(text, max_bytes=99_999)),
    "typ": readers(DONE.auth_req, envelope.type_of),
    "jwe": readers(PI, lambda text: jwe.inspect(text, max_bytes=99_999)),
    "opened jwe": readers(PI, lambda text: jwe.open_seal(text, KEY, max_bytes=99_999)),
    "disclosure": readers(OI, sd_jwt.read_disclosure),
    "presentation": readers(f"{DS}~{OI}~", lambda text: sd_jwt.parse(text, max_bytes=999_999)),
    "status list": readers(
        STATUS,
        lambda text: status_list.verify(
            text, ROOT.key.public_key(), subject=ROOT.thumbprint, now=NOW
        ),
    ),
    "status list's claim": readers(STATUS, status_list.claimed),
    "chain": readers(CHAIN[0], lambda text: x509.read_chain([text, *CHAIN[1:]])),
    "signed request": readers(
        DONE.auth_req, lambda text: envelope.open_signed(AuthorizationRequest, text, **PEER)
    ),
    "dual signature": readers(DS, lambda text: dual_signature.verify(text, **PEER)),
    "order half": readers(OI, lambda text: dual_signature.show_order_half(SIGNATURE, text)),
    "authorization": readers(DONE.auth_req, DONE.admit),
    "authorization answer": readers(DONE.auth_res, DONE.accept),
    "payment answer": readers(DONE.pres, DONE.believe),
    "operation answer": readers(
        DONE.auth_res,
        lambda text: merchant_operations.check_operation(text, request=CAPTURE, **PEER),
    ),
    "evidence": readers(
        DONE.auth_req, lambda text: evidence.verify(text, roots=[ROOT.certificate])
    ),
    "card": readers(PI, lambda text: gateway.open_card(text, csr=CSR, keys=WORLD.keys)),
    "client data": readers(
        "e30",
        lambda text: webauthn.verify_assertion(
            authenticator_data="AA",
            client_data=text,
            signature="AA",
            key=KEY.public_key(),
            challenge="AA",
            party=point("https://wallet.example"),
        ),
    ),
    "payment request": (
        (anything | damaged(DS)),
        lambda text: merchant.xid_of(PaymentRequest(ds=text, oi=OI, pi=PI)),
    ),
}


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_texts(name: str, data: st.DataObject) -> None:
    strategy, read = TEXTS[name]
    with suppress(ProtocolError):
        read(data.draw(strategy))


BYTES: dict[str, tuple[bytes, Callable[[bytes], Any]]] = {
    "json": (b'{"a":[1,2.5,"\\u00e9"]}', lambda raw: strict_json.read(raw, max_bytes=9999)),
    "certificate": (DER, x509.read_certificate),
    "signing request": (CSR, lambda raw: authority.read_csr(raw, nonce="n")),
    "signature": (bytes(64), lambda raw: es256.verify(raw, b"", KEY.public_key())),
    "plain message": (
        envelope.write_plain(DONE.request),
        lambda raw: envelope.read_plain(PaymentRequest, raw),
    ),
}


@pytest.mark.parametrize("name", BYTES)
@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=80), places=st.lists(st.integers(0, (1 << 16) - 1), max_size=4))
def test_bytes(name: str, raw: bytes, places: list[int]) -> None:
    good, read = BYTES[name]
    altered = bytearray(good)
    for place in places:
        altered[place % len(good)] = place >> 8
    for content in (raw, bytes(altered), good[: len(raw)], good + raw):
        with suppress(ProtocolError):
            read(content)


@settings(deadline=None)
@given(json_values)
def test_keys(value: Any) -> None:
    with suppress(ProtocolError):
        jwk.read_public(value)
    with suppress(ProtocolError):
        jwk.read_public({"kty": "EC", "crv": "P-256", "x": value, "y": value}, alg="ES256")


@settings(deadline=None)
@given(
    st.dictionaries(st.text(max_size=6) | st.sampled_from(["_sd", "...", "_sd_alg"]), json_values)
)
def test_reveal(payload: dict[str, Any]) -> None:
    with suppress(ProtocolError):
        sd_jwt.reveal(payload, [sd_jwt.disclose("a"), sd_jwt.disclose("b", 1)])


@settings(max_examples=30, deadline=None)
@given(json_values, st.data())
def test_schemas(value: Any, data: st.DataObject) -> None:
    """Nonsense in any one field of any message."""
    everything = {**payment_messages.signed_messages(), **payment_messages.plain_messages()}
    for kind, message in everything.items():
        fields = schema.write(message)
        fields[data.draw(st.sampled_from(sorted(fields)))] = value
        with suppress(ProtocolError):
            schema.read(kind, fields)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_base64url_round_trip(content: bytes) -> None:
    assert base64url.decode(base64url.encode(content)) == content
    assert base64url.decode_standard(base64url.encode_standard(content)) == content


@settings(deadline=None)
@given(almost_base64url)
def test_base64url_is_judged_as_it_is_read(text: str) -> None:
    try:
        length = len(base64url.decode(text))
    except EncodingError:
        assert not base64url.is_canonical(text)
    else:
        assert base64url.is_canonical(text)
        assert length == len(text) * 3 // 4


@settings(deadline=None)
@given(almost_base64url)
def test_base64url_has_one_spelling(text: str) -> None:
    try:
        content = base64url.decode(text)
    except EncodingError:
        return
    assert base64url.encode(content) == text


@settings(deadline=None)
@given(json_values)
def test_json_round_trip(value: Any) -> None:
    try:
        content = strict_json.write(value)
        found = strict_json.read(content, max_bytes=1 << 20)
    except (ValueError, EncodingError):
        return  # NaN, lone surrogates, numbers of many digits: not strict JSON
    assert found == value


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=30), st.text(max_size=30))
def test_seal_round_trip(content: bytes, apu: str, apv: str) -> None:
    with suppress(UnicodeEncodeError):
        token = jwe.seal(content, KEY.public_key(), kid="k", apu=apu, apv=apv)
        seal = jwe.inspect(token, max_bytes=9999)
        assert (seal.kid, seal.apu, seal.apv) == ("k", apu, apv)
        assert jwe.open_seal(token, KEY, max_bytes=9999) == content


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_signatures_have_the_lower_s(message: bytes) -> None:
    signature = es256.sign(message, KEY)
    es256.verify(signature, message, KEY.public_key())
    assert int.from_bytes(signature[32:]) <= es256.ORDER // 2
