"""Offers that are altered in one way each: page and Python refuse them for the same reason."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from niaga.protocol import envelope
from niaga.protocol.formats import base64url, es256, jws, strict_json
from niaga.protocol.formats.x509 import Role, Use, write_chain
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages import schema
from niaga.protocol.messages.purchase import (
    Checkout,
    Offer,
)
from tests.support.payment import (
    BANK,
    SHOP,
    SHOP_NAME,
    Parties,
    found_pki,
    offered,
)
from tests.wallet.cases import NOW, Case, case_of


def test_an_honest_offer_is_read_alike(lab: Page, parties: Parties) -> None:
    case = case_of(parties)
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
    case = change(case_of(parties))
    assert case.in_javascript(lab).get("code") == code
    # The page tells wrong amounts apart, for the person's sake.
    assert case.in_python() == code.replace("amount_mismatch", "mismatch")
