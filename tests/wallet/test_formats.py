"""The page's modules in a real browser against the protocol's Python code, in both directions."""

import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Page

from niaga.protocol import authority, envelope
from niaga.protocol.envelope import Signer, open_signed, read_plain
from niaga.protocol.errors import ProtocolError
from niaga.protocol.formats import base64url, jwe, jws, status_list, strict_json
from niaga.protocol.formats.x509 import write_chain
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.gateway.authorization import Decision
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages import schema
from niaga.protocol.messages.enrolment import CardData, CardholderRenewal
from niaga.protocol.messages.purchase import (
    AuthorizationRequest,
    PaymentRequest,
    PaymentResponse,
    PurchaseInit,
)
from tests.support.payment import (
    BANK,
    BRAND,
    SHOP,
    Parties,
    Payment,
    offered,
)
from tests.support.payment import approved as approved_decision
from tests.wallet.cases import NOW, Case, case_of

SIGN = """
async ({ answer, asked, origin, statuses, now, chain, pkcs8, instrument, sca }) => {
  const purchase = await import("/js/protocol/purchase.js");
  const { pastTrust } = await import("/js/protocol/trust.js");
  const { fromBase64url } = await import("/js/formats/bytes.js");
  const privateKey = await crypto.subtle.importKey(
    "pkcs8", fromBase64url(pkcs8), { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const trust = pastTrust(statuses);
  const offer = await purchase.verifyOffer(answer, { asked, origin, trust, now });
  const signed = await purchase.signPurchase(offer, { privateKey, x5c: chain, instrument }, now);
  return { request: await purchase.sealPurchase(signed, offer, sca), dsHash: signed.dsHash };
}
"""


