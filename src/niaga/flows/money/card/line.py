"""The market's line to its gateway: HTTP/1.1 over kept, mutually judged TLS, and no more of it.

One kind of request and one kind of answer, so a general client's work (headers as mail messages,
redirects, pools of hosts) is left out; what a gateway must not answer with is refused.
"""

import re
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from niaga.protocol.formats.tls import (
    IdleConnections,
    JudgedSocket,
    JudgingContext,
    connect,
    hang_up,
)

MOST_HEAD_BYTES = 16_384
HTTPS_PORT = 443
_CHUNK_BYTES = 65_536
_STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3})(?: [^\r\n]*)?")
_LENGTHS = {b"content-length", b"transfer-encoding"}
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")


class BrokenLineError(Exception):
    """The connection ended before an answer was whole, or the answer was none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A gateway's answer.

    Attributes:
        ends: whether the gateway closes the connection after it.
    """

    status: int
    body: bytes
    ends: bool


class GatewayLine:
    """Connections to one gateway; whichever thread asks uses the one that was used last."""

    def __init__(self, context: JudgingContext, origin: str) -> None:
        self._context = context
        address = urlsplit(origin)
        self._named, self._host = address.netloc, address.hostname or ""
        self._port = address.port or HTTPS_PORT
        self._idle = IdleConnections()

    def post(
        self, path: str, body: bytes, *, content_type: str, timeout_s: float, most_bytes: int
    ) -> Answer:
        """Return the answer to a message.

        Raises:
            BrokenLineError: the line broke, or the answer is not one of at most `most_bytes`.
            OSError: nobody is there, another answers there, or it is too slow.
        """
        deadline = time.monotonic() + timeout_s
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._named}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection = self._idle.take() or connect(
            self._context, self._host, self._port, timeout_s=timeout_s
        )
        try:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            connection.sendall(head.encode("ascii") + body)
            answer = _read(connection, deadline, most_bytes)
        except (TimeoutError, BrokenLineError):
            hang_up(connection)
            raise
        except OSError as error:
            hang_up(connection)
            raise BrokenLineError(str(error)) from error
        if answer.ends:
            hang_up(connection)
        else:
            self._idle.keep(connection)
        return answer

    def close(self) -> None:
        """Hang up what is kept and not in use."""
        self._idle.close()


class _Stream:
    """The bytes of one answer, received until a moment and no longer."""

    def __init__(self, connection: JudgedSocket, deadline: float) -> None:
        self._connection, self._deadline = connection, deadline
        self._content = bytearray()

    def until(self, mark: bytes, *, most_bytes: int) -> bytes:
        """Return what comes before `mark`, which is passed over."""
        while (end := self._content.find(mark)) < 0:
            if len(self._content) > most_bytes:
                raise BrokenLineError("an answer's head without an end")
            self._receive()
        return self._take(end, len(mark))

    def exactly(self, count: int) -> bytes:
        """Return so many bytes."""
        while len(self._content) < count:
            self._receive()
        return self._take(count, 0)

    def is_empty(self) -> bool:
        """Say whether nothing was received beyond what was taken."""
        return not self._content

    def _take(self, count: int, passed: int) -> bytes:
        taken = bytes(self._content[:count])
        del self._content[: count + passed]
        return taken

    def _receive(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        self._connection.settimeout(left)
        more = self._connection.recv(_CHUNK_BYTES)
        if not more:
            raise BrokenLineError("the gateway hung up")
        self._content += more


def _read(connection: JudgedSocket, deadline: float, most_bytes: int) -> Answer:
    stream = _Stream(connection, deadline)
    first, *lines = stream.until(b"\r\n\r\n", most_bytes=MOST_HEAD_BYTES).split(b"\r\n")
    status = _STATUS.fullmatch(first)
    if status is None:
        raise BrokenLineError("not an answer of HTTP/1.1")
    headers = _headers(lines)
    if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
        body = _in_pieces(stream, most_bytes)
    else:
        body = stream.exactly(_number(headers.get(b"content-length", b""), 10, most_bytes))
    if not stream.is_empty():
        raise BrokenLineError("more than an answer")
    ends = headers.get(b"connection", b"").lower() == b"close"
    return Answer(int(status[1]), body, ends)


def _headers(lines: list[bytes]) -> dict[bytes, bytes]:
    """Return the headers by name; one that says how long the body is must be there once."""
    headers: dict[bytes, bytes] = {}
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise BrokenLineError("not a header")
        name = found[1].lower()
        if name in headers and name in _LENGTHS:
            raise BrokenLineError("an answer of two lengths")
        headers[name] = found[2]
    if headers.keys() >= _LENGTHS:
        raise BrokenLineError("an answer of two lengths")
    return headers


def _in_pieces(stream: _Stream, most_bytes: int) -> bytes:
    """Return a body that comes chunk by chunk (RFC 9112, section 7.1)."""
    body = b""
    while True:
        said = stream.until(b"\r\n", most_bytes=MOST_HEAD_BYTES).partition(b";")[0]
        size = _number(said.strip(), 16, most_bytes - len(body))
        if not size:
            break
        body += stream.exactly(size)
        if stream.exactly(2) != b"\r\n":
            raise BrokenLineError("a piece of another length")
    while stream.until(b"\r\n", most_bytes=MOST_HEAD_BYTES):
        pass  # trailers, of which none says anything to us
    return body


def _number(text: bytes, base: int, most: int) -> int:
    if not re.fullmatch(rb"[0-9a-fA-F]{1,9}", text):
        raise BrokenLineError("an answer without its length")
    try:
        number = int(text, base)
    except ValueError as error:
        raise BrokenLineError("an answer without its length") from error
    if number > most:
        raise BrokenLineError(f"an answer of {number} bytes and more")
    return number
