"""The page's modules in a real browser against the protocol's Python code, in both directions."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Page

from niaga.protocol import authority, envelope
from niaga.protocol.envelope import Signer, open_signed, read_plain
from niaga.protocol.errors import ProtocolError
from niaga.protocol.formats import base64url, es256, jwe, jws, strict_json
from niaga.protocol.formats.x509 import Role, Use, write_chain
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.gateway.authorization import Decision
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages import schema
from niaga.protocol.messages.enrolment import CardData, CardholderRenewal
from niaga.protocol.messages.purchase import (
    AuthorizationRequest,
    Checkout,
    Instrument,
    Offer,
    OfferAnswer,
    PaymentRequest,
    PaymentResponse,
    PurchaseInit,
)
from niaga.protocol.wallet import purchase as wallet
from tests.support.payment import (
    BANK,
    BRAND,
    SHOP,
    SHOP_NAME,
    Authenticator,
    Parties,
    Payment,
    found_pki,
    offered,
)
from tests.support.payment import approved as approved_decision
from tests.wallet.town import Town

NOW = datetime.now(UTC).replace(microsecond=0)

VERIFY_OFFER = """
async ({ answer, asked, origin, statuses, now }) => {
  const { verifyOffer } = await import("/js/protocol/purchase.js");
  const { pastTrust } = await import("/js/protocol/trust.js");
  try {
    const found = await verifyOffer(answer, { asked, origin, trust: pastTrust(statuses), now });
    return { amount: found.offer.message.amount, digest: found.offer.digest,
             payee: found.merchant.name, lines: found.checkout.message.lines.length };
  } catch (error) {
    return { code: error.code, what: error.message };
  }
}
"""


@pytest.fixture(scope="module")
def parties(_running: Town) -> Parties:
    """Everyone of the protocol's own world, under the root that the page believes."""
    pki = _running.pki

    def enrol(role: Role, use: Use, index: int, subject: str, name: str = "") -> Signer:
        return pki.enrol(role, use, subject=subject, name=name, index=index, now=NOW)

    return Parties(
        pki=pki,
        trust=pki.trust(now=NOW),
        buyer=enrol(Role.CARDHOLDER, Use.SIGN, 51, "buyer-1"),
        shop=enrol(Role.MERCHANT, Use.SIGN, 52, SHOP, SHOP_NAME),
        bank=enrol(Role.GATEWAY, Use.SIGN, 53, BANK, "Bank Contoh"),
        bank_opening=enrol(Role.GATEWAY, Use.ENCRYPT, 54, BANK, "Bank Contoh"),
        authenticator=Authenticator(),
        instrument=Instrument(id=merchant.new_reference(), type="card"),
    )


@dataclass(frozen=True)
class Case:
    """What the wallet is told, and by whose lists and clock it judges."""

    payment: Payment
    answer: dict[str, Any]
    origin: str = SHOP
    now: datetime = NOW
    revoked: dict[str, set[int]] | None = None
    lists: bool = True

    def with_offer(self, **changes: Any) -> "Case":
        """Return the case with an offer that the shop signs otherwise."""
        told = envelope.peek(Offer, self.answer["offer"])
        token = envelope.sign(replace(told, **changes), self.payment.world.shop)
        return self.told(offer=token)

    def told(self, **changes: Any) -> "Case":
        return replace(self, answer={**self.answer, **changes})

    def in_javascript(self, page: Page) -> dict[str, Any]:
        statuses = self.payment.world.pki.statuses(revoked=self.revoked, now=self.now)
        found: dict[str, Any] = page.evaluate(
            VERIFY_OFFER,
            {
                "answer": self.answer,
                "asked": schema.write(self.payment.asked),
                "origin": self.origin,
                "statuses": statuses if self.lists else {},
                "now": self.now.timestamp() * 1000,
            },
        )
        return found

    def in_python(self) -> str:
        pki = self.payment.world.pki
        trust = pki.trust(revoked=self.revoked, now=self.now)
        trust = trust if self.lists else replace(trust, statuses={})
        try:
            wallet.verify_offer(
                schema.read(OfferAnswer, self.answer),
                asked=self.payment.asked,
                origin=self.origin,
                trust=trust,
                now=self.now,
            )
        except ProtocolError as error:
            return error.code
        return ""


