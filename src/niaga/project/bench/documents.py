"""How fast documents are issued, rendered and signed, and that memory stays flat over many."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from niaga.flows.documents.rendering.content import DocumentContent, Line, Party, Totals
from niaga.project.bench.shop import own_database
from niaga.project.cli.start import close_connections

ISSUED, WARM = 1_000, 20


@dataclass(frozen=True, slots=True)
class Step:
    """A step of making documents: how many were made, and how long each took."""

    what: str
    documents: int
    seconds: float

    @property
    def ms(self) -> float:
        """Milliseconds a document."""
        return 1000 * self.seconds / self.documents

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.documents / self.seconds


@dataclass(frozen=True, slots=True)
class Found:
    """The steps, and the process's resident memory in MiB before and after rendering them all."""

    steps: tuple[Step, ...]
    rss_start_mib: float
    rss_end_mib: float


def measure_documents(count: int, *, say: Callable[[str], None]) -> Found:
    """Issue up to 1,000 documents in a database of their own; render and sign `count`."""
    with own_database():
        say("issuing")
        issued = _issue(min(count, ISSUED))
        say(f"rendering {count:,}")
        rendered, start, end = _render(count)
        say("signing")
        signed = _sign(min(count, ISSUED))
        say("rendering, signing and sealing")
        sealed = _seal(min(count, ISSUED))
        close_connections()
    return Found((issued, rendered, signed, sealed), start, end)


def _issue(count: int) -> Step:
    from niaga.flows.documents.commands.issue_document import issue_document
    from niaga.kernel.ids import new_id

    seller_id = new_id()

    def one() -> None:
        issue_document(
            seller_id=seller_id,
            series_name="BENCH",
            cause_id=new_id(),
            about_id=new_id(),
            content=_content(1),
        )

    return _timed("issue (one transaction each)", count, lambda _: one())


def _render(count: int) -> tuple[Step, float, float]:
    from niaga.flows.documents.rendering.pdf import render_pdf

    for number in range(WARM):
        render_pdf(_content(number), xml="<Invoice/>")
    start = _rss_mib()
    step = _timed("render", count, lambda n: render_pdf(_content(n), xml="<Invoice/>"))
    return step, start, _rss_mib()


def _sign(count: int) -> Step:
    from niaga.flows.documents.rendering.pdf import render_pdf
    from niaga.flows.documents.signing.keys import market_key
    from niaga.flows.documents.signing.pades import sign_pdf

    key, pdf, at = market_key(), render_pdf(_content(1)), datetime.now(UTC)
    return _timed("sign", count, lambda _: sign_pdf(pdf, key, at=at))


def _seal(count: int) -> Step:
    from niaga.flows.documents.models import Document
    from niaga.flows.documents.printing import pdf_of

    ids: list[UUID] = list(Document.objects.values_list("id", flat=True)[:count])
    return _timed("print whole: render, sign, seal, store", count, lambda n: pdf_of(ids[n]))


def _timed(what: str, count: int, act: Callable[[int], object]) -> Step:
    began = time.perf_counter()
    for number in range(count):
        act(number)
    return Step(what, count, time.perf_counter() - began)


def _content(number: int) -> DocumentContent:
    """Return an invoice of five lines."""
    seller = Party(
        "Toko Bench", "PT Toko Bench", ("Jl. Braga 1", "Kota Bandung 40111"), "+62 22 1", "a@b.id"
    )
    lines = tuple(
        Line(f"Barang {number}-{row}", "250 g", f"SKU-{row}", 2, 50_000_00, 0, 100_000_00)
        for row in range(5)
    )
    return DocumentContent(
        kind="invoice",
        number=f"INV/BENCH/2026/{number:05}",
        issued_at=datetime(2026, 11, 25, 3, tzinfo=UTC),
        language="id",
        seller=seller,
        buyer=Party(f"Pembeli {number}", "", ("Jl. Melati 4",), "", "b@c.id"),
        order_reference=f"NG-{number:04}-1",
        references=(),
        lines=lines,
        totals=Totals("IDR", 500_000_00, 0, 15_000_00, 515_000_00),
        verify_url=f"https://localhost:8443/verify/{number:08}/",
    )


def _rss_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20
