"""How fast documents are issued, rendered and signed, and that memory stays flat over many."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from niaga.flows.documents.rendering.content import DocumentContent, Line, Party, Totals
from niaga.project.bench.shop import own_database
from niaga.project.cli.start import close_connections

TOLD_EVERY, ALONE, WARM = 1_000, 1_000, 200


@dataclass(slots=True)
class Step:
    """A step of making documents: how many were made, and how long all of them took."""

    what: str
    documents: int = 0
    seconds: float = 0.0

    @property
    def ms(self) -> float:
        """Milliseconds a document."""
        return 1000 * self.seconds / self.documents

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.documents / self.seconds

    @contextmanager
    def one(self) -> Iterator[None]:
        """Time one document more."""
        began = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - began
        self.documents += 1


@dataclass(slots=True)
class Found:
    """The steps, and the process's resident memory in MiB after how many documents."""

    validate: Step = field(default_factory=lambda: Step("write the XML and validate it"))
    issue: Step = field(default_factory=lambda: Step("issue (one transaction each)"))
    whole: Step = field(default_factory=lambda: Step("print: render, sign, seal, store"))
    render: Step = field(default_factory=lambda: Step("render alone"))
    sign: Step = field(default_factory=lambda: Step("sign alone"))
    rss_mib: dict[int, float] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, in the order of a document's life."""
        return (self.validate, self.issue, self.whole, self.render, self.sign)


def measure_documents(count: int, *, say: Callable[[str], None]) -> Found:
    """Make `count` invoices from draft to stored PDF, in a database and folder of their own.

    Memory is told at every thousand; rendering and signing are measured alone afterwards.
    """
    found = Found()
    with own_database():
        from niaga.kernel.ids import new_id

        seller_id = new_id()
        for number in range(1, count + 1):
            _make(found, seller_id, number)
            if number in {min(WARM, count), count} or number % TOLD_EVERY == 0:
                found.rss_mib[number] = _rss_mib()
                say(f"{number:,} of {count:,} documents, {found.rss_mib[number]:.0f} MiB")
        say("rendering and signing alone")
        _alone(found, min(count, ALONE))
        close_connections()
    return found


def _make(found: Found, seller_id: UUID, number: int) -> None:
    """Judge, issue and print an invoice as the workers do."""
    from niaga.flows.documents.commands.issue_document import issue_document
    from niaga.flows.documents.finishing import Finished, UnissuedDocument, finished
    from niaga.flows.documents.printing import pdf_of
    from niaga.flows.documents.ubl.checks import findings
    from niaga.flows.documents.ubl.writer import xml_of
    from niaga.kernel import clock
    from niaga.kernel.ids import new_id

    document_id = new_id()
    document = UnissuedDocument(
        seller_id=seller_id,
        series_name="BENCH",
        cause_id=new_id(),
        about_id=document_id,
        content=_content(number),
    )
    final = finished(document, document_id=document_id, issued_at=clock.now(), serial=number)
    with found.validate.one():
        xml = xml_of(final)
        wrong = findings(xml, final)
    assert not wrong, wrong
    with found.issue.one():
        issued = issue_document(document=document, validated=Finished(document_id, final, xml))
    assert issued is not None, "nothing was issued about it before"
    with found.whole.one():
        pdf_of(document_id)


def _alone(found: Found, count: int) -> None:
    from niaga.flows.documents.rendering.pdf import render_pdf
    from niaga.flows.documents.signing.keys import market_key
    from niaga.flows.documents.signing.pades import sign_pdf
    from niaga.flows.documents.ubl.writer import xml_of

    key, at = market_key(), datetime.now(UTC)
    for number in range(count):
        content = _content(number)
        xml = xml_of(content)
        with found.render.one():
            pdf = render_pdf(content, xml=xml)
        with found.sign.one():
            sign_pdf(pdf, key, at=at)


def _content(number: int) -> DocumentContent:
    """Return an invoice of five lines."""
    seller = Party(
        "Toko Bench", "PT Toko Bench", ("Jl. Braga 1", "Kota Bandung 40111"), "+62 22 1", "a@b.id",
        nib="1234567890123",
    )  # fmt: skip
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
