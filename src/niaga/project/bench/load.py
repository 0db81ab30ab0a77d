"""Load: so many buyers do one thing over and over for a while; what it took is measured."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from niaga.project.bench.processor import Meter

type Deed = Callable[[], None]
"""What a buyer does once; it raises when the answer is not the right one."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured.

    Attributes:
        what: the page, request or transaction.
        buyers: how many did it at the same time.
        count: how often it was done in `seconds`.
        p50_ms: half of them took at most so long.
        p95_ms: 95 of 100 took at most so long.
        statements: SQL statements each, without BEGIN and COMMIT (one buyer, counted apart).
        server_ms: processor time of web server and database each.
        client_ms: processor time of the load client each; it shares the machine.
    """

    what: str
    buyers: int
    count: int
    seconds: float
    p50_ms: float
    p95_ms: float
    statements: float | None = None
    server_ms: float | None = None
    client_ms: float | None = None

    @classmethod
    def of(cls, what: str, took_ms: Sequence[float], *, seconds: float, buyers: int = 1) -> Self:
        """Return what came of it when each took so long, in any order."""
        took_ms = sorted(took_ms)
        return cls(
            what=what,
            buyers=buyers,
            count=len(took_ms),
            seconds=seconds,
            p50_ms=quantile(took_ms, 0.50),
            p95_ms=quantile(took_ms, 0.95),
        )

    @property
    def rate(self) -> float:
        """How often each second."""
        return self.count / self.seconds

    def bound(self, cores: int) -> float | None:
        """How often each second web server and database could, with all cores to themselves."""
        return cores * 1000 / self.server_ms if self.server_ms else None


def quantile(sorted_ms: Sequence[float], share: float) -> float:
    """Return the value that `share` of the measurements do not exceed (nearest rank)."""
    assert sorted_ms
    return sorted_ms[max(0, math.ceil(share * len(sorted_ms)) - 1)]


@dataclass(slots=True)
class _Tally:
    took_ms: list[float] = field(default_factory=list)
    failure: BaseException | None = None


def run_load(
    what: str, deeds: Sequence[Deed], seconds: float, meter: Meter, statements: float
) -> Figure:
    """Let one thread for each of `deeds` do its deed over and over for `seconds`.

    `statements` is what was counted apart.

    Raises:
        Exception: whatever the first deed that failed raised.
    """
    tallies = [_Tally() for _ in deeds]
    stop = time.perf_counter() + seconds

    def work(deed: Deed, tally: _Tally) -> None:
        try:
            while (begun := time.perf_counter()) < stop:
                deed()
                tally.took_ms.append((time.perf_counter() - begun) * 1000)
        except BaseException as failure:  # noqa: BLE001 - told by the thread that waits
            tally.failure = failure

    threads = [
        threading.Thread(target=work, args=pair, daemon=True)
        for pair in zip(deeds, tallies, strict=True)
    ]
    begun, server, client = time.perf_counter(), meter.seconds(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    server_after = meter.seconds()
    for tally in tallies:
        if tally.failure:
            raise tally.failure
    took_ms = [ms for tally in tallies for ms in tally.took_ms]
    count = len(took_ms)
    busy = None if server is None or server_after is None else server_after - server
    return replace(
        Figure.of(what, took_ms, buyers=len(deeds), seconds=took),
        statements=statements,
        server_ms=None if busy is None else busy * 1000 / count,
        client_ms=(time.process_time() - client) * 1000 / count,
    )
