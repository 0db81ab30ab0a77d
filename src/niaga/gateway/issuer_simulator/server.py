"""The simulator's server: TLS 1.3, and nobody without the gateway's certificate."""

import socketserver
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from niaga.gateway.issuer import iso8583
from niaga.gateway.issuer.iso8583 import FormatError, Message, encode, read_message
from niaga.gateway.issuer_simulator.bank import NO_CARD, Bank, Reply
from niaga.protocol.errors import ProtocolError
from niaga.protocol.formats import base64url
from niaga.protocol.formats.tls import Judge, JudgingContext, Renewing
from niaga.protocol.gateway.authorization import Keys, open_card

IDLE_S = 3600.0


def answer(asked: Message, *, bank: Bank, keys: Keys) -> Reply:
    """Return the reply to a message; card data are opened here and kept nowhere."""
    if asked.kind != iso8583.ENROLMENT:
        return bank.answer(asked)
    account, label = _enrol(asked, bank, keys)
    told = Message(
        kind=iso8583.ENROLMENT_RESPONSE,
        trace=asked.trace,
        retrieval=asked.retrieval,
        transmitted=asked.transmitted,
        response=iso8583.APPROVED if account else NO_CARD,
        account=account,
        sealed=label,
    )
    return Reply(told)


def _enrol(asked: Message, bank: Bank, keys: Keys) -> tuple[str, str]:
    try:
        card = open_card(asked.sealed, csr=base64url.decode(asked.request), keys=keys)
    except ProtocolError:
        return "", ""
    account = bank.find_account(card)
    return (account, f"**** {card.pan[-4:]}") if account else ("", "")


@dataclass(frozen=True, slots=True)
class Files:
    """What the server shows and trusts (PEM).

    Attributes:
        gateways: the authority of gateways, or who else may call.
        chain: the issuer's own certificate.
        key: its private key.
    """

    gateways: Path
    chain: Path
    key: Path


class IssuerServer(socketserver.ThreadingTCPServer):
    """Answers each connection on a thread of its own, one message after the other."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(
        self, address: tuple[str, int], *, bank: Bank, keys: Keys, files: Files, judged: Judge
    ) -> None:
        self.bank, self.keys, self.judged = bank, keys, judged
        self._stopped = threading.Event()
        self._contexts = Renewing(
            lambda: JudgingContext.to_callers(
                authority=files.gateways, mine=files.chain, key=files.key, judged=judged
            ),
            files.gateways,
            files.chain,
            files.key,
        )
        self._contexts.current()
        super().__init__(address, _Conversation)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands on the connection's own thread, then talk."""
        request.settimeout(IDLE_S)
        try:
            with self._contexts.current().wrap_socket(request, server_side=True) as connection:
                super().finish_request(connection, client_address)
        except OSError:
            return  # no certificate, or the gateway went away

    def server_close(self) -> None:
        """Stop, and let late answers go unsaid."""
        self._stopped.set()
        super().server_close()

    def reply(self, asked: Message) -> Reply:
        """Return the reply to a message."""
        return answer(asked, bank=self.bank, keys=self.keys)

    def wait(self, seconds: float) -> bool:
        """Wait, unless the server stops; say whether it did not."""
        return not self._stopped.wait(seconds)


class _Conversation(socketserver.BaseRequestHandler):
    server: IssuerServer

    def handle(self) -> None:
        """Answer until the other side hangs up or talks nonsense."""
        while True:
            try:
                asked = read_message(self.request.recv)
                if asked is None:
                    return
                self.server.judged(self.request.shown)
                reply = self.server.reply(asked)
                if reply.after_s is not None and self.server.wait(reply.after_s):
                    self.request.sendall(encode(reply.message))
            except (OSError, FormatError, ProtocolError):
                return
