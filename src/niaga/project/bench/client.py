"""A small HTTPS client that keeps its connection: cheap, so that it takes little of the machine."""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are lower case, of repeated ones the last counts."""

    status: int
    headers: dict[str, str]
    body: bytes


class Browser:
    """One buyer's browser: one connection to `https://localhost:PORT`, and its cookies."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        self._port = port
        self._context = context
        self._socket: ssl.SSLSocket | None = None
        self.cookies: dict[str, str] = {"niaga_language": "id"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._ask("GET", path, b"", "")

    def post(self, path: str, form: Mapping[str, str]) -> Answer:
        """Send a form."""
        return self.send(path, urlencode(form).encode(), "application/x-www-form-urlencoded")

    def send(self, path: str, body: bytes, kind: str) -> Answer:
        """Send `body`, of that media type."""
        head = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        return self._ask("POST", path, body, head)

    def _ask(self, method: str, path: str, body: bytes, extra: str) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        origin = f"https://localhost:{self._port}"
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost:{self._port}\r\nCookie: {cookies}\r\n"
            f"Origin: {origin}\r\nReferer: {origin}/\r\nAccept: text/html\r\n{extra}\r\n"
        )
        connection = self._socket or self._connect()
        connection.sendall(head.encode() + body)
        return self._read(connection)

    def _connect(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self._port), timeout=TIMEOUT_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = self._context.wrap_socket(plain, server_hostname="localhost")
        return self._socket

    def _read(self, connection: ssl.SSLSocket) -> Answer:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            more = connection.recv(65536)
            if not more:
                raise ConnectionError("the server closed the connection")
            data += more
        status_line, *lines = data[:end].decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
            if name.lower() == "set-cookie":
                self._keep(value.strip())
        length = int(headers["content-length"])
        parts = [data[end + 4 :]]
        missing = length - len(parts[0])
        while missing > 0:
            more = connection.recv(65536)
            if not more:
                raise ConnectionError("the server closed the connection")
            parts.append(more)
            missing -= len(more)
        return Answer(int(status_line.split(" ", 2)[1]), headers, b"".join(parts))

    def _keep(self, cookie: str) -> None:
        pair, *attributes = cookie.split(";")
        name, _, value = pair.partition("=")
        if any(a.strip().lower() == "max-age=0" for a in attributes):
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value


def trusting(authority: str) -> ssl.SSLContext:
    """Return a TLS context that trusts the authority of that PEM file."""
    return ssl.create_default_context(cafile=authority)
