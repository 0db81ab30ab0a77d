"""Evidence convinces someone who was not there, and breaks at any altered place."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from niaga.protocol import evidence
from niaga.protocol.envelope import peek
from niaga.protocol.errors import EvidenceError
from niaga.protocol.formats import base64url, jws, strict_json
from niaga.protocol.formats.x509 import write_chain
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.gateway.operations import answer_operation
from niaga.protocol.merchant.operations import Desk
from niaga.protocol.merchant.purchase import new_reference
from niaga.protocol.messages import schema
from niaga.protocol.messages.operations import Capture, Credit
from niaga.protocol.messages.proof import MerchantEvidence
from tests.support import payment
from tests.support.payment import BANK, NOW, SHOP, Payment

DAY = timedelta(days=1)


def operations(done: Payment) -> list[tuple[str, str]]:
    """Return a capture two hours later and a credit the next day, both done."""
    world = done.world
    assert done.answered
    desk = Desk(SHOP, BANK, world.shop)
    auth_id = done.answered.response.message.auth_id
    assert auth_id
    xid, amount = done.made.xid, done.amount
    later, next_day = NOW + timedelta(hours=2), NOW + DAY + timedelta(hours=1)
    trust = world.pki.trust(now=next_day)
    asked = desk.capture(xid=xid, auth_id=auth_id, seq=1, amount=amount, now=later)
    opened = gateway.authenticate(Capture, asked, me=BANK, trust=world.trust, now=later)
    capture_id = new_reference()
    told = answer_operation(opened, result="done", made=capture_id, signer=world.bank, now=later)
    back = replace(amount, minor=amount.minor // 3)
    asked_back = desk.credit(xid=xid, capture_id=capture_id, seq=2, amount=back, now=next_day)
    credit = gateway.authenticate(Credit, asked_back, me=BANK, trust=trust, now=next_day)
    told_back = answer_operation(
        credit, result="done", made=new_reference(), signer=world.bank, now=next_day
    )
    return [(asked, told), (asked_back, told_back)]


def kept(done: Payment) -> evidence.Kept:
    pki = done.world.pki
    lists = [*pki.statuses().values(), *pki.statuses(now=NOW + DAY).values()]
    return evidence.Kept(
        auth_req=done.auth_req,
        auth_res=done.auth_res,
        operations=operations(done),
        authorities=[a.certificate for a in pki.authorities()],
        statuses=lists,
    )


@cache
def merchant_evidence() -> str:
    done = payment.paid()
    assert done.signed
    return evidence.export_merchant(
        kept(done),
        offer=done.made.offer,
        checkout=done.made.checkout,
        oi=done.signed.oi,
        pres=done.pres,
        signer=done.world.shop,
        now=NOW + DAY + timedelta(hours=2),
    )


@cache
def gateway_evidence() -> str:
    done = payment.paid()
    assert done.signed
    return evidence.export_gateway(
        kept(done),
        payment_half=done.signed.payment_half,
        signer=done.world.bank,
        now=NOW + DAY + timedelta(hours=2),
    )


def roots() -> list[Any]:
    return [payment.parties().pki.root.certificate]


def test_merchant_evidence_proves_order_amount_and_operations() -> None:
    proof = evidence.verify(merchant_evidence(), roots=roots())
    assert proof.order is not None
    assert proof.order.lines[0].name == payment.ITEM
    assert (proof.result, proof.amount.minor) == ("approved", 150_000_00)
    assert [moved.operation for moved in proof.moved] == ["capture", "credit"]
    names = (proof.merchant.subject, proof.gateway.subject, proof.buyer.subject)
    assert names == (SHOP, BANK, "buyer-1")
    assert proof.signed_at == NOW


def test_gateway_evidence_proves_the_same_without_the_order() -> None:
    proof = evidence.verify(gateway_evidence(), roots=roots())
    assert proof.order is None
    assert (proof.result, proof.amount.minor) == ("approved", 150_000_00)
    assert proof.exporter.subject == BANK


def unpacked(text: str) -> bytes:
    """Return a token and all tokens and disclosures in it, decoded, for searching."""
    found, todo = b"", [text]
    while todo:
        part = todo.pop()
        found += part.encode() + b"\n"
        try:
            content = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
            value = json.loads(content)
        except (ValueError, UnicodeDecodeError):
            todo += [piece for piece in part.split(".") if piece != part]
            continue
        found += content + b"\n"
        todo += [item for item in flat(value) if len(item) > 20]
    return found


def flat(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in flat(item)]
    return [text for item in value for text in flat(item)] if isinstance(value, list) else []


def test_each_side_proves_without_the_other_half() -> None:
    order, instrument = payment.ITEM.encode(), payment.parties().instrument.id.encode()
    merchant_side, gateway_side = unpacked(merchant_evidence()), unpacked(gateway_evidence())
    assert order in merchant_side
    assert instrument in gateway_side
    assert instrument not in merchant_side
    assert order not in gateway_side


def test_another_root_believes_nothing() -> None:
    other = payment.found_pki()
    with pytest.raises(EvidenceError):
        evidence.verify(merchant_evidence(), roots=[other.root.certificate])


def spoiled(text: str, name: str, value: Any) -> str:
    """Return the evidence with one field altered and the outer signature made anew."""
    fields = schema.write(peek(MerchantEvidence, text))
    signer = payment.parties().shop
    payload = strict_json.write({**fields, name: value})
    header = {"typ": MerchantEvidence.TYPE, "x5c": write_chain(signer.chain)}
    return jws.sign(payload, signer.key, header=header)


def flipped(token: str) -> str:
    """Return `token` with one bit of its first byte of payload, or of itself, altered."""
    parts = token.split(".")
    place = 1 if len(parts) > 1 else 0
    content = bytearray(base64url.decode(parts[place]))
    content[len(content) // 2] ^= 1
    parts[place] = base64url.encode(bytes(content))
    return ".".join(parts)


TOKENS = ["offer", "checkout_jwt", "oi", "auth_req", "auth_res", "pres"]


@pytest.mark.parametrize("name", TOKENS)
def test_an_altered_token_fails_even_if_the_exporter_signs_it(name: str) -> None:
    value = getattr(peek(MerchantEvidence, merchant_evidence()), name)
    with pytest.raises(EvidenceError):
        evidence.verify(spoiled(merchant_evidence(), name, flipped(value)), roots=roots())


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_of_another_purchase_fails(name: str) -> None:
    other = payment.paid()
    assert other.signed
    values = {
        "offer": other.made.offer,
        "checkout_jwt": other.made.checkout,
        "oi": other.signed.oi,
        "auth_req": other.auth_req,
        "auth_res": other.auth_res,
        "pres": other.pres,
    }
    with pytest.raises(EvidenceError):
        evidence.verify(spoiled(merchant_evidence(), name, values[name]), roots=roots())


def test_an_operation_of_another_purchase_fails() -> None:
    other = operations(payment.paid())
    foreign = [{"request": asked, "response": told} for asked, told in other]
    with pytest.raises(EvidenceError):
        evidence.verify(spoiled(merchant_evidence(), "operations", foreign), roots=roots())


def test_answers_of_two_operations_cannot_be_exchanged() -> None:
    first, second = peek(MerchantEvidence, merchant_evidence()).operations
    crossed = [
        {"request": first.request, "response": second.response},
        {"request": second.request, "response": first.response},
    ]
    with pytest.raises(EvidenceError):
        evidence.verify(spoiled(merchant_evidence(), "operations", crossed), roots=roots())


def test_evidence_without_an_authority_fails() -> None:
    root, *others = peek(MerchantEvidence, merchant_evidence()).authorities
    for missing in others:
        rest = [root, *(text for text in others if text != missing)]
        with pytest.raises(EvidenceError):
            evidence.verify(spoiled(merchant_evidence(), "authorities", rest), roots=roots())


def test_evidence_without_the_status_lists_of_an_authority_fails() -> None:
    lists = peek(MerchantEvidence, merchant_evidence()).statuses
    for authority in payment.parties().pki.authorities():
        rest = [text for text in lists if subject(text) != authority.thumbprint]
        assert len(rest) == len(lists) - 2
        with pytest.raises(EvidenceError):
            evidence.verify(spoiled(merchant_evidence(), "statuses", rest), roots=roots())


def test_a_status_list_counts_for_its_own_time_only() -> None:
    """A list of the next day does not say that a certificate was good when it was used."""
    later = list(payment.parties().pki.statuses(now=NOW + DAY).values())
    with pytest.raises(EvidenceError):
        evidence.verify(spoiled(merchant_evidence(), "statuses", later), roots=roots())


def subject(text: str) -> Any:
    return json.loads(jws.parse(text, max_bytes=len(text)).payload)["sub"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_every_part_of_the_outer_token_counts(place: int) -> None:
    for text in (merchant_evidence(), gateway_evidence()):
        parts = text.split(".")
        content = bytearray(base64url.decode(parts[place]))
        for index in range(0, len(content), max(1, len(content) // 40)):
            altered = bytearray(content)
            altered[index] ^= 1
            parts[place] = base64url.encode(bytes(altered))
            with pytest.raises(EvidenceError):
                evidence.verify(".".join(parts), roots=roots())