def _case(parties: Parties) -> Case:
    payment = offered(parties, now=NOW)
    return Case(payment, schema.write(payment.made.answer))


def test_an_honest_offer_is_read_alike(lab: Page, parties: Parties) -> None:
    case = _case(parties)
    found = case.in_javascript(lab)
    told = case.payment.verified(now=NOW).offer
    assert told
    assert found == {
        "amount": schema.write(told.offer.message.amount),
        "digest": told.offer.digest,
        "payee": SHOP_NAME,
        "lines": 2,
    }


def _payload_changed(token: str, **changes: Any) -> str:
    header, payload, signature = token.split(".")
    told = json.loads(base64url.decode(payload)) | changes
    return f"{header}.{base64url.encode(strict_json.write(told))}.{signature}"


def _other_half(token: str) -> str:
    statement, _, signature = token.rpartition(".")
    made = base64url.decode(signature)
    s = es256.ORDER - int.from_bytes(made[32:])
    return f"{statement}.{base64url.encode(made[:32] + s.to_bytes(32))}"


def _padded(token: str) -> str:
    return token.replace(".", "=.", 1)


def _of_a_stranger(case: Case) -> Case:
    stranger = found_pki(now=NOW).enrol(
        Role.MERCHANT, Use.SIGN, subject=SHOP, name=SHOP_NAME, now=NOW
    )
    made = offered(
        replace(case.payment.world, shop=stranger, trust=case.payment.world.trust), now=NOW
    )
    return replace(case, payment=made, answer=schema.write(made.made.answer))


def _signed_by_the_bank(case: Case) -> Case:
    told = envelope.peek(Offer, case.answer["offer"])
    return case.told(offer=envelope.sign(told, case.payment.world.bank))


def _with_another_header(case: Case) -> Case:
    world = case.payment.world
    told = envelope.peek(Offer, case.answer["offer"])
    header = {"typ": Offer.TYPE, "x5c": write_chain(world.shop.chain), "crit": ["b64"], "b64": True}
    return case.told(
        offer=jws.sign(strict_json.write(schema.write(told)), world.shop.key, header=header)
    )


def _with_a_name_twice(case: Case) -> Case:
    world = case.payment.world
    told = strict_json.write(schema.write(envelope.peek(Offer, case.answer["offer"])))
    header = {"typ": Offer.TYPE, "x5c": write_chain(world.shop.chain)}
    twice = told[:-1] + b',"xid":' + told.split(b'"xid":')[1].split(b",")[0] + b"}"
    return case.told(offer=jws.sign(twice, world.shop.key, header=header))


def _with_another_order(case: Case) -> Case:
    told = envelope.peek(Checkout, case.answer["checkout_jwt"])
    other = replace(told, salt=merchant.new_reference())
    return case.told(checkout_jwt=envelope.sign(other, case.payment.world.shop))


def _with_lines_that_do_not_add_up(case: Case) -> Case:
    told = envelope.peek(Checkout, case.answer["checkout_jwt"])
    lines = (replace(told.lines[0], total_minor=told.lines[0].total_minor + 100), *told.lines[1:])
    token = envelope.sign(replace(told, lines=lines), case.payment.world.shop)
    digest = envelope.digest_of(token, Checkout)
    return case.told(checkout_jwt=token).with_offer(checkout_hash=digest)


def _merchant_revoked(case: Case) -> Case:
    above = case.payment.world.pki.roles[Role.MERCHANT].thumbprint
    return replace(case, revoked={above: {52}})


def _authority_revoked(case: Case) -> Case:
    return replace(case, revoked={case.payment.world.pki.brand.thumbprint: {1}})


