"""Live parts: news is sent when there is some, to whom may see it, within the server's means."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from niaga.doors.look.live import SEATS
from niaga.flows.information.timeline import last_event_id
from tests.support.buyers import Bought, browser, buy
from tests.support.worlds import pay

# A stream gives its connection back between two looks, so nothing may hang on the connection.
pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def all_seats_taken() -> Iterator[None]:
    """Many pages wait already: a stream then looks once and ends."""
    with ExitStack() as taken:
        while SEATS.acquire(blocking=False):
            taken.callback(SEATS.release)
        yield


def newest(bought: Bought) -> str:
    ids = (bought.order.id, bought.placed.purchase_id)
    return str(last_event_id(ids, audience="buyer"))


def stream(client: Client, address: str, **headers: str) -> StreamingHttpResponse:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    return cast("StreamingHttpResponse", response)


def whole(response: StreamingHttpResponse) -> str:
    return b"".join(cast("Iterator[bytes]", response.streaming_content)).decode()


def pages(bought: Bought) -> list[str]:
    return [
        reverse("purchase_live", args=[bought.placed.reference]),
        reverse("order_live", args=[bought.order.id]),
    ]


def test_what_happened_since_the_page_was_made_is_news() -> None:
    bought = buy(paid=False)
    owner = browser(bought.buyer)
    since = newest(bought)
    pay(bought.placed)
    with all_seats_taken():
        for address in pages(bought):
            told = whole(stream(owner, f"{address}?since={since}"))
            assert f"id: {newest(bought)}\nevent: news\ndata: " in told
            assert "Payment received" in told
            assert all(
                line.startswith(("data: ", "id: ", "event: ", "retry: "))
                for line in told.splitlines()
                if line
            )


def test_what_is_known_is_not_sent_again() -> None:
    bought = buy()
    owner = browser(bought.buyer)
    with all_seats_taken():
        for address in pages(bought):
            assert "news" not in whole(stream(owner, f"{address}?since={newest(bought)}"))
            returning = stream(owner, f"{address}?since=old", **{"last-event-id": newest(bought)})
            assert "news" not in whole(returning)


def test_it_speaks_the_visitor_s_language() -> None:
    bought = buy()
    client = Client(headers={"accept-language": "id"})
    client.force_login(bought.buyer)
    with all_seats_taken():
        assert "Payment received" not in whole(stream(client, pages(bought)[0]))


def test_when_many_wait_the_visitor_is_asked_to_come_later() -> None:
    bought = buy()
    with all_seats_taken():
        told = whole(stream(browser(bought.buyer), pages(bought)[0]))
    assert told.startswith("retry: 15000\n\n")
    assert "event: news" in told


def test_a_visitor_who_leaves_frees_the_seat() -> None:
    bought = buy()
    owner = browser(bought.buyer)
    for _ in range(30):
        response = stream(owner, pages(bought)[0])
        chunks = cast("Iterator[bytes]", response.streaming_content)
        assert next(chunks) == b"retry: 1000\n\n"
        assert b"event: news" in next(chunks)
        response.close()


def test_a_page_asks_from_where_it_stands() -> None:
    bought = buy()
    owner = browser(bought.buyer)
    for page, live in zip((bought.path, bought.order_path), pages(bought), strict=True):
        assert f'data-live="{live}?since={newest(bought)}"' in owner.get(page).content.decode()
