"""How bytes travel to the gateway (mutual TLS) and to the authority; the seam for tests."""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from niaga.flows.money.card.keys import Cabinet
from niaga.flows.money.card.settings import needed_settings
from niaga.protocol.formats.tls import Judge, JudgingContext

MOST_BYTES = 1_048_576
OK = 200


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
    """Carry a call over TLS 1.3; to the gateway with the market's certificate. See `Transport`."""
    address = urlsplit(call.url)
    try:
        context = _context(call)
    except OSError as error:
        raise UnreachableError(f"no certificates to speak with: {error}") from error
    connection = http.client.HTTPSConnection(
        address.hostname or "", address.port, timeout=call.timeout_s, context=context
    )
    try:
        method = "GET" if call.body is None else "POST"
        headers = {} if call.body is None else {"Content-Type": call.content_type}
        connection.request(method, address.path or "/", call.body, headers)
        response = connection.getresponse()
        body = response.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(f"{call.url}: {error}") from error
    finally:
        connection.close()
    if response.status // 100 * 100 != OK or len(body) > MOST_BYTES:
        raise UnreachableError(f"{call.url}: {response.status} {body[:300]!r}")
    return body


def _context(call: Call) -> ssl.SSLContext:
    known = needed_settings()
    if call.judged is None:
        context = ssl.create_default_context(cafile=known.web_authority)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        return context
    mine: Path | None = Cabinet(known.folder).transport_file()
    if mine is None:
        raise UnreachableError("the market has no certificate to show the gateway")
    return JudgingContext.to_server(authority=known.root, mine=mine, judged=call.judged)


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
