"""The market's certificates: ordered once, decided by the authority's operator, then renewed alone.

Called by the clock; each call takes the next step and can be repeated or interrupted anywhere.
"""

from datetime import timedelta

from niaga.flows.money.card import authority
from niaga.flows.money.card.keys import USES, Cabinet, Ordered
from niaga.flows.money.card.settings import CardSettings, needed_settings
from niaga.kernel import clock
from niaga.protocol.authority import make_csr
from niaga.protocol.envelope import Signer, sign
from niaga.protocol.formats import base64url
from niaga.protocol.formats.x509 import Role, Use
from niaga.protocol.messages.enrolment import (
    CertificateAnswer,
    CertificateOrder,
    MerchantRenewal,
)

RENEW_BEFORE = timedelta(days=30)


def keep_certificates() -> None:
    """Order what was never ordered, ask about what was, renew what ends within thirty days.

    Raises:
        UnreachableError: the authority did not answer; the next call goes on.
    """
    mine = needed_settings()
    cabinet = Cabinet(mine.folder)
    cabinet.drop_expired()
    for use in USES:
        current = cabinet.current(use)
        if current is None:
            _order_or_poll(mine, cabinet, use)
        elif current.chain[0].not_valid_after_utc - clock.now() < RENEW_BEFORE:
            _renew(mine, cabinet, use)


def _order_or_poll(mine: CardSettings, cabinet: Cabinet, use: Use) -> None:
    ordered = cabinet.ordered(use)
    if not ordered.order_id:
        order = CertificateOrder(
            role=Role.MERCHANT.name.lower(),
            use=use.value,
            address=mine.address,
            name=mine.name,
            csr=_csr(ordered),
        )
        answer = authority.order_certificate(order)
        cabinet.note_order(use, Ordered(ordered.key, answer.order_id))
    else:
        answer = authority.poll_order(ordered.order_id)
    _take(cabinet, use, ordered, answer)


def _renew(mine: CardSettings, cabinet: Cabinet, use: Use) -> None:
    signer: Signer | None = cabinet.current(Use.SIGN)
    if signer is None:
        return
    ordered = cabinet.ordered(use)
    request = MerchantRenewal(
        iss=mine.address, use=use.value, csr=_csr(ordered), iat=int(clock.now().timestamp())
    )
    answer = authority.renew_certificate(sign(request, signer))
    _take(cabinet, use, ordered, answer)


def _take(cabinet: Cabinet, use: Use, ordered: Ordered, answer: CertificateAnswer) -> None:
    if answer.status == "refused":
        cabinet.drop_order(use)
    elif answer.x5c is not None:
        chain = [base64url.decode_standard(text) for text in answer.x5c]
        cabinet.keep(use, ordered.key, chain)


def _csr(ordered: Ordered) -> str:
    return base64url.encode(make_csr(ordered.key, nonce=authority.nonce()))
