"""Plain HTTP answers only with the HTTPS address of the same thing."""

import http.client

import pytest

from niaga.project.redirect import https_address, redirect_server


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_every_method_is_redirected(method: str) -> None:
    with redirect_server(host="127.0.0.1", port=0, https_port=8443) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, "/cari?q=kopi", headers={"Host": f"localhost:{port}"})
        answer = connection.getresponse()
        assert answer.status == 308
        assert answer.headers["Location"] == "https://localhost:8443/cari?q=kopi"
        connection.close()


@pytest.mark.parametrize(
    ("host", "path", "port", "expected"),
    [
        ("toko.id", "/", 443, "https://toko.id/"),
        ("[::1]:8080", "/a", 8443, "https://[::1]:8443/a"),
        ("a b", "/", 8443, "https://localhost:8443/"),
        ("user@elsewhere.example", "/", 8443, "https://localhost:8443/"),
        (None, "/", 8443, "https://localhost:8443/"),
        ("localhost", "//elsewhere.example/x", 8443, "https://localhost:8443/elsewhere.example/x"),
        ("localhost", "http://elsewhere.example/", 8443, "https://localhost:8443/"),
    ],
)
def test_address(host: str | None, path: str, port: int, expected: str) -> None:
    assert https_address(host, path, https_port=port) == expected
