"""How bytes travel to the gateway (mutual TLS) and to the authority; the seam for tests."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol

from urllib3 import HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError, ProtocolError

from niaga.flows.money.card.keys import Cabinet
from niaga.flows.money.card.settings import needed_settings
from niaga.protocol.formats.tls import Judge, JudgedSocket, JudgingContext

MOST_BYTES = 1_048_576
OK = 200
KEPT_CONNECTIONS = 32


class UnreachableError(Exception):
    """No usable answer came: the line is down, too slow, or another spoke; nothing is known."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTPS exchange with a party: a POST where there is a body, else a GET.

    `judged` refuses a gateway by the certificate it shows in TLS; the authority's is the web's.
    """

    party: Literal["gateway", "authority"]
    url: str
    body: bytes | None = None
    content_type: str = "application/jose"
    timeout_s: float = 10.0
    judged: Judge | None = None


class Transport(Protocol):
    """What carries a call."""

    def __call__(self, call: Call) -> bytes:
        """Return the answer's body.

        Raises:
            UnreachableError: there is none, or not one of success.
        """


def over_https(call: Call) -> bytes:
    """Carry a call over TLS 1.3; to the gateway with the market's certificate. See `Transport`.

    Connections are kept, and who is at the other end of one is judged again before it is used.
    What breaks without an answer is sent once more, the same bytes: the other side may have let a
    kept connection go just then, and does what a message asks once however often it comes.
    Silence is not repeated.
    """
    try:
        pool = _pool_of(call)
    except OSError as error:
        raise UnreachableError(f"no certificates to speak with: {error}") from error
    try:
        try:
            status, body = _exchange(pool, call)
        except ProtocolError:
            status, body = _exchange(pool, call)
    except HTTPError as error:
        raise UnreachableError(f"{call.url}: {error}") from error
    if status // 100 * 100 != OK or len(body) > MOST_BYTES:
        raise UnreachableError(f"{call.url}: {status} {body[:300]!r}")
    return body


def hang_up() -> None:
    """Close all connections that are kept and not in use."""
    _pool.cache_clear()


def _exchange(pool: PoolManager, call: Call) -> tuple[int, bytes]:
    response = pool.request(
        "GET" if call.body is None else "POST",
        call.url,
        body=call.body,
        headers={} if call.body is None else {"Content-Type": call.content_type},
        timeout=Timeout(total=call.timeout_s),
        redirect=False,
        preload_content=False,
    )
    body = response.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        response.close()
    response.release_conn()
    return response.status, body


def _pool_of(call: Call) -> PoolManager:
    known = needed_settings()
    if call.judged is None:
        web = known.web_authority
        return _pool(_File.at(web) if web else None, None, None)
    mine = Cabinet(known.folder).transport_file()
    if mine is None:
        raise UnreachableError("the market has no certificate to show the gateway")
    return _pool(_File.at(known.root), _File.at(mine), call.judged)


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was when it was last changed: with another content it is another file."""

    path: Path
    changed_ns: int

    @classmethod
    def at(cls, path: Path) -> "_File":
        return cls(path, path.stat().st_mtime_ns)


class _Judged(HTTPSConnection):
    """A connection that is used again only while the other side's certificate holds."""

    @property
    def is_connected(self) -> bool:
        """Say whether it may be used."""
        if not super().is_connected:
            return False
        assert isinstance(self.sock, JudgedSocket)
        return self.sock.still_holds()


class _JudgedPool(HTTPSConnectionPool):
    ConnectionCls = _Judged


@lru_cache(maxsize=4)
def _pool(trusted: _File | None, mine: _File | None, judged: Judge | None) -> PoolManager:
    """Return the connections made with these files: a renewed certificate is shown at once."""
    if judged is None:
        context = ssl.create_default_context(cafile=trusted.path if trusted else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        return PoolManager(ssl_context=context, maxsize=KEPT_CONNECTIONS, retries=False)
    assert trusted, "whoever is judged is certified by the payment's root"
    assert mine, "mutual TLS has two sides"
    shown = JudgingContext.to_server(authority=trusted.path, mine=mine.path, judged=judged)
    made = PoolManager(ssl_context=shown, maxsize=KEPT_CONNECTIONS, retries=False)
    made.pool_classes_by_scheme = {"https": _JudgedPool}
    return made


_transport: ContextVar[Transport] = ContextVar("card_transport", default=over_https)


def exchange(call: Call) -> bytes:
    """Return the answer to a call; see `Transport`."""
    return _transport.get()(call)


@contextmanager
def carried_by(transport: Transport) -> Iterator[None]:
    """Let `transport` carry every call inside the block (tests, and code that counts bytes)."""
    token = _transport.set(transport)
    try:
        yield
    finally:
        _transport.reset(token)