def _key(signer: Signer) -> str:
    return base64url.encode(
        signer.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _requested(lab: Page, case: Case) -> PaymentRequest:
    world = case.payment.world
    made = lab.evaluate(
        SIGN,
        {
            "answer": case.answer,
            "asked": schema.write(case.payment.asked),
            "origin": SHOP,
            "statuses": world.pki.statuses(now=NOW),
            "now": NOW.timestamp() * 1000,
            "chain": write_chain(world.buyer.chain),
            "pkcs8": _key(world.buyer),
            "instrument": schema.write(world.instrument),
            "sca": None,
        },
    )
    return schema.read(PaymentRequest, made["request"])


def test_what_the_page_signs_convinces_merchant_and_gateway(lab: Page, parties: Parties) -> None:
    case = case_of(parties)
    request = _requested(lab, case)
    checked = case.payment.check(request, now=NOW).ask(now=NOW)
    opened = _opened(checked, parties)
    assert opened.mandate.payment_instrument == parties.instrument
    assert opened.mandate.payment_amount == case.payment.amount
    assert opened.sca is None


def _opened(checked: Payment, parties: Parties) -> gateway.CheckedAuthorization:
    opened = gateway.authenticate(
        AuthorizationRequest, checked.auth_req, me=BANK, trust=parties.trust, now=NOW
    )
    return gateway.check_authorization(opened, keys=parties.keys, trust=parties.trust, now=NOW)


def test_every_request_is_sealed_anew_and_of_one_length(lab: Page, parties: Parties) -> None:
    case = case_of(parties)
    first, second = _requested(lab, case), _requested(lab, case)
    assert first.pi != second.pi
    assert len(first.pi) == len(second.pi)
    assert first.oi != second.oi


VERIFY_ANSWER = """
async ({ text, purchase, statuses, now }) => {
  const { verifyAnswer } = await import("/js/protocol/purchase.js");
  const { pastTrust } = await import("/js/protocol/trust.js");
  try {
    const trust = pastTrust(statuses);
    const { response, receipt } = await verifyAnswer(text, purchase, { trust, now });
    return { status: response.message.status, result: receipt?.message.result ?? null };
  } catch (error) {
    return { code: error.code };
  }
}
"""


def _answered(lab: Page, payment: Payment, text: str) -> dict[str, Any]:
    world = payment.world
    assert payment.signed
    terms = payment.signed.offer.offer.message
    found: dict[str, Any] = lab.evaluate(
        VERIFY_ANSWER,
        {
            "text": text,
            "purchase": {
                "terms": schema.write(terms),
                "merchantX5t": payment.signed.offer.merchant.thumbprint,
                "buyer": payment.signed.buyer,
                "dsHash": payment.signed.ds_hash,
            },
            "statuses": world.pki.statuses(now=NOW),
            "now": NOW.timestamp() * 1000,
        },
    )
    return found


def _paid(parties: Parties) -> Payment:
    asked = offered(parties, now=NOW).verified(now=NOW).sign(now=NOW).sealed()
    admitted = asked.check(now=NOW).ask(now=NOW).admit(now=NOW)
    return admitted.decide(approved_decision(NOW), now=NOW).accept(now=NOW).answer(now=NOW)


def test_an_answer_is_believed(lab: Page, parties: Parties) -> None:
    done = _paid(parties)
    assert _answered(lab, done, done.pres) == {"status": "paid", "result": "approved"}


def test_paid_without_the_gateways_receipt_is_not_believed(lab: Page, parties: Parties) -> None:
    done = _paid(parties)
    assert done.checked
    bare = merchant.answer_payment(
        done.checked.signature,
        order_id="NG-1",
        status="pending",
        receipt=None,
        signer=parties.shop,
        now=NOW,
    )
    told = replace(envelope.peek(PaymentResponse, bare), status="paid")
    assert _answered(lab, done, envelope.sign(told, parties.shop)) == {"code": "schema_invalid"}


def test_another_payments_answer_is_not_believed(lab: Page, parties: Parties) -> None:
    first, second = _paid(parties), _paid(parties)
    assert _answered(lab, first, second.pres) == {"code": "mismatch"}


def test_declined_can_not_be_told_as_paid(lab: Page, parties: Parties) -> None:
    asked = offered(parties, now=NOW).verified(now=NOW).sign(now=NOW).sealed()
    admitted = asked.check(now=NOW).ask(now=NOW).admit(now=NOW)
    no = Decision("declined", reason="insufficient_funds")
    done = admitted.decide(no, now=NOW).accept(now=NOW).answer("declined", now=NOW)
    told = replace(envelope.peek(PaymentResponse, done.pres), status="paid")
    assert _answered(lab, done, envelope.sign(told, parties.shop)) == {"code": "mismatch"}
    assert _answered(lab, done, done.pres) == {"status": "declined", "result": "declined"}


def test_a_signing_request_proves_its_key(lab: Page) -> None:
    nonce = merchant.new_reference()
    made = lab.evaluate(
        """async (nonce) => {
             const { newKey } = await import("/js/formats/es256.js");
             const { makeRequest } = await import("/js/formats/csr.js");
             const keys = await newKey();
             const { x } = await crypto.subtle.exportKey("jwk", keys.publicKey);
             return { csr: await makeRequest(keys, nonce), x, out: keys.privateKey.extractable };
           }""",
        nonce,
    )
    key = authority.read_csr(base64url.decode(made["csr"]), nonce=nonce)
    assert base64url.encode(key.public_numbers().x.to_bytes(32)) == made["x"]
    assert made["out"] is False


def test_only_the_issuer_opens_a_card(lab: Page, parties: Parties) -> None:
    sealed = lab.evaluate(
        """async (x5c) => {
             const { sealPadded } = await import("/js/protocol/envelope.js");
             const x509 = await import("/js/formats/x509.js");
             const [certificate] = x509.readChain(x5c);
             const identity = { certificate, thumbprint: await x509.thumbprint(certificate) };
             const card = {
               pan: "4000001234567899", expiry: "2031-08", holder: "Siti Nurhaliza", cvc: "321",
             };
             return sealPadded("CardData", card, 512, identity, { apv: "bound" });
           }""",
        write_chain(parties.bank_opening.chain),
    )
    seal = jwe.inspect(sealed, max_bytes=2048)
    assert (seal.kid, seal.apu, seal.apv) == (parties.bank_opening.thumbprint, "", "bound")
    content = jwe.open_seal(sealed, parties.bank_opening.key, max_bytes=2048)
    assert envelope.read_padded(CardData, content, 512).holder == "Siti Nurhaliza"


def test_the_old_key_asks_for_the_next_certificate(lab: Page, parties: Parties) -> None:
    nonce = merchant.new_reference()
    text = lab.evaluate(
        """async ({ nonce, pkcs8, x5c, now }) => {
             const { prepareRenewal } = await import("/js/protocol/enrolment.js");
             const { fromBase64url } = await import("/js/formats/bytes.js");
             const privateKey = await crypto.subtle.importKey(
               "pkcs8", fromBase64url(pkcs8),
               { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
             return (await prepareRenewal({ nonce }, { privateKey, x5c }, now)).text;
           }""",
        {
            "nonce": nonce,
            "pkcs8": _key(parties.buyer),
            "x5c": write_chain(parties.buyer.chain),
            "now": NOW.timestamp() * 1000,
        },
    )
    opened = open_signed(CardholderRenewal, text, trust=parties.trust, now=NOW)
    assert opened.identity.subject == "buyer-1"
    authority.read_csr(base64url.decode(opened.message.csr), nonce=nonce)


def test_certificates_of_other_forms_are_not_read(lab: Page, parties: Parties) -> None:
    leaf = parties.shop.chain[0].public_bytes(serialization.Encoding.DER)
    altered = {
        "cut short": leaf[:-1],
        "something behind": leaf + b"\0",
        "a long form of a short length": leaf.replace(
            b"\x30\x0a\x06\x08", b"\x30\x81\x0a\x06\x08", 1
        ),
    }
    for name, der in altered.items():
        found = lab.evaluate(
            """async (der) => {
                 const { parse } = await import("/js/formats/x509.js");
                 const { fromBase64url } = await import("/js/formats/bytes.js");
                 try { parse(fromBase64url(der)); } catch (error) { return error.code; }
                 return "read";
               }""",
            base64url.encode(der),
        )
        assert found == "certificate_invalid", name
    assert x509.load_der_x509_certificate(leaf)


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ('{"a":1,"b":[{"a":2}]}', True),
        ('{"a":1,"a":1}', False),
        ('{"a":{"b":1,"b":2}}', False),
        ('{"a":"\\"a\\":"}', True),
        ('{"a":1.5}', False),
        ('{"a":9007199254740993}', False),
        ('{"a":NaN}', False),
        ('{"a":"\\ud800"}', False),
        ("[1]", False),
        ('\ufeff{"a":1}', False),
        ("{" + '"a":{' * 20 + "}" * 21, False),
    ],
)
def test_json_means_one_thing(lab: Page, text: str, *, is_read: bool) -> None:
    found = lab.evaluate(
        """async (text) => {
             const { readObject } = await import("/js/formats/json.js");
             try { readObject(new TextEncoder().encode(text)); return true; } catch (error) {
               if (error.code !== "encoding_invalid") throw error;
               return false;
             }
           }""",
        text,
    )
    assert found is is_read


