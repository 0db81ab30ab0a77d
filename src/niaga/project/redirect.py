"""Plain HTTP answers nothing but the way to HTTPS."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_HOST = re.compile(r"\A(?P<name>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?\Z")


def https_address(host_header: str | None, path: str, *, https_port: int) -> str:
    """Return the HTTPS address of what was asked for by plain HTTP."""
    host = _HOST.match(host_header or "")
    name = host["name"] if host else "localhost"
    port = "" if https_port == 443 else f":{https_port}"
    # An absolute or scheme-relative target would lead the browser elsewhere.
    return f"https://{name}{port}/{path.lstrip('/') if path.startswith('/') else ''}"


@contextmanager
def redirect_server(*, host: str, port: int, https_port: int) -> Iterator[int]:
    """Answer every plain request with 308 to HTTPS meanwhile; yield the port listened on."""

    class Redirect(BaseHTTPRequestHandler):
        timeout = 10  # seconds; a silent client does not hold a thread

        def _redirect(self) -> None:
            address = https_address(self.headers["Host"], self.path, https_port=https_port)
            self.send_response(308)
            self.send_header("Location", address)
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _redirect  # noqa: N815

        def version_string(self) -> str:
            return "niaga"

        def log_message(self, *_: object) -> None:
            """Keep the terminal quiet."""

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    server = Server((host, port), Redirect)
    thread = threading.Thread(target=server.serve_forever, name="redirect", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
