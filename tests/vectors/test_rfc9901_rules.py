"""Each rule of RFC 9901 by which a verifier must reject, broken once and alone.

RULES lists them by section; where our verifier is stricter than the text, it says so. Rules about
key binding (4.3, 7.3) come together: this protocol has none by policy, and the policy does not
depend on what is shown (7.3, step 1), so any presentation with a key binding token is refused.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol.errors import ProtocolError
from niaga.protocol.formats import base64url, jws, sd_jwt, strict_json

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
KEY = ec.generate_private_key(ec.SECP256R1())
ELEMENT, CLAIM = sd_jwt.disclose("red"), sd_jwt.disclose("size", 40)
INNER = sd_jwt.disclose("deep")
OUTER = sd_jwt.disclose("box", [{"...": sd_jwt.digest(INNER)}])
H = sd_jwt.digest


def payload(**changes: Any) -> dict[str, Any]:
    made = {
        "iss": "https://issuer.example",
        "iat": SECONDS,
        "exp": SECONDS + 300,
        "_sd_alg": "sha-256",
        "_sd": [H(CLAIM), H(OUTER)],
        "colours": [{"...": H(ELEMENT)}, "blue"],
        **changes,
    }
    return {name: value for name, value in made.items() if value is not ...}


def shown(
    claims: dict[str, Any], *disclosures: str, header: dict[str, Any] | None = None, end: str = ""
) -> str:
    token = jws.sign(strict_json.write(claims), KEY, header=header or {"typ": "example+sd-jwt"})
    return "".join(f"{part}~" for part in (token, *disclosures)) + end


def verify(text: str) -> dict[str, Any]:
    return sd_jwt.verify(text, key_of=lambda _: KEY.public_key(), now=NOW, max_bytes=99_999)


def spelled(parts: Any) -> str:
    return base64url.encode(json.dumps(parts).encode())


def with_disclosed_claim(disclosure: str, **changes: Any) -> str:
    return shown(payload(_sd=[H(disclosure)], **changes), disclosure)


def with_disclosed_element(disclosure: str) -> str:
    return shown(payload(colours=[{"...": H(disclosure)}]), disclosure)


def other_key() -> str:
    token = jws.sign(
        strict_json.write(payload()), ec.generate_private_key(ec.SECP256R1()), header={}
    )
    return f"{token}~{CLAIM}~"


def altered() -> str:
    head, _, rest = shown(payload(), CLAIM).partition(".")
    _, _, signature = rest.partition(".")
    body = base64url.encode(strict_json.write(payload(iss="https://other.example")))
    return f"{head}.{body}.{signature}"


def unsigned() -> str:
    head = base64url.encode(b'{"alg":"none"}')
    return f"{head}.{base64url.encode(strict_json.write(payload()))}.~{CLAIM}~"


def by_mac() -> str:
    head = base64url.encode(b'{"alg":"HS256"}')
    body = base64url.encode(strict_json.write(payload()))
    return f"{head}.{body}.{base64url.encode(bytes(32))}~{CLAIM}~"


def key_binding() -> str:
    token = shown(payload(), CLAIM)
    claims = {"iat": SECONDS, "aud": "a", "nonce": "n", "sd_hash": H(token)}
    return token + jws.sign(strict_json.write(claims), KEY, header={"typ": "kb+jwt"})


RULES: list[tuple[str, str, Callable[[], str]]] = [
    ("4", "the last separating ~ must not be omitted", lambda: shown(payload(), CLAIM)[:-1]),
    ("4", "no disclosure is sent more than once", lambda: shown(payload(), CLAIM, CLAIM)),
    ("4", "no empty disclosure", lambda: shown(payload(), CLAIM, "")),
    ("4", "no disclosure without a token", lambda: f"~{CLAIM}~"),
    ("4.1", "_sd conveys digests only", lambda: shown(payload(_sd="size"))),
    ("4.1", "... conveys a digest of an array element only",
     lambda: shown(payload(**{"...": "x"}))),
    ("4.1.1", "_sd_alg is at the top level only",
     lambda: shown(payload(box={"_sd_alg": "sha-256"}))),
    ("4.1.1", "_sd_alg names a known hash", lambda: shown(payload(_sd_alg="sha-512"), CLAIM)),
    ("4.1.1", "_sd_alg is case-sensitive", lambda: shown(payload(_sd_alg="SHA-256"), CLAIM)),
    ("4.1.1", "_sd_alg is text", lambda: shown(payload(_sd_alg=None), CLAIM)),
    ("4.2", "a disclosure is base64url", lambda: shown(payload(), CLAIM + "=")),
    ("4.2", "a disclosure is JSON", lambda: with_disclosed_claim(base64url.encode(b"[salt"))),
    ("4.2.1", "a salt is text", lambda: with_disclosed_claim(spelled([7, "size", 40]))),
    ("4.2.1", "a claim's name is text", lambda: with_disclosed_claim(spelled(["s", 7, 40]))),
    ("4.2.3", "a digest is over the disclosure as it is sent",
     lambda: shown(payload(), base64url.encode(base64url.decode(CLAIM)[:-1] + b" ]"))),
    ("4.2.4.1", "_sd is an array (stricter: the text addresses the issuer)",
     lambda: shown(payload(_sd={"a": 1}))),
    ("4.2.4.1", "_sd holds texts (stricter: the text addresses the issuer)",
     lambda: shown(payload(_sd=[7]))),
    ("4.2.4.2", "an element's digest has no company",
     lambda: shown(payload(colours=[{"...": H(ELEMENT), "x": 1}]), ELEMENT)),
    ("4.2.4.2", "an element's digest is text (stricter: the text addresses the issuer)",
     lambda: shown(payload(colours=[{"...": 7}]))),
    ("7.1 step 2a", "the algorithm is not none", unsigned),
    ("7.1 step 2a", "the algorithm is one deemed secure", by_mac),
    ("7.1 step 2b", "the signature is by the issuer", other_key),
    ("7.1 step 2b", "the signature is of this payload", altered),
    ("7.1 step 2b", "critical headers are understood (RFC 7515, 4.1.11)",
     lambda: shown(payload(), CLAIM, header={"crit": ["b64"], "b64": True})),
    ("7.1 step 2c", "the key is the issuer's, not one brought along",
     lambda: shown(payload(), CLAIM, header={"jwk": {"kty": "EC"}})),
    ("7.1 step 3.c.ii.1", "a claim's disclosure has three elements, not two",
     lambda: with_disclosed_claim(ELEMENT)),
    ("7.1 step 3.c.ii.1", "a claim's disclosure has three elements, not four",
     lambda: with_disclosed_claim(spelled(["s", "size", 40, 1]))),
    ("7.1 step 3.c.ii.1", "a claim's disclosure is an array",
     lambda: with_disclosed_claim(spelled({"size": 40}))),
    ("7.1 step 3.c.ii.2", "a claim is not named _sd",
     lambda: with_disclosed_claim(spelled(["s", "_sd", []]))),
    ("7.1 step 3.c.ii.2", "a claim is not named ...",
     lambda: with_disclosed_claim(spelled(["s", "...", "x"]))),
    ("7.1 step 3.c.ii.2", "a claim is not named _sd_alg (stricter)",
     lambda: with_disclosed_claim(spelled(["s", "_sd_alg", "sha-256"]))),
    ("7.1 step 3.c.ii.3", "a claim is not there already",
     lambda: with_disclosed_claim(spelled(["s", "iss", "x"]))),
    ("7.1 step 3.c.ii.3", "two disclosures do not name one claim",
     lambda: shown(payload(_sd=[H(CLAIM), H(other := spelled(["s", "size", 41]))]), CLAIM, other)),
    ("7.1 step 3.c.iii.1", "an element's disclosure has two elements, not three",
     lambda: with_disclosed_element(CLAIM)),
    ("7.1 step 3.c.iii.1", "an element's disclosure has two elements, not one",
     lambda: with_disclosed_element(spelled(["s"]))),
    ("7.1 step 3.c.iii.1", "an element's disclosure is an array",
     lambda: with_disclosed_element(spelled("red"))),
    ("7.1 step 4", "no digest occurs twice in one place",
     lambda: shown(payload(_sd=[H(CLAIM), H(CLAIM)]), CLAIM)),
    ("7.1 step 4", "no digest occurs twice in two places",
     lambda: shown(payload(more=[{"...": H(ELEMENT)}]), ELEMENT)),
    ("7.1 step 4", "no digest occurs twice, disclosed or not",
     lambda: shown(payload(more=[{"...": H(ELEMENT)}]))),
    ("7.1 step 4", "no digest occurs twice through other disclosures",
     lambda: shown(payload(more=[{"...": H(INNER)}]), OUTER, INNER)),
    ("7.1 step 5", "every disclosure is referred to",
     lambda: shown(payload(), CLAIM, sd_jwt.disclose("role", "admin"))),
    ("7.1 step 5", "every disclosure is referred to, its parent being shown",
     lambda: shown(payload(), INNER)),
    ("7.1 step 6", "not before nbf", lambda: shown(payload(nbf=SECONDS + 1), CLAIM)),
    ("7.1 step 6", "not after exp", lambda: shown(payload(exp=SECONDS), CLAIM)),
    ("7.1 step 6", "not issued in the future", lambda: shown(payload(iat=SECONDS + 1), CLAIM)),
    ("7.1 step 6, 9.7", "exp is not missing", lambda: shown(payload(exp=...), CLAIM)),
    ("7.1 step 6", "a disclosed exp counts",
     lambda: with_disclosed_claim(spelled(["s", "exp", SECONDS]), exp=...)),
    ("7.1 step 6", "a time is a number", lambda: shown(payload(exp="tomorrow"), CLAIM)),
    ("4.3, 7.3", "no key binding token, where the policy has none", key_binding),
    ("4.3, 7.3", "nothing else in its place", lambda: shown(payload(), CLAIM, end="garbage")),
    ("8", "no JWS JSON serialisation, which is not supported",
     lambda: json.dumps({"payload": "e30", "disclosures": [CLAIM], "signature": "AA"})),
]  # fmt: skip


@pytest.mark.parametrize(
    ("section", "rule", "broken"), RULES, ids=[f"{section}: {rule}" for section, rule, _ in RULES]
)
def test_rule(section: str, rule: str, broken: Callable[[], str]) -> None:
    with pytest.raises(ProtocolError):
        verify(broken())


def test_what_keeps_every_rule_is_accepted() -> None:
    plain = {"iss": "https://issuer.example", "iat": SECONDS, "exp": SECONDS + 300}
    assert verify(shown(payload())) == {**plain, "colours": ["blue"]}
    assert verify(shown(payload(), CLAIM)) == {**plain, "colours": ["blue"], "size": 40}
    everything = verify(shown(payload(), INNER, CLAIM, ELEMENT, OUTER))
    assert everything == {**plain, "colours": ["red", "blue"], "size": 40, "box": ["deep"]}


def test_an_object_left_empty_is_an_empty_object() -> None:
    claims = verify(shown(payload(box={"_sd": [H(INNER)]})))
    assert claims["box"] == {}


def test_the_clock_of_the_issuer_may_be_ahead_by_what_is_allowed() -> None:
    text = shown(payload(iat=SECONDS + 60), CLAIM)
    claims = sd_jwt.verify(
        text, key_of=lambda _: KEY.public_key(), now=NOW, max_bytes=99_999, skew_s=60
    )
    assert claims["size"] == 40
