"""TLS 1.3 between parties of a payment: each side's certificate is judged as a message's is.

OpenSSL proves that the other side holds the key of a certificate some authority vouches for. What
it can't know is judged right after the handshake: the role, the use, whose certificate it is, and
whether it was withdrawn.
"""

import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Self

from cryptography import x509

from niaga.protocol.errors import ProtocolError
from niaga.protocol.formats.x509 import read_certificate

type Chain = tuple[x509.Certificate, ...]
type Judge = Callable[[Chain], object]
"""Takes the chain the other side showed; raises ProtocolError where it may not be spoken with."""


class JudgedSocket(ssl.SSLSocket):
    """A connection whose other side was judged before a byte of it was read.

    Attributes:
        shown: the certificates the other side showed, its own first; its key has been proved.
    """

    shown: Chain = ()

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - as in `ssl`
        """Shake hands, then judge.

        Raises:
            SSLError: no handshake, or the judge refused; the connection is closed.
        """
        super().do_handshake(block)
        assert isinstance(self.context, JudgingContext)
        try:
            self.shown = tuple(map(read_certificate, self.get_unverified_chain() or ()))
            self.context.judged(self.shown)
        except ProtocolError as error:
            self.close()
            raise ssl.SSLError(f"the other side's certificate: {error.code}") from error

    def still_holds(self) -> bool:
        """Judge again, for a connection that was kept: say whether the other side still holds."""
        assert isinstance(self.context, JudgingContext)
        try:
            self.context.judged(self.shown)
        except ProtocolError:
            return False
        return True


class JudgingContext(ssl.SSLContext):
    """How to speak TLS 1.3 with parties that are judged.

    Sessions are not resumed: whoever was withdrawn since would be let in without being judged.
    """

    sslsocket_class = JudgedSocket
    judged: Judge

    @classmethod
    def to_server(
        cls, *, authority: Path, mine: Path, judged: Judge, key: Path | None = None
    ) -> Self:
        """Return a caller's context: who is trusted (PEM), what is shown to the server."""
        made = cls._make(ssl.PROTOCOL_TLS_CLIENT, mine, key, judged)
        made.load_verify_locations(authority)
        return made

    @classmethod
    def to_callers(cls, *, authority: Path, mine: Path, key: Path, judged: Judge) -> Self:
        """Return a server's context: whose certificates callers must show (PEM), and its own."""
        made = cls._make(ssl.PROTOCOL_TLS_SERVER, mine, key, judged)
        made.load_verify_locations(authority)
        made.verify_mode = ssl.CERT_REQUIRED
        # The authority of a role stands below its brand; it is trusted for itself.
        made.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
        made.num_tickets = 0
        return made

    @classmethod
    def _make(cls, protocol: int, mine: Path, key: Path | None, judged: Judge) -> Self:
        made = cls(protocol)
        made.minimum_version = ssl.TLSVersion.TLSv1_3
        made.load_cert_chain(mine, key)
        made.judged = judged
        return made


class IdleConnections:
    """A caller's connections that wait to be used again, by whichever thread asks next."""

    def __init__(self) -> None:
        self._waiting: deque[JudgedSocket] = deque()

    def take(self) -> JudgedSocket | None:
        """Return the one used last that may still be used, judged again; None: there is none."""
        while self._waiting:
            try:
                found = self._waiting.pop()
            except IndexError:  # another thread was faster
                break
            if not _has_ended(found) and found.still_holds():
                return found
            hang_up(found)
        return None

    def keep(self, connection: JudgedSocket) -> None:
        """Let a connection wait, on which nothing is under way."""
        self._waiting.append(connection)

    def __iter__(self) -> Iterator[JudgedSocket]:
        """Tell which connections wait, the one used last at the end."""
        return iter(tuple(self._waiting))

    def close(self) -> None:
        """Hang up all that wait."""
        while self._waiting:
            with suppress(IndexError):
                hang_up(self._waiting.pop())


def connect(context: JudgingContext, host: str, port: int, *, timeout_s: float) -> JudgedSocket:
    """Return a new connection to whom `context` judges.

    Raises:
        OSError: nobody is there, or it is another; nothing was sent.
    """
    plain = socket.create_connection((host, port), timeout=timeout_s)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        made = context.wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise
    assert isinstance(made, JudgedSocket)
    return made


def hang_up(connection: JudgedSocket) -> None:
    """Close a connection, whatever state it is in."""
    with suppress(OSError):
        connection.close()


def _has_ended(connection: JudgedSocket) -> bool:
    """Say whether the other side closed; anything unasked in the stream counts as such."""
    connection.setblocking(False)
    try:
        connection.recv(1)
    except ssl.SSLWantReadError:
        return False
    except OSError:
        return True
    return True


class Renewing[C: ssl.SSLContext]:
    """A context made of files; renewed files are used from the next connection on."""

    def __init__(self, make: Callable[[], C], *files: Path) -> None:
        self._make, self._files = make, files
        self._kept: tuple[tuple[int, ...], C] | None = None
        self._lock = Lock()

    def current(self) -> C:
        """Return the context for the next connection.

        Raises:
            OSError: the files are not there or do not fit each other, and never did.
        """
        with self._lock:
            try:
                seen = tuple(path.stat().st_mtime_ns for path in self._files)
                if self._kept is None or self._kept[0] != seen:
                    self._kept = (seen, self._make())
            except OSError:
                # Chain and key are two files: between the two renamings they do not fit.
                if self._kept is None:
                    raise
            return self._kept[1]
