"""The owner of a live certificate gets the next one, for a new key."""

from cryptography import x509

from niaga.gateway.authority.commands.issue_certificate import issue_certificate
from niaga.gateway.authority.commands.nonces import spend_nonce
from niaga.gateway.authority.commands.order_certificate import holder_of
from niaga.gateway.authority.keyring import Keyring
from niaga.plumbing.command import command
from niaga.protocol.authority import Holder
from niaga.protocol.envelope import Opened
from niaga.protocol.formats import base64url
from niaga.protocol.formats.x509 import Role, Use
from niaga.protocol.messages.enrolment import CardholderRenewal, GatewayRenewal, MerchantRenewal

type Renewal = CardholderRenewal | MerchantRenewal | GatewayRenewal


@command
def renew_certificate(*, keyring: Keyring, opened: Opened[Renewal]) -> tuple[x509.Certificate, ...]:
    """Return the chain of the next certificate: same role and subject, new key.

    Raises:
        MismatchError, EncodingError, CertificateError: the request proves no key.
        KeyUsedBefore: nothing was issued.
    """
    asked, owner = opened.message, opened.identity
    key = spend_nonce(csr=base64url.decode(asked.csr))
    use = Use.SIGN if isinstance(asked, CardholderRenewal) else Use(asked.use)
    holder = (
        Holder(owner.subject)
        if owner.role is Role.CARDHOLDER
        else holder_of(owner.subject, owner.name, use)
    )
    authority = keyring.authority(owner.role.name.lower())
    return issue_certificate(authority=authority, key=key, holder=holder, use=use)
