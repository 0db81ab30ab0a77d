import io
import json
import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from niaga.flows.documents.rendering.amounts import amount_in_figures, amount_in_words, percent
from niaga.flows.documents.rendering.content import (
    DocumentContent,
    Kind,
    Line,
    Party,
    PaymentTerms,
    ShipmentInfo,
    Totals,
    from_json,
    to_json,
)
from niaga.flows.documents.rendering.glyphs import printable
from niaga.flows.documents.rendering.labels import LABELS
from niaga.flows.documents.rendering.pdf import render_pdf
from niaga.kernel.money import Money

KINDS: tuple[Kind, ...] = get_args(Kind.__value__)
MOVED = {"delivery_note", "return_slip"}  # they list things and name no amount
ISSUED_AT = datetime(2026, 11, 24, 17, 5, tzinfo=UTC)  # after midnight in Jakarta
SELLER = Party(
    name="Kopi Nusantara",
    legal_name="PT Kopi Nusantara Jaya",
    address_lines=("Jl. Braga 12", "Kota Bandung 40111", "Jawa Barat"),
    phone="+62 22 4231 234",
    email="halo@kopi.example",
    npwp="0012345678901000",
    nib="1234567890123",
)
BUYER = Party("Siti Rahmawati", "", ("Jl. Melati 45",), "+62 812 3456 7890", "siti@example.com")
LINES = (
    Line("Kopi Gayo", "250 g", "GAYO-250", 2, 10_000_000, 2_000_000, 18_000_000),
    Line("Kelas Seduh", "28 November 2026 10.00", "KELAS", 1, 4_200_000, 0, 4_200_000),
)
TOTALS = Totals(
    currency="IDR",
    items_minor=24_200_000,
    discount_minor=2_000_000,
    delivery_minor=1_800_000,
    grand_total_minor=24_000_000,
    tax_base_minor=20_000_000,
    tax_other_base_minor=18_333_333,
    tax_minor=2_200_000,
)


def a_document(kind: Kind = "invoice", language: str = "id", **changes: Any) -> DocumentContent:
    moved = kind in MOVED
    content = DocumentContent(
        kind=kind,
        number="INV/KOPI-NUSANTARA/2026/00042",
        issued_at=ISSUED_AT,
        language=language,
        seller=SELLER,
        buyer=BUYER,
        order_reference="NG-7K2M-1",
        references=(("Voucher", "HEMAT10"),),
        lines=tuple(Line(x.description, x.detail, x.sku, x.quantity) for x in LINES)
        if moved
        else LINES,
        totals=None if moved else TOTALS,
        notes=("Harap periksa isi paket.",),
        payment=None if moved else PaymentTerms("QRIS", paid_at=ISSUED_AT),
        shipment=ShipmentInfo("JNE", "REG", "JNE0012", 1250, ISSUED_AT) if moved else None,
        verify_url="https://niaga.example/v/8f3a",
    )
    return replace(content, **changes)


def pages(pdf: bytes) -> list[str]:
    found = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    return [" ".join(text.replace("\u200b", "").split()) for text in found]


def text_of(content: DocumentContent) -> str:
    return " ".join(pages(render_pdf(content)))


def png(width: int = 4, height: int = 2) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#8a3320").save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_says_who_what_and_how_much(kind: Kind, language: str) -> None:
    content = a_document(kind, language)
    text = text_of(content)
    expected = [
        LABELS[language][kind],
        content.number,
        content.order_reference,
        SELLER.name,
        SELLER.legal_name,
        "NPWP 0012 3456 7890 1000",
        "NIB 1234567890123",
        BUYER.name,
        "25 November 2026",
        "25 November 2026 00.05 WIB",
        "HEMAT10",
        "https://niaga.example/v/8f3a",
        "Harap periksa isi paket.",
        *(part for x in content.lines for part in (x.description, x.detail, x.sku)),
    ]
    assert [part for part in expected if part not in text] == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in MOVED])
