"""Messages are closed: what a schema does not declare is refused, field by field."""

from typing import Any

import pytest

from niaga.protocol import envelope
from niaga.protocol.errors import (
    EncodingError,
    ProtocolError,
    SchemaError,
    SignatureError,
    TooLargeError,
)
from niaga.protocol.formats import base64url, jws, strict_json
from niaga.protocol.formats.x509 import write_chain
from niaga.protocol.messages import codes, enrolment, operations, proof, purchase, schema
from niaga.protocol.messages.parts import PlainMessage, SignedMessage
from tests.protocol import mutations
from tests.support import payment, payment_messages
from tests.support.payment import NOW

SIGNED = payment_messages.signed_messages()
PLAIN = payment_messages.plain_messages()
EVERY = {**SIGNED, **PLAIN}
HALVES: list[Any] = [
    mandate
    for ds in [payment.paid().signed]
    if ds
    for mandate in (
        schema.read(
            purchase.CheckoutMandate, strict_json.read(base64url.decode(ds.oi), max_bytes=99_999)[1]
        ),
        schema.read(
            purchase.PaymentMandate,
            strict_json.read(base64url.decode(ds.payment_half), max_bytes=9_999)[1],
        ),
    )
]
INNER: list[Any] = [
    purchase.PaymentInstruction(
        disclosure="YQ", sca=payment.parties().authenticator.sign(base64url.encode(bytes(32)))
    ),
    enrolment.CardData(pan="4000001234567899", expiry="2028-05", holder="SITI AMINAH"),
]


def declared() -> set[type[Any]]:
    found = set()
    for module in (purchase, operations, codes, enrolment, proof):
        for item in vars(module).values():
            if isinstance(item, type) and issubclass(item, SignedMessage | PlainMessage):
                found |= {item} if item.__module__ == module.__name__ else set()
    return {kind for kind in found if not kind.__name__.startswith("_")} - {
        proof.MerchantEvidence,  # their own tests alter them
        proof.GatewayEvidence,
    }


def test_there_is_an_example_of_every_message() -> None:
    assert set(EVERY) == declared()


def test_every_typ_is_a_messages_own() -> None:
    types = [kind.TYPE for kind in declared() if issubclass(kind, SignedMessage)]
    assert len(set(types)) == len(types)


@pytest.mark.parametrize(
    "message", [*EVERY.values(), *HALVES, *INNER], ids=lambda m: type(m).__name__
)
def test_a_message_outside_its_schema_is_refused(message: Any) -> None:
    kind = type(message)
    assert schema.read(kind, schema.write(message)) == message
    count = 0
    for name, fields in mutations.impossible(message):
        with pytest.raises(SchemaError):
            pytest.fail(f"{name} was read as {schema.read(kind, fields)}")
        count += 1
    assert count > 10


@pytest.mark.parametrize("value", [None, [], "x", 7, True])
def test_a_message_is_an_object(value: Any) -> None:
    for kind in EVERY:
        with pytest.raises(SchemaError):
            schema.read(kind, value)


@pytest.mark.parametrize("kind", SIGNED, ids=lambda kind: kind.__name__)
def test_a_field_altered_after_signing_is_refused(kind: type[SignedMessage]) -> None:
    world = payment.parties()
    token = envelope.sign(SIGNED[kind], payment_messages.signer_of(kind, world))
    head, _, signature = token.split(".")
    altered = [fields for _, fields in mutations.plausible(SIGNED[kind])]
    assert len(altered) >= len(schema.slots_of(kind))
    for fields in altered:
        body = base64url.encode(strict_json.write(fields))
        with pytest.raises(SignatureError):
            envelope.open_signed(kind, f"{head}.{body}.{signature}", trust=world.trust, now=NOW)


@pytest.mark.parametrize("kind", SIGNED, ids=lambda kind: kind.__name__)
def test_a_header_says_three_things_and_no_more(kind: type[SignedMessage]) -> None:
    world = payment.parties()
    signer = payment_messages.signer_of(kind, world)
    payload = strict_json.write(schema.write(SIGNED[kind]))
    good = {"typ": kind.TYPE, "x5c": write_chain(signer.chain)}
    headers: list[dict[str, Any]] = [
        {"x5c": good["x5c"]},
        {"typ": kind.TYPE},
        {**good, "typ": kind.TYPE.upper()},
        {**good, "typ": f"application/{kind.TYPE}"},
        {**good, "kid": "1"},
        {**good, "crit": ["exp"], "exp": 1},
        {**good, "x5c": []},
        {**good, "x5c": good["x5c"][0]},
        {**good, "x5c": [*good["x5c"], good["x5c"][0]]},
        {**good, "x5c": [text.rstrip("=") + " " for text in good["x5c"]]},
        {**good, "x5c": [*good["x5c"][:2], "AAAA"]},
        {**good, "alg": "none"},
    ]
    for header in headers:
        with pytest.raises(ProtocolError):
            envelope.open_signed(
                kind, jws.sign(payload, signer.key, header=header), trust=world.trust, now=NOW
            )
    token = jws.sign(payload, signer.key, header=good)
    assert envelope.open_signed(kind, token, trust=world.trust, now=NOW).message == SIGNED[kind]


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_a_message_beyond_its_size_is_refused_before_it_is_read(kind: type[Any]) -> None:
    garbage, trust = "." * (kind.MAX_BYTES + 1), payment.parties().trust
    with pytest.raises(TooLargeError):
        _ = (
            envelope.open_signed(kind, garbage, trust=trust, now=NOW)
            if issubclass(kind, SignedMessage)
            else envelope.read_plain(kind, garbage.encode())
        )


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.__name__)
def test_plain_messages_are_strict_json(kind: type[PlainMessage]) -> None:
    content = envelope.write_plain(PLAIN[kind])
    assert envelope.read_plain(kind, content) == PLAIN[kind]
    name = schema.slots_of(kind)[0].name.encode()
    for spoiled in (
        b"",
        b"\xef\xbb\xbf" + content,
        content + b"{}",
        content[:-1] + b',"' + name + b'":1}',
        content.replace(b'"', b"'"),
        b"[" * 5000,
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":' + b"9" * 400 + b"}",
        b'{"\\ud800":1}',
        b'{"a":"\xff"}',
    ):
        with pytest.raises((EncodingError, TooLargeError)):
            envelope.read_plain(kind, spoiled)
