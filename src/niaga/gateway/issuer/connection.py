"""The one line to the issuer of this process, and the seam at which tests put another."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from django.conf import settings

from niaga.gateway.issuer.line import Address, Line, TlsLine
from niaga.gateway.keys import gateway_cabinet, keyring, trust
from niaga.kernel import clock
from niaga.protocol.errors import MismatchError
from niaga.protocol.formats.tls import Chain
from niaga.protocol.formats.x509 import Role, Use, verify_chain

_other: ContextVar[Line | None] = ContextVar("issuer_line", default=None)


def line() -> Line:
    """Return the line that asks the issuer."""
    return _other.get() or _tls_line()


@cache
def _tls_line() -> Line:
    return TlsLine(_address)


def _address() -> Address:
    mine = gateway_cabinet()
    return Address(
        host=settings.ISSUER_HOST,
        port=settings.ISSUER_PORT,
        authority=Path(settings.ISSUER_AUTHORITY or keyring().root_file),
        chain=mine.tls_chain,
        key=mine.tls_key,
        judged=_judge_stranger if settings.ISSUER_AUTHORITY else judge_issuer,
    )


def judge_issuer(shown: Chain) -> None:
    """Refuse whoever is not our issuer: anyone of the payment might hold its host's name.

    Raises:
        ProtocolError: no certificate for TLS of this issuer, expired, or withdrawn.
    """
    found = verify_chain(
        shown, role=Role.GATEWAY, use=Use.TRANSPORT, trust=trust(), now=clock.now()
    )
    if found.subject != settings.ISSUER_ADDRESS:
        raise MismatchError("issuer")


def _judge_stranger(_shown: Chain) -> None:
    """Believe an authority that certifies nobody but issuers: the chain and the host's name."""


@contextmanager
def asked_over(other: Line) -> Iterator[None]:
    """Let `other` ask the issuer inside the block."""
    token = _other.set(other)
    try:
        yield
    finally:
        _other.reset(token)
