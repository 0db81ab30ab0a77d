"""The wallet's running server: what it answers, and what it never keeps."""

import http.client
import ssl
from pathlib import Path
from urllib.parse import quote

import pytest
import typer.testing

from niaga.project.cli.main import app
from niaga.wallet.server import settings_from
from tests.support.payment import ITEM
from tests.wallet.browser import Device
from tests.wallet.town import GOOD_CARD, Town


def _ask(town: Town, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    context = ssl.create_default_context(cafile=town.tls.authority)
    line = http.client.HTTPSConnection("localhost", town.ports["wallet"], context=context)
    line.request(method, path, headers=headers)
    response = line.getresponse()
    response.body = response.read()  # type: ignore[attr-defined] - read before the line closes
    line.close()
    return response


@pytest.mark.parametrize("path", ["/", "/js/app.js", "/wallet.css", "/config.json", "/nothing"])
def test_every_answer_is_kept_in_bounds(town: Town, path: str) -> None:
    answer = _ask(town, "GET", path)
    assert answer.status == (404 if path == "/nothing" else 200)
    assert answer.getheader("Set-Cookie") is None
    policy = answer.getheader("Content-Security-Policy") or ""
    assert policy.startswith("default-src 'none'")
    assert town.origin("authority") in policy
    for name, value in {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }.items():
        assert answer.getheader(name) == value
    assert "max-age=" in (answer.getheader("Strict-Transport-Security") or "")
    assert "publickey-credentials-get=(self)" in (answer.getheader("Permissions-Policy") or "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_reads_are_answered(town: Town, method: str) -> None:
    assert _ask(town, method, "/").status == 405


@pytest.mark.parametrize(
    "path",
    ["/../server.py", "/js/../../server.py", "/%2e%2e/server.py", "/index.html", "//etc/passwd"],
)
def test_nothing_else_is_served(town: Town, path: str) -> None:
    assert _ask(town, "GET", path).status == 404


def test_a_file_that_is_known_is_not_sent_again(town: Town) -> None:
    first = _ask(town, "GET", "/js/app.js")
    again = _ask(town, "GET", "/js/app.js", **{"If-None-Match": first.getheader("ETag") or ""})
    assert (again.status, again.body) == (304, b"")  # type: ignore[attr-defined]


def test_text_travels_compressed_where_that_is_understood(town: Town) -> None:
    plain = _ask(town, "GET", "/wallet.css")
    zipped = _ask(town, "GET", "/wallet.css", **{"Accept-Encoding": "gzip"})
    assert plain.getheader("Content-Encoding") is None
    assert zipped.getheader("Content-Encoding") == "gzip"
    assert len(zipped.body) < len(plain.body) / 2  # type: ignore[attr-defined]


@pytest.mark.browser
def test_neither_card_nor_order_comes_to_the_wallets_server(phone: Device) -> None:
    town = phone.town
    sent: list[str] = []
    phone.page.on(
        "request",
        lambda request: (
            sent.append(f"{request.url} {request.headers} {request.post_data or ''}")
            if request.url.startswith(town.origin("wallet"))
            else None
        ),
    )
    phone.enrol()
    phone.open(town.open_purchase("secret-capability"))
    phone.confirm()
    phone.shows("Paid")
    log = (town.folder / "wallet.log").read_text()
    told = "\n".join(sent)
    assert sent
    for secret in (GOOD_CARD.pan, GOOD_CARD.holder, ITEM, "secret-capability", "CANARY"):
        for spelling in (secret, quote(secret)):
            assert spelling not in told
            assert spelling not in log


@pytest.mark.browser
def test_the_authority_gets_the_card_sealed_only(phone: Device) -> None:
    phone.enrol()
    (body,) = phone.town.enrolments
    for secret in (GOOD_CARD.pan, GOOD_CARD.holder, GOOD_CARD.expiry):
        assert secret.encode() not in body


@pytest.mark.parametrize("authority", ["http://a.example", "https://a.example/", "https://", "a"])
def test_an_authority_that_is_no_origin(authority: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="origin"):
        settings_from({"NIAGA_WALLET_AUTHORITY": authority, "NIAGA_WALLET_ROOTS": str(tmp_path)})


def test_the_command_tells_what_is_missing() -> None:
    told = typer.testing.CliRunner().invoke(app, ["wallet", "--port", "0"])
    assert told.exit_code != 0
