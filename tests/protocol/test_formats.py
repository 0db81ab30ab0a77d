"""Our formats and other people's: joserfc and we read each other, OpenSSL believes our chains."""

import ssl
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from joserfc import jwe as joserfc_jwe
from joserfc import jws as joserfc_jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from niaga.protocol import authority, dual_signature
from niaga.protocol.authority import Holder
from niaga.protocol.envelope import Signer
from niaga.protocol.errors import EncodingError, SignatureError
from niaga.protocol.formats import base64url, es256, jwe, jws, sd_jwt
from niaga.protocol.formats.x509 import Role, Use
from tests.support import payment
from tests.support.payment import NOW

KEY = authority.new_key()
THEIRS = ECKey.import_key(KEY)


def lowered(token: str) -> str:
    statement, _, signature = token.rpartition(".")
    content = base64url.decode(signature)
    r, s = int.from_bytes(content[:32]), int.from_bytes(content[32:])
    low = r.to_bytes(32) + min(s, es256.ORDER - s).to_bytes(32)
    return f"{statement}.{base64url.encode(low)}"


def test_joserfc_reads_our_signatures_and_we_read_its() -> None:
    ours = jws.sign(b'{"a":1}', KEY, header={"typ": "example"})
    read = joserfc_jws.deserialize_compact(ours, THEIRS, algorithms=["ES256"])
    assert read.payload == b'{"a":1}'
    for _ in range(8):  # about half of its signatures have the upper s
        theirs = joserfc_jws.serialize_compact({"alg": "ES256"}, b"x", THEIRS)
        token = jws.parse(lowered(theirs), max_bytes=999)
        jws.verify(token, KEY.public_key())
        if lowered(theirs) != theirs:
            with pytest.raises(SignatureError):
                jws.verify(jws.parse(theirs, max_bytes=999), KEY.public_key())


def test_joserfc_opens_our_seals_and_we_open_its() -> None:
    algorithms = ["ECDH-ES", "A256GCM"]
    ours = jwe.seal(b"ours", KEY.public_key(), kid="k", apu="from", apv="to")
    assert joserfc_jwe.decrypt_compact(ours, THEIRS, algorithms=algorithms).plaintext == b"ours"
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": "k", "apv": base64url.encode(b"to")}
    theirs = joserfc_jwe.encrypt_compact(header, b"theirs", THEIRS, algorithms=algorithms)
    assert jwe.open_seal(theirs, KEY, max_bytes=999) == b"theirs"
    assert jwe.inspect(theirs, max_bytes=999).apv == "to"


@pytest.mark.parametrize(
    "changes",
    [
        {"enc": "A128GCM"},
        {"alg": "ECDH-ES+A256KW"},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"crit": ["kid"]},
    ],
)
def test_another_kind_of_seal_is_refused(changes: dict[str, Any]) -> None:
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": "k", **changes}
    algorithms = [header["alg"], header["enc"], "DEF"]
    theirs = joserfc_jwe.encrypt_compact(header, b"theirs", THEIRS, algorithms=algorithms)
    with pytest.raises(EncodingError):
        jwe.open_seal(theirs, KEY, max_bytes=9999)


def test_a_seal_opens_with_its_own_key_and_binding_alone() -> None:
    ours = jwe.seal(b"ours", KEY.public_key(), kid="k", apu="from", apv="to")
    with pytest.raises(EncodingError):
        jwe.open_seal(ours, authority.new_key(), max_bytes=9999)
    head, *rest = ours.split(".")
    header = base64url.decode(head).replace(base64url.encode(b"to").encode(), b"dG8x")
    moved = ".".join([base64url.encode(header), *rest])
    with pytest.raises(EncodingError):
        jwe.open_seal(moved, KEY, max_bytes=9999)
    with pytest.raises(JoseError):
        joserfc_jwe.decrypt_compact(moved, THEIRS, algorithms=["ECDH-ES", "A256GCM"])


def test_the_order_half_is_a_presentation_any_verifier_reads() -> None:
    """By RFC 9901 alone, without anything of this protocol but the buyer's key."""
    done = payment.paid()
    assert done.signed
    buyer = done.world.buyer.key.public_key()
    text = dual_signature.present(done.signed.ds, done.signed.oi)
    claims = sd_jwt.verify(text, key_of=lambda _: buyer, now=NOW, max_bytes=99_999)
    (order,) = claims["delegate_payload"]
    assert order["vct"] == "mandate.checkout.1"
    assert order["checkout_jwt"] == done.made.checkout
    assert claims["xid"] == done.made.xid


# ---- TLS ----


@cache
def living() -> payment.Pki:
    """Return authorities of this very day: OpenSSL asks the system for the time."""
    return payment.found_pki(now=datetime.now(UTC))


def context(folder: Path, name: str, signer: Signer, protocol: int) -> ssl.SSLContext:
    chain = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in signer.chain)
    key = signer.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / f"{name}.pem"
    file.write_bytes(key + chain)
    root = living().root.certificate.public_bytes(serialization.Encoding.PEM)
    made = ssl.SSLContext(protocol)
    made.load_cert_chain(file)
    made.load_verify_locations(cadata=root.decode())
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> str | None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname="gateway.example"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return ends[1].version()


def leaf(role: Role, use: Use, subject: str) -> Signer:
    hosts = (x509.DNSName("gateway.example"),)
    holder = Holder(subject, "T", hosts)
    return authority.enrol(living().roles[role], holder, use=use, index=60, now=datetime.now(UTC))


def test_market_and_gateway_meet_over_mutual_tls(tmp_path: Path) -> None:
    gateway = leaf(Role.GATEWAY, Use.TRANSPORT, payment.BANK)
    shop = leaf(Role.MERCHANT, Use.TRANSPORT, payment.SHOP)
    server = context(tmp_path, "server", gateway, ssl.PROTOCOL_TLS_SERVER)
    client = context(tmp_path, "client", shop, ssl.PROTOCOL_TLS_CLIENT)
    assert shake_hands(client, server) == "TLSv1.3"


def test_a_signing_certificate_opens_no_connection(tmp_path: Path) -> None:
    gateway = leaf(Role.GATEWAY, Use.TRANSPORT, payment.BANK)
    shop = leaf(Role.MERCHANT, Use.SIGN, payment.SHOP)
    server = context(tmp_path, "server", gateway, ssl.PROTOCOL_TLS_SERVER)
    client = context(tmp_path, "client", shop, ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(ssl.SSLError):
        shake_hands(client, server)
