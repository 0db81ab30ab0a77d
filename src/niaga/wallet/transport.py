"""How a wallet's bytes travel: HTTPS without redirects, cookies or proxies, bounded in time."""

import http.client
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

TIMEOUT_S = 20.0
MOST_BYTES = 262_144
JSON, JOSE = "application/json", "application/jose"
_OK = range(200, 300)


class UnreachableError(Exception):
    """No answer came, or none that could be read: nothing is known of what the other side did."""


class AnsweredError(Exception):
    """The other side answered, with a problem document (RFC 9457): `status` and its `code`."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Https:
    """Carries requests; `trusted` are the roots of the web (PEM), None: the system's."""

    trusted: Path | None = None
    timeout_s: float = TIMEOUT_S

    def get(self, url: str) -> bytes:
        """Return what is at `url`; see `post` for what it raises."""
        return self._call("GET", url, None, {})

    def post(self, url: str, body: bytes, kind: str = JSON) -> bytes:
        """Return the answer to `body`.

        Raises:
            UnreachableError: no answer, or the server failed.
            AnsweredError: the server refused.
        """
        return self._call("POST", url, body, {"Content-Type": kind})

    def _call(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        address = urlsplit(url)
        if address.scheme != "https":
            raise UnreachableError(f"{url} is not https")
        context = ssl.create_default_context(cafile=self.trusted)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, timeout=self.timeout_s, context=context
        )
        try:
            connection.request(method, address.path or "/", body, headers)
            response = connection.getresponse()
            content = response.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"{address.netloc}: {error}") from error
        finally:
            connection.close()
        if len(content) > MOST_BYTES or response.status >= 500:
            raise UnreachableError(f"{address.netloc} answered {response.status}")
        if response.status not in _OK:
            raise AnsweredError(response.status, _code_of(content))
        return content


def _code_of(content: bytes) -> str:
    try:
        return str(json.loads(content)["code"])
    except (ValueError, KeyError, TypeError):
        return "refused"