def test_every_amount_is_printed(kind: Kind) -> None:
    text = text_of(a_document(kind))
    expected = ["Rp100.000", "−Rp20.000", "Rp180.000", "Rp242.000", "Rp18.000", "Rp240.000"]
    assert [part for part in expected if part not in text] == []


def test_tax_is_shown_as_twelve_percent_of_eleven_twelfths() -> None:
    text = text_of(a_document("invoice"))
    assert re.search(
        r"Harga jual tanpa PPN Rp200\.000 DPP nilai lain \(11/12\) Rp183\.333,33 PPN 12% Rp22\.000",
        text,
    )


def test_a_seller_that_is_not_taxable_shows_no_tax() -> None:
    untaxed = replace(TOTALS, tax_base_minor=0, tax_other_base_minor=0, tax_minor=0)
    assert "PPN" not in text_of(a_document("invoice", totals=untaxed))


def test_a_delivery_note_tells_no_price_but_how_the_parcel_travels() -> None:
    text = text_of(a_document("delivery_note"))
    assert "Rp" not in text
    assert all(part in text for part in ("JNE0012", "REG", "1,25 kg", "Jumlah barang 3"))


def test_a_receipt_spells_the_amount() -> None:
    assert "Dua ratus empat puluh ribu rupiah" in text_of(a_document("receipt"))
    assert "Two hundred and forty thousand rupiah" in text_of(a_document("receipt", "en"))


def test_the_column_of_discounts_is_there_when_there_are_any() -> None:
    plain = tuple(replace(line, discount_minor=0) for line in LINES)
    without = replace(TOTALS, discount_minor=0)
    assert "Potongan" in text_of(a_document())
    assert "Potongan" not in text_of(a_document(lines=plain, totals=without))


def test_only_a_paid_invoice_is_stamped() -> None:
    open_terms = PaymentTerms("Transfer", "BCA 8808 12", due_at=ISSUED_AT)
    unpaid = text_of(a_document(payment=open_terms))
    assert "LUNAS" in text_of(a_document())
    assert "LUNAS" not in unpaid
    assert "BCA 8808 12" in unpaid
    assert "Jatuh tempo" in unpaid


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_content_makes_the_same_bytes(kind: Kind) -> None:
    content = a_document(kind)
    first = render_pdf(content)
    render_pdf(a_document(kind, number="another in between"))
    stored = json.loads(json.dumps(to_json(content)))
    with ThreadPoolExecutor(1) as another_thread:
        again = another_thread.submit(render_pdf, from_json(stored)).result()
    assert again == first


