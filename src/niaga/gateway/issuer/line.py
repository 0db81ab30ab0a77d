"""The line to the issuer: connections under mutual TLS are kept, each for one question at a time.

An answer is either there in time, or unknown. After silence the connection is given up, so that a
late answer can't be taken for the next question's.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from niaga.gateway.issuer.iso8583 import FormatError, Message, encode, read_message
from niaga.protocol.formats.tls import (
    IdleConnections,
    Judge,
    JudgedSocket,
    JudgingContext,
    connect,
    hang_up,
)

CONNECT_TIMEOUT_S = 3.0


class IssuerUnreachableError(Exception):
    """Nothing was sent: the issuer can't have acted."""


class IssuerSilentError(Exception):
    """Something may have been sent and no answer came: the issuer may or may not have acted."""


class Line(Protocol):
    """What asks the issuer."""

    def ask(self, message: Message, *, timeout_s: float) -> Message:
        """Return the issuer's answer.

        Raises:
            IssuerUnreachableError: nothing was sent.
            IssuerSilentError: it is unknown what the issuer did.
        """
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where the issuer answers, and the files to show and to trust.

    Attributes:
        authority: the certificate (PEM) that vouches for the issuer.
        chain: our certificate (PEM).
        key: its private key (PEM).
        judged: refuses a certificate that is not this issuer's own, or no longer.
    """

    host: str
    port: int
    authority: Path
    chain: Path
    key: Path
    judged: Judge


class TlsLine:
    """The real line; `address` is asked at each new connection, so renewed files are used.

    Whichever thread asks uses the connection that was used last; a kept one is judged again.

    Attributes:
        idle: the connections that are kept.
    """

    def __init__(self, address: Callable[[], Address]) -> None:
        self._address = address
        self.idle = IdleConnections()

    def ask(self, message: Message, *, timeout_s: float) -> Message:
        """See `Line`."""
        deadline = time.monotonic() + timeout_s
        connection = self.idle.take() or self._connect(min(timeout_s, CONNECT_TIMEOUT_S))
        try:
            connection.settimeout(timeout_s)
            connection.sendall(encode(message))
            answer = _answer(connection, message, deadline)
        except (OSError, FormatError) as error:
            hang_up(connection)
            raise IssuerSilentError(str(error)) from error
        self.idle.keep(connection)
        return answer

    def _connect(self, timeout_s: float) -> JudgedSocket:
        address = self._address()
        try:
            context = JudgingContext.to_server(
                authority=address.authority,
                mine=address.chain,
                key=address.key,
                judged=address.judged,
            )
            return connect(context, address.host, address.port, timeout_s=timeout_s)
        except OSError as error:
            raise IssuerUnreachableError(str(error)) from error

    def close(self) -> None:
        """Hang up what is kept; the next question opens another connection."""
        self.idle.close()


def _answer(connection: JudgedSocket, asked: Message, deadline: float) -> Message:
    def receive(count: int) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        connection.settimeout(left)
        return connection.recv(count)

    answer = read_message(receive)
    if answer is None or answer.trace != asked.trace or answer.retrieval != asked.retrieval:
        raise FormatError("the issuer hung up, or answered another question")
    return answer
