"""What is remembered of tokens and chains is what they spell, never that they hold."""

from datetime import timedelta
from typing import Any

import pytest

from niaga.protocol.envelope import open_signed, sign
from niaga.protocol.errors import (
    CertificateError,
    CertificateExpiredError,
    CertificateRevokedError,
    EncodingError,
    SignatureError,
    StatusUnknownError,
    TooLargeError,
)
from niaga.protocol.formats import jws
from niaga.protocol.formats.x509 import LONGEST_LIFE, Role, Trust, Use
from niaga.protocol.messages.purchase import PaymentResponse
from tests.support import payment, payment_messages
from tests.support.payment import NOW, SHOP, SHOP_NAME

SIGNED = payment_messages.signed_messages()
DAY = timedelta(days=1)


def test_what_was_believed_is_refused_as_soon_as_it_is_withdrawn_or_over() -> None:
    """Chains and tokens that were met before are remembered; that they hold never is."""
    pki = payment.parties().pki
    shop = pki.enrol(Role.MERCHANT, Use.SIGN, subject=SHOP, name=SHOP_NAME, index=7)
    token = sign(SIGNED[PaymentResponse], shop)
    good, issuer = pki.trust(), pki.roles[Role.MERCHANT].thumbprint

    def opened(trust: Trust, now: Any = NOW) -> Any:
        return open_signed(PaymentResponse, token, trust=trust, now=now).message

    believed = opened(good)
    with pytest.raises(CertificateRevokedError):
        opened(pki.trust(revoked={issuer: {7}}))
    with pytest.raises(StatusUnknownError):
        opened(Trust(good.roots, {}))
    with pytest.raises(CertificateError):
        opened(Trust(payment.found_pki().trust().roots, good.statuses))
    over = NOW + LONGEST_LIFE[Role.MERCHANT] + DAY
    with pytest.raises(CertificateExpiredError):
        opened(pki.trust(now=over), over)
    assert opened(good) == believed


def test_what_a_token_spells_is_remembered_by_all_of_its_bytes() -> None:
    """The twin of a signature, and a longer or shorter token, are other bytes: each is read."""
    token, most = sign(SIGNED[PaymentResponse], payment.parties().shop), PaymentResponse.MAX_BYTES
    read = jws.parse(token, max_bytes=most)
    with pytest.raises(TooLargeError):
        jws.parse(token, max_bytes=len(token) - 1)
    with pytest.raises(EncodingError):
        jws.parse(f"{token}=", max_bytes=most)
    head, payload, signature = token.split(".")
    other = f"{head}.{payload}.{'A' * len(signature)}"
    changed = jws.parse(other, max_bytes=most)
    assert changed.digest == read.digest
    with pytest.raises(SignatureError):
        jws.verify(changed, payment.parties().shop.key.public_key())
    with pytest.raises(TypeError):
        read.header["alg"] = "none"  # type: ignore[index]