def test_the_file_is_pdf_a_and_carries_its_title_and_fonts() -> None:
    reader = PdfReader(io.BytesIO(render_pdf(a_document())))
    assert reader.metadata is not None
    assert reader.metadata.title == "Faktur INV/KOPI-NUSANTARA/2026/00042"
    assert reader.metadata.creation_date == ISSUED_AT
    metadata = reader.root_object["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    fonts = [f for page in reader.pages for f in page["/Resources"]["/Font"].values()]
    names = {str(font.get_object()["/BaseFont"]) for font in fonts}
    assert names
    assert all("PlusJakartaSans" in name for name in names)


@pytest.mark.parametrize("kind", KINDS)
def test_qpdf_finds_no_fault(kind: Kind, tmp_path: Path) -> None:
    qpdf = shutil.which("qpdf")
    if qpdf is None:
        pytest.skip("qpdf is not installed")
    file = tmp_path / "document.pdf"
    file.write_bytes(render_pdf(a_document(kind, seller=replace(SELLER, logo=png()))))
    check = subprocess.run([qpdf, "--check", file], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr


MARKUP = [
    "#panic() #emph[x]",
    "$x^2$ *bold* _it_ `raw`",
    r"back\slash \u{41} \n",
    """'single' "double" “curly”""",
    "// comment /* block */",
    "@reference <label> = Heading",
    "- item + item ~ -- ---",
    "{{ jinja }} {% x %} &amp; <b>",
    "https://x.example/#[a]",
]


@pytest.mark.parametrize("name", MARKUP)
def test_markup_is_printed_as_it_is_written(name: str) -> None:
    hostile = replace(BUYER, name=name)
    line = replace(LINES[0], description=name, detail=name)
    content = a_document(
        seller=replace(SELLER, name=name),
        buyer=hostile,
        lines=(line,),
        references=((name, name),),
        notes=(name,),
    )
    assert text_of(content).count(name) >= 6


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张伟", "ZhangWei"),
        ("Αθήνα", "Athina"),
        ("😀 Budi ❤️ Kopi", "Budi Kopi"),
        ("e\u0301clair", "éclair"),
        ("tab\tline\nend\x00\x07\u202e\ud800", "tab line end"),
        ("Müller Đặng ½ €", "Müller Đặng ½ €"),
    ],
)
def test_what_the_font_cannot_draw_never_stops_a_document(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert shown in text_of(a_document(buyer=replace(BUYER, name=text)))


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_printed(text: str) -> None:
    assert render_pdf(a_document("delivery_note", notes=(text,))).startswith(b"%PDF-1.7")


def test_a_long_document_repeats_its_head_and_counts_its_pages() -> None:
    lines = tuple(replace(LINES[0], sku=f"SKU-{i:03}") for i in range(200))
    found = pages(render_pdf(a_document(lines=lines)))
    assert len(found) > 5
    assert [f"Halaman {i} dari {len(found)}" in text for i, text in enumerate(found, 1)] == [
        True
    ] * len(found)
    with_rows = [text for text in found if "SKU-" in text]
    assert all("Harga satuan" in text for text in with_rows)
    assert all("Faktur INV/KOPI-NUSANTARA/2026/00042" in text for text in found[1:])
    assert re.findall(r"SKU-(\d{3})", " ".join(found)) == [f"{i:03}" for i in range(200)]


def test_a_word_longer_than_its_column_breaks() -> None:
    word = "A" * 300
    page = PdfReader(io.BytesIO(render_pdf(a_document(buyer=replace(BUYER, name=word))))).pages[0]
    rows = [row for row in page.extract_text().splitlines() if row.count("A") > 10]
    assert sum(row.count("A") for row in rows) >= 300
    assert max(row.count("A") for row in rows) < 60


def test_the_logo_is_printed_instead_of_the_initials() -> None:
    def images(content: DocumentContent) -> int:
        return len(PdfReader(io.BytesIO(render_pdf(content))).pages[0].images)

    assert images(a_document()) == 0
    assert images(a_document(seller=replace(SELLER, logo=png()))) == 1
    assert images(a_document(seller=replace(SELLER, logo=png(400, 10)))) == 1


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        png()[:-20],
        png().replace(b"IDAT", b"IDAX"),
        png()[:16] + struct.pack(">II", 0, 0) + png()[24:],
    ],
)
def test_a_broken_logo_never_stops_a_document(broken: bytes) -> None:
    assert "KN Kopi Nusantara" in text_of(a_document(seller=replace(SELLER, logo=broken)))


@pytest.mark.parametrize(
    ("minor", "currency", "indonesian", "english"),
    [
        (0, "IDR", "nol rupiah", "zero rupiah"),
        (100, "IDR", "satu rupiah", "one rupiah"),
        (1_100, "IDR", "sebelas rupiah", "eleven rupiah"),
        (100_000, "IDR", "seribu rupiah", "one thousand rupiah"),
        (
            150_000_000,
            "IDR",
            "satu juta lima ratus ribu rupiah",
            "one million, five hundred thousand rupiah",
        ),
        (100_000_000_050, "IDR", "satu miliar 50/100 rupiah", "one billion 50/100 rupiah"),
        (1250, "USD", "dua belas 50/100 dolar Amerika", "twelve 50/100 US dollars"),
        (15, "JPY", "lima belas yen", "fifteen yen"),
        (1005, "KWD", "satu 5/1000 dinar Kuwait", "one 5/1000 Kuwaiti dinars"),
    ],
)
def test_amounts_in_words(minor: int, currency: str, indonesian: str, english: str) -> None:
    assert amount_in_words(Money(minor, currency), "id") == indonesian
    assert amount_in_words(Money(minor, currency), "en") == english


