"""From a proven key to a certificate, from a card to its token, and renewal."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AttributeOID

from niaga.protocol import authority, passkey
from niaga.protocol.authority import Holder
from niaga.protocol.errors import (
    CertificateError,
    CertificateExpiredError,
    MismatchError,
    PaymentInstructionError,
    ProtocolError,
    SecondFactorError,
    StaleError,
    UntrustedError,
)
from niaga.protocol.formats import base64url
from niaga.protocol.formats.x509 import Identity, Role, Use, verify_chain
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.messages.enrolment import CardData, EnrolmentChallenge, EnrolmentRequest
from niaga.protocol.wallet import enrolment as wallet
from tests.support import payment, payment_messages
from tests.support.payment import NOW, SHOP, SHOP_NAME, WALLET

DAY = timedelta(days=1)


def verify(chain: Sequence[x509.Certificate], role: Role, **options: Any) -> Identity:
    return verify_chain(chain, role=role, use=Use.SIGN, **options)


def csr_with(key: Any, *attributes: tuple[x509.ObjectIdentifier, bytes]) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    for oid, value in attributes:
        builder = builder.add_attribute(oid, value)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_a_request_proves_its_key_for_one_nonce() -> None:
    key = authority.new_key()
    csr = authority.make_csr(key, nonce="nonce-1")
    proved = authority.read_csr(csr, nonce="nonce-1")
    assert authority.key_fingerprint(proved) == authority.key_fingerprint(key.public_key())
    with pytest.raises(MismatchError):
        authority.read_csr(csr, nonce="nonce-2")


def test_a_request_of_another_form_is_refused() -> None:
    key, oid = authority.new_key(), AttributeOID.CHALLENGE_PASSWORD
    good = authority.make_csr(key, nonce="n")
    requests = [
        b"",
        b"\x30\x00",
        good + b"\x00",
        good[:-1],
        good.replace(b"n", b"m", 1),
        bytes(2000),
        csr_with(key),
        csr_with(key, (oid, b"n"), (AttributeOID.UNSTRUCTURED_NAME, b"x")),
        csr_with(ec.generate_private_key(ec.SECP384R1()), (oid, b"n")),
        csr_with(rsa.generate_private_key(public_exponent=65537, key_size=2048), (oid, b"n")),
    ]
    for csr in requests:
        with pytest.raises(ProtocolError):
            authority.read_csr(csr, nonce="n")


def test_a_request_with_an_altered_bit_is_refused() -> None:
    csr = authority.make_csr(authority.new_key(), nonce="nonce")
    for place in range(len(csr)):
        for bit in range(8):
            altered = bytearray(csr)
            altered[place] ^= 1 << bit
            with pytest.raises(ProtocolError):
                authority.read_csr(bytes(altered), nonce="nonce")


def test_an_authority_issues_what_its_role_knows_and_nothing_else() -> None:
    pki = payment.parties().pki
    key = authority.new_key().public_key()
    for above, use in [
        (pki.roles[Role.CARDHOLDER], Use.ENCRYPT),
        (pki.roles[Role.CARDHOLDER], Use.TRANSPORT),
        (pki.roles[Role.MERCHANT], Use.ENCRYPT),
        (pki.brand, Use.SIGN),
        (pki.root, Use.SIGN),
    ]:
        with pytest.raises(CertificateError):
            authority.issue(above, key, Holder(SHOP), use=use, index=1, now=NOW)


def test_a_shorter_life_may_be_asked_for_and_no_longer_one() -> None:
    pki = payment.parties().pki
    key = authority.new_key().public_key()
    holder, above = Holder(SHOP, SHOP_NAME), pki.roles[Role.MERCHANT]
    for asked, granted in [(DAY, DAY), (365 * DAY, 90 * DAY), (None, 90 * DAY)]:
        leaf, *_ = authority.issue(above, key, holder, use=Use.SIGN, index=1, now=NOW, life=asked)
        assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == granted


def test_a_renewed_certificate_replaces_the_former() -> None:
    """The owner asks with the live certificate; the new key gets the same name."""
    world = payment.parties()
    key = authority.new_key()
    later = NOW + 20 * DAY
    chain = authority.issue(
        world.pki.roles[Role.CARDHOLDER],
        key.public_key(),
        Holder("buyer-1"),
        use=Use.SIGN,
        index=30,
        now=later,
    )
    at = later + 20 * DAY
    trust = world.pki.trust(now=at)
    renewed = verify(chain, Role.CARDHOLDER, trust=trust, now=at)
    assert renewed.subject == "buyer-1"
    with pytest.raises(CertificateExpiredError):
        verify(world.buyer.chain, Role.CARDHOLDER, trust=trust, now=at)


# ---- the card ----

CARD = CardData(pan="4000001234567899", expiry="2028-05", holder="SITI AMINAH")


def challenge(**changes: Any) -> EnrolmentChallenge:
    made = payment_messages.plain_messages()[EnrolmentChallenge]
    assert isinstance(made, EnrolmentChallenge)
    return replace(made, **changes)


def enrolling(card: CardData = CARD) -> tuple[bytes, EnrolmentRequest]:
    world, asked = payment.parties(), challenge()
    csr = wallet.make_csr(authority.new_key(), asked)
    sca = world.authenticator.sign(wallet.enrolment_challenge(csr))
    key = world.authenticator.passkey
    return csr, wallet.request_enrolment(asked, csr, card, key, sca, trust=world.trust, now=NOW)


def test_the_issuer_reads_the_card_and_the_passkey_signed_the_request() -> None:
    csr, request = enrolling()
    assert gateway.open_card(request.card, csr=csr, keys=payment.parties().keys) == CARD
    passkey.verify(
        request.sca, request.passkey, challenge=wallet.enrolment_challenge(csr), party=WALLET
    )
    assert base64url.decode(request.csr) == csr
    authority.read_csr(csr, nonce=challenge().nonce)


def test_a_card_cannot_be_moved_to_another_request() -> None:
    (csr, request), (other_csr, other) = enrolling(), enrolling()
    keys = payment.parties().keys
    for sealed, to in ((request.card, other_csr), (other.card, csr)):
        with pytest.raises(PaymentInstructionError):
            gateway.open_card(sealed, csr=to, keys=keys)
    with pytest.raises(SecondFactorError):
        passkey.verify(
            request.sca,
            request.passkey,
            challenge=wallet.enrolment_challenge(other_csr),
            party=WALLET,
        )


def test_only_the_issuers_key_opens_a_card() -> None:
    csr, request = enrolling()
    mine = payment.parties().bank_opening.thumbprint
    for keys in ({}, {mine: authority.new_key()}, {"other": authority.new_key()}):
        with pytest.raises(PaymentInstructionError):
            gateway.open_card(request.card, csr=csr, keys=gateway.Keys(payment.BANK, keys))


def test_every_card_makes_a_seal_of_one_length() -> None:
    short = CardData(pan="400000123456", expiry="2028-05", holder="A")
    long = CardData(pan="4" * 19, expiry="2031-12", holder="Ä" * 60)
    assert len({len(enrolling(card)[1].card) for card in (short, CARD, long)}) == 1


def test_a_card_is_sealed_to_a_gateways_encryption_key_alone() -> None:
    world = payment.parties()
    csr = wallet.make_csr(authority.new_key(), challenge())
    sca = world.authenticator.sign(wallet.enrolment_challenge(csr))
    key = world.authenticator.passkey
    for chain in (world.certificates.sig_x5c, payment_messages.chain_of(world.shop)):
        asked = challenge(issuer_x5c=chain)
        with pytest.raises(UntrustedError):
            wallet.request_enrolment(asked, csr, CARD, key, sca, trust=world.trust, now=NOW)
    late = NOW + timedelta(minutes=5)
    with pytest.raises(StaleError):
        wallet.request_enrolment(challenge(), csr, CARD, key, sca, trust=world.trust, now=late)
