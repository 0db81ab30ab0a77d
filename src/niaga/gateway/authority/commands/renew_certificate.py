"""The owner of a live certificate gets the next one, for a new key."""

from dataclasses import dataclass
from typing import ClassVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.gateway.authority.commands.issue_certificate import issue_certificate
from niaga.gateway.authority.commands.nonces import spend_nonce
from niaga.gateway.authority.commands.order_certificate import holder_of
from niaga.gateway.authority.keyring import Keyring
from niaga.gateway.authority.models import Certificate
from niaga.gateway.authority.trust import current_trust
from niaga.kernel import clock
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.protocol.authority import Holder
from niaga.protocol.envelope import Opened
from niaga.protocol.formats import base64url
from niaga.protocol.formats.x509 import Identity, Role, Use, thumbprint, verify_chain
from niaga.protocol.messages.enrolment import CardholderRenewal, GatewayRenewal, MerchantRenewal

type Renewal = CardholderRenewal | MerchantRenewal | GatewayRenewal


@dataclass(eq=False)
class CertificateUnknown(Refusal):
    """This authority has not issued the certificate."""

    code: ClassVar[str] = "certificate_unknown"
    thumbprint: str


@command
def renew_certificate(*, keyring: Keyring, opened: Opened[Renewal]) -> tuple[x509.Certificate, ...]:
    """Return the chain of the next certificate: same role and subject, new key.

    Raises:
        MismatchError, EncodingError, CertificateError: the request proves no key.
        KeyUsedBefore: nothing was issued.
    """
    asked = opened.message
    key = spend_nonce(csr=base64url.decode(asked.csr))
    use = Use.SIGN if isinstance(asked, CardholderRenewal) else Use(asked.use)
    return _issue_next(keyring, opened.identity, key, use)


@command
def renew_by_operator(
    *, keyring: Keyring, chain: tuple[x509.Certificate, ...], key: ec.EllipticCurvePublicKey
) -> tuple[x509.Certificate, ...]:
    """Return the chain of the certificate that follows `chain`: same role, use, name, new key.

    The former one stays valid until its end, for what is under way.

    Raises:
        CertificateUnknown: this authority did not issue it.
        CertificateError, CertificateExpiredError, CertificateRevokedError: it does not hold.
        KeyUsedBefore: nothing was issued.
    """
    row = Certificate.objects.filter(pk=thumbprint(chain[0])).first()
    if row is None:
        raise CertificateUnknown(thumbprint(chain[0]))
    owner = verify_chain(
        chain,
        role=Role[row.role.upper()],
        use=Use(row.use),
        trust=current_trust(keyring),
        now=clock.now(),
    )
    return _issue_next(keyring, owner, key, Use(row.use))


def _issue_next(
    keyring: Keyring, owner: Identity, key: ec.EllipticCurvePublicKey, use: Use
) -> tuple[x509.Certificate, ...]:
    holder = (
        Holder(owner.subject)
        if owner.role is Role.CARDHOLDER
        else holder_of(owner.subject, owner.name, use)
    )
    authority = keyring.authority(owner.role.name.lower())
    return issue_certificate(authority=authority, key=key, holder=holder, use=use)
