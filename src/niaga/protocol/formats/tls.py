"""TLS 1.3 between parties of a payment: each side's certificate is judged as a message's is.

OpenSSL proves that the other side holds the key of a certificate some authority vouches for. What
it can't know is judged right after the handshake: the role, the use, whose certificate it is, and
whether it was withdrawn.
"""

import ssl
from collections.abc import Callable
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
