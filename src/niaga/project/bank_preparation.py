"""Makes the bank ready to start: tables, authority, its own keys. Each step costs nothing twice."""

import fcntl
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import close_old_connections

from niaga.gateway.keys import Cabinet, gateway_cabinet, keyring, trust
from niaga.kernel import clock
from niaga.project.preparation import migrate_if_needed
from niaga.protocol.errors import MismatchError
from niaga.protocol.formats.tls import Chain
from niaga.protocol.formats.x509 import Role, Use, verify_chain

ISSUER_NAME = "Bank Penerbit Simulasi"


def prepare_bank() -> None:
    """Bring tables up to date, found the authority once, and have the gateway's keys certified.

    Two processes that start at the same time do it one after the other.
    """
    with _alone():
        migrate_if_needed()
        if not keyring().is_founded():
            keyring().found()
        gateway_cabinet().ensure()


def prepare_issuer() -> Cabinet:
    """Return the simulated issuer's own keys, certified, and tell wallets to which they seal."""
    issuer = Cabinet(Path(settings.DATA) / "issuer", settings.ISSUER_ADDRESS, ISSUER_NAME)
    with _alone():
        issuer.ensure()
        issuer.publish_seal(settings.ISSUER_SEAL)
    return issuer


def judge_acquirer(shown: Chain) -> None:
    """Refuse whoever is not the gateway for which the issuer works.

    Raises:
        ProtocolError: no certificate for TLS of this gateway, expired, or withdrawn.
    """
    try:
        found = verify_chain(
            shown, role=Role.GATEWAY, use=Use.TRANSPORT, trust=trust(), now=clock.now()
        )
    finally:
        close_old_connections()
    if found.subject != settings.GATEWAY_ADDRESS:
        raise MismatchError("acquirer")


def ensure_clerk(name: str, password: str) -> bool:
    """Let a clerk of the bank sign in at the office; say whether they are new."""
    clerk, is_new = User.objects.get_or_create(username=name)
    clerk.set_password(password)
    clerk.save()
    return is_new


class _alone:  # noqa: N801 - reads as a word in `with`
    """Holds the bank's folder while one process prepares it."""

    def __enter__(self) -> None:
        folder = Path(settings.DATA)
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / "preparing").open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()