def test_schemas_are_the_protocols_own(lab: Page) -> None:
    asked = PurchaseInit(n_c=merchant.new_reference(), brand=BRAND)
    good = schema.write(asked)
    cases = [
        good,
        good | {"brand": ""},
        good | {"brand": "x" * 65},
        good | {"brand": "\U0001f9fa" * 64},
        good | {"brand": "a\nb"},
        good | {"n_c": good["n_c"][:-1]},
        good | {"n_c": good["n_c"][:-1] + "B"},
        good | {"n_c": None},
        good | {"more": 1},
        {"brand": BRAND},
    ]
    for case in cases:
        found = lab.evaluate(
            """async (value) => {
                 const { read } = await import("/js/formats/schema.js");
                 try { read("PurchaseInit", value); return true; } catch { return false; }
               }""",
            case,
        )
        try:
            read_plain(PurchaseInit, strict_json.write(case))
            expected = True
        except ProtocolError:
            expected = False
        assert found is expected, case


INFLATE = """
async ({ text, x5c, now }) => {
  const { verify } = await import("/js/formats/status_list.js");
  const { parse } = await import("/js/formats/x509.js");
  const { fromBase64 } = await import("/js/formats/bytes.js");
  try {
    const list = await verify(text, parse(fromBase64(x5c)), now);
    return [0, 1, 7, 8, 255, 256, 1e6].map((index) => list.isRevoked(index));
  } catch (error) { return error.code; }
}
"""


def _judged(lab: Page, text: str, parties: Parties) -> Any:
    (x5c,) = write_chain([parties.pki.brand.certificate])
    told = {"text": text, "x5c": x5c, "now": NOW.timestamp() * 1000}
    return lab.evaluate(INFLATE, told)


def test_a_status_list_is_read_alike(lab: Page, parties: Parties) -> None:
    brand = parties.pki.brand
    text = authority.sign_status(brand, {1, 255}, entries=256, now=NOW)
    found = status_list.verify(text, brand.key.public_key(), subject=brand.thumbprint, now=NOW)
    expected = [found.is_revoked(index) for index in (0, 1, 7, 8, 255, 256, 1_000_000)]
    assert expected == [False, True, False, False, True, True, True]
    assert _judged(lab, text, parties) == expected


def test_bad_status_lists_are_not_read(lab: Page, parties: Parties) -> None:
    brand, root = parties.pki.brand, parties.pki.root
    over = authority.sign_status(brand, (), entries=256, now=NOW - timedelta(days=60))
    assert _judged(lab, over, parties) == "status_unknown"
    others = authority.sign_status(root, (), entries=256, now=NOW)
    assert _judged(lab, others, parties) == "signature_invalid"
    for content, code in ((b"no zlib", "encoding_invalid"), (_bomb(), "too_large")):
        assert _judged(lab, _list_of(content, parties), parties) == code


def _bomb() -> bytes:
    return zlib.compress(bytes(4_000_000), 9)


def _list_of(content: bytes, parties: Parties) -> str:
    seconds = int(NOW.timestamp())
    payload = {
        "sub": parties.pki.brand.thumbprint,
        "iat": seconds,
        "exp": seconds + 600,
        "ttl": 300,
        "status_list": {"bits": 1, "lst": base64url.encode(content)},
    }
    header = {"typ": status_list.TYPE}
    return jws.sign(strict_json.write(payload), parties.pki.brand.key, header=header)
