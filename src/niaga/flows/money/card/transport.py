"""How bytes travel to the gateway (mutual TLS) and to the authority; the seam for tests."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ProtocolError as BrokenError

from niaga.flows.money.card.keys import Cabinet
from niaga.flows.money.card.line import BrokenLineError, GatewayLine
from niaga.flows.money.card.settings import needed_settings
from niaga.protocol.formats.tls import Judge, JudgingContext

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
    carried = _to_authority if call.judged is None else _to_gateway
    try:
        try:
            status, body = carried(call)
        except (BrokenLineError, BrokenError):
            status, body = carried(call)
    except (BrokenLineError, HTTPError, OSError) as error:
        raise UnreachableError(f"{call.url}: {error}") from error
    if status // 100 * 100 != OK or len(body) > MOST_BYTES:
        raise UnreachableError(f"{call.url}: {status} {body[:300]!r}")
    return body


def hang_up() -> None:
    """Close all connections that are kept and not in use."""
    _pool.cache_clear()
    for line in _lines.values():
        line.close()
    _lines.clear()


def _to_authority(call: Call) -> tuple[int, bytes]:
    web = needed_settings().web_authority
    response = _pool(_File.at(web) if web else None).request(
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


def _to_gateway(call: Call) -> tuple[int, bytes]:
    assert call.judged, "whoever is judged is the gateway"
    assert call.body is not None, "a gateway is sent messages"
    known = needed_settings()
    mine = Cabinet(known.folder).transport_file()
    if mine is None:
        raise UnreachableError("the market has no certificate to show the gateway")
    address = urlsplit(call.url)
    line = _line(
        f"{address.scheme}://{address.netloc}", _File.at(known.root), _File.at(mine), call.judged
    )
    answer = line.post(
        address.path,
        call.body,
        content_type=call.content_type,
        timeout_s=call.timeout_s,
        most_bytes=MOST_BYTES,
    )
    return answer.status, answer.body


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was when it was last changed: with another content it is another file."""

    path: Path
    changed_ns: int

    @classmethod
    def at(cls, path: Path) -> "_File":
        return cls(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _pool(trusted: _File | None) -> PoolManager:
    context = ssl.create_default_context(cafile=trusted.path if trusted else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return PoolManager(ssl_context=context, maxsize=KEPT_CONNECTIONS, retries=False)


_lines: dict[tuple[object, ...], GatewayLine] = {}
MOST_LINES = 4


def _line(origin: str, trusted: _File, mine: _File, judged: Judge) -> GatewayLine:
    """Return the line made with these files: a renewed certificate is shown at once."""
    named = (origin, trusted, mine, judged)
    found = _lines.get(named)
    if found is None:
        if len(_lines) >= MOST_LINES:
            hang_up()
        context = JudgingContext.to_server(authority=trusted.path, mine=mine.path, judged=judged)
        found = _lines.setdefault(named, GatewayLine(context, origin))
    return found


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
