"""Wycheproof's vectors: what our readers accept and refuse, with every stricter answer named.

Each file is gone through twice. Once through our readers, which speak one algorithm: they must
accept exactly the valid vectors of that algorithm. Once through our framing in front of joserfc
with the vector's own algorithm, so that the framing is tried on all vectors and not only on ours.
"""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe as joserfc_jwe
from joserfc import jws as joserfc_jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import import_key

from niaga.protocol.errors import EncodingError, ProtocolError, SignatureError
from niaga.protocol.formats import base64url, es256, jwe, jwk, jws
from tests.vectors import shared

MAX_BYTES = 1 << 20

JWS = shared.load("wycheproof/json_web_signature_test.json")
JWE = shared.load("wycheproof/json_web_encryption_test.json")
JWK = shared.load("wycheproof/json_web_key_test.json")
P1363 = shared.load("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json")

type Case = tuple[Mapping[str, Any], Mapping[str, Any]]


def cases(vectors: Mapping[str, Any]) -> Iterator[Case]:
    for group in vectors["testGroups"]:
        for test in group["tests"]:
            yield group, test


def accepted(vectors: Mapping[str, Any], attempt: Any) -> set[int]:
    """Return the ids of the vectors that `attempt(group, test)` does not refuse."""
    found = set()
    for group, test in cases(vectors):
        try:
            attempt(group, test)
        except (ProtocolError, JoseError):
            continue
        found.add(test["tcId"])
    return found


def valid(vectors: Mapping[str, Any]) -> set[int]:
    return {test["tcId"] for _, test in cases(vectors) if test["result"] == "valid"}


# ---- ECDSA P-256, SHA-256, P1363 form ----


def verify_p1363(group: Mapping[str, Any], test: Mapping[str, Any]) -> None:
    point = bytes.fromhex(group["publicKey"]["uncompressed"])
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    es256.verify(bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]), key)


def test_p1363() -> None:
    stricter = {
        test["tcId"]
        for _, test in cases(P1363)
        if test["result"] == "valid" and int(test["sig"][64:], 16) > es256.ORDER // 2
    }
    assert sorted(stricter) == HIGH_S
    assert accepted(P1363, verify_p1363) == valid(P1363) - set(HIGH_S)


def test_p1363_high_s_twins_verify_once_lowered() -> None:
    """What we refuse of the valid ones is their spelling alone."""

    def verify_lowered(group: Mapping[str, Any], test: Mapping[str, Any]) -> None:
        s = es256.ORDER - int(test["sig"][64:], 16)
        verify_p1363(group, {**test, "sig": test["sig"][:64] + f"{s:064x}"})

    only = {
        "testGroups": [
            {**group, "tests": [t for t in group["tests"] if t["tcId"] in HIGH_S]}
            for group in P1363["testGroups"]
        ]
    }
    assert accepted(only, verify_lowered) == set(HIGH_S)


# Valid by Wycheproof, refused here: s lies in the upper half, and only the lower twin is accepted.
HIGH_S = [
    64, 66, 67, 68, 71, 77, 78, 80, 81, 85, 86, 87, 94, 95, 96, 100, 102, 104, 105, 107, 110,
    111, 114, 115, 117, 118, 138, 139, 140, 141, 142, 171, 172, 175, 176, 177, 180, 183, 189,
    190, 191, 192, 195, 196, 197, 199, 200, 204, 210, 211, 216, 217, 226, 227, 229, 233, 234,
    237, 240, 242, 243, 244, 246, 248, 249, 250, 252, 253, 257, 262,
]  # fmt: skip


# ---- JWS ----


def verify_jws(group: Mapping[str, Any], test: Mapping[str, Any]) -> None:
    token = jws.parse(text_of(test["jws"]), max_bytes=MAX_BYTES)
    jws.verify(token, jwk.read_public(public_part(group), alg="ES256"))


def text_of(token: Any) -> str:
    """Return a token as it would come; a few vectors are JSON objects, which are no tokens."""
    return token if isinstance(token, str) else str(token)


def public_part(group: Mapping[str, Any]) -> dict[str, Any]:
    key = group.get("public") or group["private"]
    return {name: value for name, value in key.items() if name != "d"}


def test_jws_in_our_algorithm() -> None:
    ours = {
        test["tcId"]
        for group, test in cases(JWS)
        if test["result"] == "valid" and public_part(group).get("alg") == "ES256"
    }
    assert ours == {18, 378}
    assert accepted(JWS, verify_jws) == ours - set(JWS_ES256_STRICTER)


# Valid by Wycheproof and in ES256, refused here.
JWS_ES256_STRICTER: dict[int, str] = {
    18: "s lies in the upper half; 378 is its lower twin, and accepted"
}


def verify_framed_jws(group: Mapping[str, Any], test: Mapping[str, Any]) -> None:
    token = jws.parse(text_of(test["jws"]), max_bytes=MAX_BYTES)
    key = public_part(group)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        try:
            joserfc_jws.deserialize_compact(
                token.text, import_key(key), algorithms=[key.get("alg", "none")]
            )
        except (ValueError, KeyError, TypeError) as error:
            raise SignatureError("refused by the library") from error


