"""Live parts of a page: the server sends a part's HTML again whenever there is news about it."""

import time
from collections.abc import Callable, Iterator
from threading import BoundedSemaphore
from uuid import UUID

from django.db import close_old_connections
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation

from niaga.doors.look.page import language

LOOK_EVERY_S = 1.0
HEARTBEAT_EVERY_S = 10.0
OPEN_FOR_S = 60.0
COME_BACK_MS = 1_000
COME_BACK_LATER_MS = 15_000
# A waiting page holds a thread of the server. Half of a worker's threads at most may wait; who
# comes after them is answered at once and asked to come again in a while.
SEATS = BoundedSemaphore(12)


def live(
    request: HttpRequest, *, newest: Callable[[], UUID | None], part: Callable[[], str]
) -> StreamingHttpResponse:
    """Return a stream of server-sent events `news`, each with the HTML that `part` returns.

    `newest` is asked every second; another answer than the one the visitor has seen (the header
    Last-Event-ID, or `since` in the address) is news. The stream ends after a minute, and the
    browser comes back by itself. No database connection is held while it waits.
    """
    seen = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    body = _stream(seen, newest, part, language())
    response = StreamingHttpResponse(body, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _stream(
    seen: str, newest: Callable[[], UUID | None], part: Callable[[], str], spoken: str
) -> Iterator[bytes]:
    seated = SEATS.acquire(blocking=False)
    try:
        yield f"retry: {COME_BACK_MS if seated else COME_BACK_LATER_MS}\n\n".encode()
        until = time.monotonic() + (OPEN_FOR_S if seated else 0)
        quiet_since = time.monotonic()
        while True:
            last = str(newest() or "")
            if last != seen:
                seen = last
                with translation.override(spoken):
                    html = part()
                yield _event(last, html)
                quiet_since = time.monotonic()
            close_old_connections()
            if time.monotonic() >= until:
                return
            if time.monotonic() - quiet_since >= HEARTBEAT_EVERY_S:
                yield b": still here\n\n"  # writing is how a gone visitor is noticed
                quiet_since = time.monotonic()
            time.sleep(LOOK_EVERY_S)
    finally:
        close_old_connections()
        if seated:
            SEATS.release()


def _event(event_id: str, html: str) -> bytes:
    data = "\n".join(f"data: {line}" for line in html.splitlines())
    return f"id: {event_id}\nevent: news\n{data}\n\n".encode()
