"""A buyer's open page hears of the payment by itself, from the running market."""

import re
import ssl
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar

import pytest

from tests.support.buyers import buy
from tests.support.market import RunningMarket
from tests.support.worlds import pay

OPENED = re.compile(r'data-live="([^"]+)"')


def messages(lines: Iterator[bytes]) -> Iterator[list[str]]:
    """Each message of a stream of server-sent events, as its lines."""
    message: list[str] = []
    for line in lines:
        text = line.decode().rstrip("\n")
        if text:
            message.append(text)
        else:
            yield message
            message = []


@pytest.mark.slow
def test_an_open_page_hears_that_it_was_paid(live_market: RunningMarket) -> None:
    bought = buy(paid=False)
    context = ssl.create_default_context(cafile=str(live_market.authority))
    browser = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPCookieProcessor(CookieJar()),
    )
    with browser.open(f"{live_market.url}{bought.path}?t={bought.placed.token}") as page:
        assert page.url == f"{live_market.url}{bought.path}"
        found = OPENED.search(page.read().decode())
    assert found
    with browser.open(f"{live_market.url}{found[1]}", timeout=60) as stream:
        told = messages(iter(stream))
        assert next(told)[0].startswith("retry: ")
        pay(bought.placed)
        paid = next(
            message for message in told if any("seal-confirmed" in line for line in message)
        )
    assert paid[0].startswith("id: ")
    assert paid[1] == "event: news"