def test_less_than_nothing_has_no_words() -> None:
    with pytest.raises(ValueError, match="negative"):
        amount_in_words(Money(-1), "id")


@pytest.mark.parametrize(
    ("minor", "currency", "language", "figures"),
    [
        (150_000_000, "IDR", "id", "Rp1.500.000"),
        (150_000_000, "IDR", "en", "Rp1.500.000"),
        (9_166_667, "IDR", "id", "Rp91.666,67"),
        (-1_000_000, "IDR", "id", "−Rp10.000"),
        (123_456, "USD", "en", "US$1,234.56"),
        (123_456, "USD", "id", "US$1.234,56"),
        (1_500, "JPY", "en", "¥1,500"),
        (1_234_567, "KWD", "en", "KWD 1,234.567"),
    ],
)
def test_amounts_in_figures(minor: int, currency: str, language: str, figures: str) -> None:
    assert amount_in_figures(Money(minor, currency), language) == figures


def test_rates() -> None:
    assert [percent(1200, "id"), percent(250, "id"), percent(250, "en")] == ["12%", "2,5%", "2.5%"]


def _optional[T](strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


AMOUNTS = st.integers(-(2**63), 2**63 - 1)
INSTANTS = st.datetimes(
    min_value=datetime(1990, 1, 2),  # noqa: DTZ001 - the zone is the next argument
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-9.5))]),
)
PARTIES = st.builds(
    Party,
    name=st.text(),
    address_lines=st.lists(st.text(), max_size=3).map(tuple),
    logo=_optional(st.binary(max_size=20)),
)
CONTENTS = st.builds(
    DocumentContent,
    kind=st.sampled_from(KINDS),
    issued_at=INSTANTS,
    seller=PARTIES,
    buyer=PARTIES,
    references=st.lists(st.tuples(st.text(), st.text()), max_size=2).map(tuple),
    lines=st.lists(
        st.builds(Line, unit_price_minor=_optional(AMOUNTS), tax_minor=_optional(AMOUNTS)),
        max_size=3,
    ).map(tuple),
    totals=_optional(st.builds(Totals, grand_total_minor=AMOUNTS)),
    notes=st.lists(st.text(), max_size=2).map(tuple),
    payment=_optional(
        st.builds(PaymentTerms, due_at=_optional(INSTANTS), paid_at=_optional(INSTANTS))
    ),
    shipment=_optional(st.builds(ShipmentInfo, dispatched_at=_optional(INSTANTS))),
    verify_url=_optional(st.text()),
)


@settings(deadline=None)
@given(CONTENTS)
def test_content_survives_json(content: DocumentContent) -> None:
    written = json.dumps(to_json(content))
    assert written == json.dumps(json.loads(written), sort_keys=True)
    assert from_json(json.loads(written)) == content
    assert to_json(from_json(json.loads(written))) == to_json(content)


def test_content_stored_before_a_field_came_is_read_with_its_default() -> None:
    stored = to_json(a_document(payment=None, verify_url=None))
    for name in ("payment", "shipment", "market_name", "verify_url"):
        del stored[name]
    assert from_json(stored) == a_document(payment=None, verify_url=None)


def _drop_number(stored: dict[str, Any]) -> None:
    del stored["number"]


def _invent_field(stored: dict[str, Any]) -> None:
    stored["totals"]["tip_minor"] = 1


def _forget_offset(stored: dict[str, Any]) -> None:
    stored["issued_at"] = "2026-11-24T17:05:00"


@pytest.mark.parametrize("damage", [_drop_number, _invent_field, _forget_offset])
def test_damaged_json_is_refused(damage: Callable[[dict[str, Any]], None]) -> None:
    stored = to_json(a_document())
    damage(stored)
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(stored)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        to_json(a_document(issued_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the fault itself