def _gateway_of_another_name(case: Case) -> Case:
    gw = envelope.peek(Offer, case.answer["offer"]).gw
    return case.with_offer(gw=replace(gw, id="https://rogue.example", url="https://rogue.example"))


def _another_opening_key(case: Case) -> Case:
    rogue = case.payment.world.pki.enrol(
        Role.GATEWAY, Use.ENCRYPT, subject=BANK, name="Bank Contoh", index=60, now=NOW
    )
    return case.told(gw_enc_x5c=write_chain(rogue.chain))


type Change = Callable[[Case], Case]
REFUSED: dict[str, tuple[Change, str]] = {
    "another question": (lambda c: c.with_offer(n_c=merchant.new_reference()), "mismatch"),
    "another site": (lambda c: replace(c, origin="https://shop.example:444"), "mismatch"),
    "another amount, signed": (
        lambda c: c.with_offer(amount=merchant.Amount(currency="IDR", minor=1)),
        "amount_mismatch",
    ),
    "another currency, signed": (
        lambda c: c.with_offer(amount=merchant.Amount(currency="USD", minor=15_000_000)),
        "amount_mismatch",
    ),
    "another amount, not signed": (
        lambda c: c.told(
            offer=_payload_changed(c.answer["offer"], amount={"currency": "IDR", "minor": 1})
        ),
        "signature_invalid",
    ),
    "lines that do not add up": (_with_lines_that_do_not_add_up, "amount_mismatch"),
    "another order": (_with_another_order, "mismatch"),
    "expired": (lambda c: replace(c, now=NOW + timedelta(minutes=16)), "stale"),
    "from the future": (
        lambda c: c.with_offer(iat=int(NOW.timestamp()) + 120, exp=int(NOW.timestamp()) + 600),
        "stale",
    ),
    "certificates over": (
        lambda c: replace(c, now=NOW + timedelta(days=100)),
        "certificate_expired",
    ),
    "certificates not yet": (
        lambda c: replace(c, now=NOW - timedelta(days=1)),
        "certificate_expired",
    ),
    "merchant of another root": (_of_a_stranger, "certificate_invalid"),
    "signed by the gateway": (_signed_by_the_bank, "certificate_role"),
    "merchant withdrawn": (_merchant_revoked, "certificate_revoked"),
    "authority withdrawn": (_authority_revoked, "certificate_revoked"),
    "no status lists": (lambda c: replace(c, lists=False), "status_unknown"),
    "gateway's chains swapped": (
        lambda c: c.told(gw_sig_x5c=c.answer["gw_enc_x5c"], gw_enc_x5c=c.answer["gw_sig_x5c"]),
        "certificate_role",
    ),
    "gateway of another name": (_gateway_of_another_name, "mismatch"),
    "another opening key": (_another_opening_key, "mismatch"),
    "twin of the signature": (
        lambda c: c.told(offer=_other_half(c.answer["offer"])),
        "signature_invalid",
    ),
    "padded base64": (lambda c: c.told(offer=_padded(c.answer["offer"])), "schema_invalid"),
    "critical header": (_with_another_header, "schema_invalid"),
    "a name twice": (_with_a_name_twice, "encoding_invalid"),
    "order in the offer's place": (
        lambda c: c.told(offer=c.answer["checkout_jwt"]),
        "schema_invalid",
    ),
    "an unknown field": (lambda c: c.told(more=1), "schema_invalid"),
    "a missing field": (
        lambda c: replace(c, answer={k: v for k, v in c.answer.items() if k != "gw_sig_x5c"}),
        "schema_invalid",
    ),
    "too large": (lambda c: c.told(offer=c.answer["offer"] + "A" * 12_288), "schema_invalid"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_offer_is_refused_alike(lab: Page, parties: Parties, name: str) -> None:
    change, code = REFUSED[name]
    case = change(_case(parties))
    assert case.in_javascript(lab).get("code") == code
    # The page tells wrong amounts apart, for the person's sake.
    assert case.in_python() == code.replace("amount_mismatch", "mismatch")


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
    case = _case(parties)
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
    case = _case(parties)
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
