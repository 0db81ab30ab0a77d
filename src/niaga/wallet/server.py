"""The wallet's origin: a fixed set of files, read once, with headers that let them do little.

No cookie, no database, no query string is read, nothing is written: what a person pays, and with
what, never comes here. `make_app` is granian's entry (RSGI); see `niaga wallet`.
"""

import gzip
import hashlib
import json
import mimetypes
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from niaga.protocol.formats.x509 import write_chain
from niaga.wallet.contract import contract

PAGE = Path(__file__).parent / "page"
# Font, icons, pattern and colours are the shop's: files of another room, but no code.
LOOK = Path(__file__).parent.parent / "doors/look/static/look"
LOOK_FILES = (
    "fonts/plus-jakarta-sans-latin-wght-normal.woff2",
    "fonts/LICENSE-plus-jakarta-sans.txt",
    "img/favicon.svg",
    "img/icons.svg",
    "img/kawung.svg",
    "img/LICENSE-lucide.txt",
)
_COMPRESSIBLE = ("text/", "application/json", "image/svg+xml")
_DENIED = (
    "accelerometer", "autoplay", "camera", "clipboard-read", "display-capture",
    "geolocation", "gyroscope", "hid", "identity-credentials-get", "magnetometer", "microphone",
    "midi", "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """What whoever runs a wallet decides.

    Attributes:
        authority: the origin of the authority's public face.
        roots: the root certificates the page believes.
    """

    authority: str
    roots: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is answered."""

    body: bytes
    zipped: bytes | None
    headers: tuple[tuple[str, str], ...]
    etag: str


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Return the settings in NIAGA_WALLET_AUTHORITY (origin) and NIAGA_WALLET_ROOTS (PEM file).

    Raises:
        ValueError: the authority is no HTTPS origin, or the file holds no certificate.
    """
    authority = environment["NIAGA_WALLET_AUTHORITY"]
    parts = urlsplit(authority)
    if parts.scheme != "https" or not parts.hostname or authority != f"https://{parts.netloc}":
        raise ValueError(f"{authority!r} is not an https origin")
    roots = x509.load_pem_x509_certificates(Path(environment["NIAGA_WALLET_ROOTS"]).read_bytes())
    return Settings(authority, tuple(roots))


def files(settings: Settings) -> dict[str, File]:
    """Return every file of the wallet by its path."""
    found = {
        f"/{path.relative_to(PAGE).as_posix()}": path.read_bytes()
        for path in PAGE.rglob("*")
        if path.is_file()
    }
    found |= {f"/look/{name}": (LOOK / name).read_bytes() for name in LOOK_FILES}
    found["/look/tokens.css"] = shop_tokens().encode()
    found["/"] = found.pop("/index.html")
    found["/protocol.json"] = _json(contract())
    found["/config.json"] = _json(
        {"authority": settings.authority, "roots": write_chain(settings.roots)}
    )
    safety = security_headers(settings)
    return {path: _file(path, body, safety) for path, body in found.items()}


def shop_tokens() -> str:
    """Return the colours and measures of the shop's style sheet: its layer `tokens`, alone."""
    sheet = (LOOK / "css/look.css").read_text()
    return sheet[sheet.index("@layer tokens {") : sheet.index("@layer base {")]


def security_headers(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return the headers of every answer.

    Merchants are many and unknown, so the page may connect to any https origin; whom it believes
    is decided by certificates. It may load code, style and pictures from its own origin alone.
    """
    policy = "; ".join((
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        f"connect-src 'self' {settings.authority} https:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ))  # fmt: skip
    passkeys = "publickey-credentials-create=(self), publickey-credentials-get=(self)"
    return (
        ("content-security-policy", policy),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", f"{', '.join(f'{name}=()' for name in _DENIED)}, {passkeys}"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=63072000"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("origin-agent-cluster", "?1"),
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _file(path: str, body: bytes, safety: tuple[tuple[str, str], ...]) -> File:
    kind = _kind(path)
    zipped = gzip.compress(body, 9, mtime=0) if kind.startswith(_COMPRESSIBLE) else None
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    # Always asked for anew, and mostly answered "not modified": an update is never half there.
    headers = (
        ("content-type", kind),
        ("cache-control", "no-cache"),
        ("etag", etag),
        ("vary", "accept-encoding"),
        *safety,
    )
    return File(body, zipped, headers, etag)


def _kind(path: str) -> str:
    if path == "/":
        return "text/html; charset=utf-8"
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


type App = Callable[[Any, Any], Awaitable[None]]


def make_app() -> App:
    """Return the RSGI application for the settings in the environment."""
    settings = settings_from(os.environ)
    return app_of(files(settings), security_headers(settings))


def app_of(found: Mapping[str, File], safety: tuple[tuple[str, str], ...]) -> App:
    """Return an application that answers GET and HEAD with these files and nothing else."""
    plain = [("content-type", "text/plain; charset=utf-8"), *safety]

    async def app(scope: Any, protocol: Any) -> None:
        if scope.method not in {"GET", "HEAD"}:
            protocol.response_str(405, [("allow", "GET, HEAD"), *plain], "Method not allowed\n")
            return
        file = found.get(scope.path)
        if file is None:
            protocol.response_str(404, plain, "Not found\n")
            return
        headers = list(file.headers)
        if scope.headers.get("if-none-match") == file.etag:
            protocol.response_empty(304, headers)
            return
        body = file.body
        if file.zipped is not None and "gzip" in (scope.headers.get("accept-encoding") or ""):
            body = file.zipped
            headers.append(("content-encoding", "gzip"))
        if scope.method == "HEAD":
            protocol.response_empty(200, [*headers, ("content-length", str(len(body)))])
            return
        protocol.response_bytes(200, headers, body)

    return app