def test_jws_framing_in_every_algorithm() -> None:
    found = accepted(JWS, verify_framed_jws)
    assert valid(JWS) - found == set(JWS_FRAMED_STRICTER)
    assert found - valid(JWS) == set(JWS_MISLABELLED)


# Valid by Wycheproof, refused by the framing or by the one algorithm a key names.
JWS_FRAMED_STRICTER: dict[int, str] = {
    346: "signed with PS384 by a key that says PS256",
    347: "the key says ES521, which no algorithm is called",
    350: "signed with PS384 by a key that says PS256",
    351: "the key says ES521, which no algorithm is called",
    372: "a ? inside the header's base64url",
    373: "a ? inside the payload's base64url",
}
# Invalid by Wycheproof for their padding, but the file holds them without any: byte for byte they
# are the token of 372 and 373 without the ?, which is well-formed and rightly signed.
JWS_MISLABELLED = {367, 370}


def test_jws_mislabelled_are_what_is_said_of_them() -> None:
    tokens = {test["tcId"]: text_of(test["jws"]) for _, test in cases(JWS)}
    assert {tokens[i] for i in JWS_MISLABELLED} == {tokens[i].replace("?", "") for i in (372, 373)}


def test_jws_padding_is_refused() -> None:
    """What 367 and 370 meant to show."""
    tokens = {test["tcId"]: test["jws"] for _, test in cases(JWS)}
    header, payload, signature = tokens[367].split(".")
    for spoiled in (f"{header}=.{payload}.{signature}", f"{header}.{payload}==.{signature}"):
        with pytest.raises(EncodingError):
            jws.parse(spoiled, max_bytes=MAX_BYTES)


# ---- JWE ----


def private_key(key: Mapping[str, Any]) -> ec.EllipticCurvePrivateKey:
    if key.get("alg") != jwe.ALGORITHM or key.get("crv") != "P-256":
        raise EncodingError("a key of another algorithm")
    scalar = int.from_bytes(base64url.decode(key["d"]))
    return ec.derive_private_key(scalar, ec.SECP256R1())


def open_jwe(group: Mapping[str, Any], test: Mapping[str, Any]) -> bytes:
    token = text_of(test["jwe"])
    return jwe.open_seal(token, private_key(group["private"]), max_bytes=MAX_BYTES)


def test_jwe_in_our_algorithm() -> None:
    ours = {
        test["tcId"]: test["pt"]
        for group, test in cases(JWE)
        if test["result"] == "valid"
        and group["private"].get("alg") == jwe.ALGORITHM
        and test["enc"] == jwe.ENCRYPTION
    }
    assert set(ours) == {78}
    assert accepted(JWE, open_jwe) == set(ours)
    for group, test in cases(JWE):
        if test["tcId"] in ours:
            assert open_jwe(group, test).hex() == ours[test["tcId"]]


def open_framed_jwe(group: Mapping[str, Any], test: Mapping[str, Any]) -> None:
    token = text_of(test["jwe"])
    for part in token.split("."):
        base64url.decode(part)
    key = group["private"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        try:
            opened = joserfc_jwe.decrypt_compact(
                token, import_key(key), algorithms=[key["alg"], test["enc"]]
            )
        except (ValueError, KeyError, TypeError) as error:
            raise EncodingError("refused by the library") from error
    assert opened.plaintext is not None
    assert opened.plaintext.hex() == test["pt"]


def test_jwe_framing_in_every_algorithm() -> None:
    assert accepted(JWE, open_framed_jwe) == valid(JWE) - set(JWE_LIBRARY_STRICTER)


# Valid by Wycheproof, refused here by the algorithms we would name to the library.
JWE_LIBRARY_STRICTER: dict[int, str] = {
    132: "direct encryption with a key that names the content cipher as its algorithm",
    135: "compressed plaintext",
}


# ---- JWK ----


def read_key_sets(group: Mapping[str, Any], test: Mapping[str, Any]) -> None:
    """Verify or open with the key of the set, read as strictly as we read any key."""
    keys = (group.get("public") or group["private"])["keys"]
    assert "jws" in test or "jwe" in test
    if len(keys) != 1:
        raise EncodingError("a set, where one key is expected")
    key = {name: value for name, value in keys[0].items() if name != "d"}
    public = jwk.read_public(key, alg="ES256")
    jws.verify(jws.parse(text_of(test.get("jws", "")), max_bytes=MAX_BYTES), public)


def test_jwk() -> None:
    """No valid vector of the file is a P-256 key, and none of the invalid ones is accepted."""
    assert accepted(JWK, read_key_sets) == set()
    curves = {
        test["tcId"]
        for group, test in cases(JWK)
        if test["result"] == "valid"
        and any(key["kty"] == "EC" for key in (group.get("public") or group["private"])["keys"])
    }
    assert curves == set()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("invalid_point", "a point off the curve"),
        ("wrong_curve", "not a P-256 key"),
        ("wrong_kty", "not a P-256 key"),
        ("invalid_use", "a key for another use"),
    ],
)
def test_jwk_is_refused_for_the_right_reason(name: str, reason: str) -> None:
    (group,) = (g for g in JWK["testGroups"] if g["comment"] == name)
    for test in group["tests"]:
        with pytest.raises(EncodingError, match=reason):
            read_key_sets(group, test)
