"""The one line to the issuer of this process, and the seam at which tests put another."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from django.conf import settings

from niaga.gateway.issuer.line import Address, Line, TlsLine
from niaga.gateway.keys import gateway_cabinet, keyring

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
    )


@contextmanager
def asked_over(other: Line) -> Iterator[None]:
    """Let `other` ask the issuer inside the block."""
    token = _other.set(other)
    try:
        yield
    finally:
        _other.reset(token)
