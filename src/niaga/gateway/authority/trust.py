"""Whom to believe: status lists, signed when they are asked for and kept for a minute."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from niaga.gateway.authority.keyring import Keyring
from niaga.gateway.authority.models import Certificate, Issuer
from niaga.kernel import clock
from niaga.protocol.authority import Authority, gather_trust, sign_status
from niaga.protocol.formats.x509 import Trust

KEPT = timedelta(seconds=60)
"""So long after a withdrawal it is in force everywhere in this deployable."""
LEAST_ENTRIES = 1024


@dataclass(slots=True)
class _Kept:
    lists: dict[str, str] = field(default_factory=dict)
    trust: Trust | None = None
    until: datetime | None = None


_kept = _Kept()
_lock = threading.Lock()


def forget() -> None:
    """Sign and read anew from now on (after a withdrawal, between tests)."""
    with _lock:
        _kept.until = None


def status_lists(keyring: Keyring) -> dict[str, str]:
    """Return each authority's signed status list by the authority's thumbprint."""
    _refresh(keyring)
    return _kept.lists


def current_trust(keyring: Keyring) -> Trust:
    """Return the root of this authority and its fresh status lists."""
    _refresh(keyring)
    assert _kept.trust is not None
    return _kept.trust


def _refresh(keyring: Keyring) -> None:
    now = clock.now()
    with _lock:
        if _kept.until is not None and _kept.until - KEPT <= now < _kept.until:
            return
        authorities = keyring.all()
        lists = {one.thumbprint: _sign(one, now) for one in authorities}
        certificates = [one.certificate for one in authorities]
        _kept.trust = gather_trust(certificates[:1], certificates, lists, now=now)
        _kept.lists, _kept.until = lists, now + KEPT


def _sign(one: Authority, now: datetime) -> str:
    given_out = Issuer.objects.filter(pk=one.thumbprint).values_list("next_index", flat=True)
    # The length tells how many were issued to the nearest power of two only.
    entries = max(LEAST_ENTRIES, 1 << (given_out.first() or 0).bit_length())
    withdrawn = Certificate.objects.filter(issuer=one.thumbprint, revoked_at__isnull=False)
    revoked = list(withdrawn.values_list("index", flat=True))
    return sign_status(one, revoked, entries=entries, now=now)
