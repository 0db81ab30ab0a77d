"""A certificate is withdrawn: from the next status list on nobody believes it."""

from niaga.gateway.authority import trust
from niaga.gateway.authority.models import Certificate
from niaga.kernel import clock
from niaga.plumbing.command import command


@command
def revoke_certificates(*, subject: str = "", thumbprint: str = "") -> int:
    """Withdraw one certificate, or every live one of a subject; return how many were withdrawn."""
    assert bool(subject) != bool(thumbprint), "name a subject or a certificate"
    live = Certificate.objects.filter(revoked_at=None)
    meant = live.filter(subject=subject) if subject else live.filter(thumbprint=thumbprint)
    count = meant.update(revoked_at=clock.now())
    trust.forget()
    return count
