"""A key is certified: once in its life, at the next free place of the status list."""

from dataclasses import dataclass
from typing import ClassVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection

from niaga.gateway.authority.models import Certificate, Issuer
from niaga.kernel import clock
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.protocol.authority import Authority, Holder, issue, key_fingerprint
from niaga.protocol.formats.x509 import Use, thumbprint


@dataclass(eq=False)
class KeyUsedBefore(Refusal):
    """The key was certified before; a new certificate needs a new key."""

    code: ClassVar[str] = "key_used_before"
    fingerprint: str


@command
def issue_certificate(
    *, authority: Authority, key: ec.EllipticCurvePublicKey, holder: Holder, use: Use
) -> tuple[x509.Certificate, ...]:
    """Return the chain issued for a proven key: leaf, role authority, brand.

    Raises:
        KeyUsedBefore: nothing was issued.
        CertificateError: a use this authority does not issue.
    """
    fingerprint = key_fingerprint(key)
    if Certificate.objects.filter(key_fingerprint=fingerprint).exists():
        raise KeyUsedBefore(fingerprint)
    assert authority.role is not None, "leaves are issued by the authority of a role"
    now = clock.now()
    index = _next_index(authority.thumbprint)
    chain = issue(authority, key, holder, use=use, index=index, now=now)
    Certificate.objects.create(
        thumbprint=thumbprint(chain[0]),
        issuer_id=authority.thumbprint,
        index=index,
        key_fingerprint=fingerprint,
        role=authority.role.name.lower(),
        use=use.value,
        subject=holder.subject,
        issued_at=now,
        expires_at=chain[0].not_valid_after_utc,
    )
    return chain


def _next_index(authority: str) -> int:
    Issuer.objects.bulk_create([Issuer(thumbprint=authority)], ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE authority_issuer SET next_index = next_index + 1 WHERE thumbprint = %s "
            "RETURNING next_index - 1",
            [authority],
        )
        index: int = cursor.fetchone()[0]
    return index
