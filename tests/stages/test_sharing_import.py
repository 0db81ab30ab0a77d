"""Importing CSV: ours and Shopify's; what is refused, and that nothing is half-imported."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from niaga.flows.goods.models import StockLevel
from niaga.flows.information.catalogue import forget_catalogue
from niaga.flows.information.models import Attribute, ListingCard, Media, Product, Variant
from niaga.kernel.money import Money
from niaga.parties.models import Company
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.tables import csv_line
from niaga.stages.sharing.commands.show_listing import CompanyNotApproved
from niaga.stages.sharing.models import Offer
from niaga.stages.sharing.product_files import (
    FileUnreadable,
    ReadProduct,
    parse_price,
    read_products,
    refused_table,
)
from niaga.stages.sharing.product_import import ImportReport, Mode, import_file
from tests.support.worlds import make_category, make_company

pytestmark = pytest.mark.django_db

OURS = """\
product,category,name_id,sku,option:Ukuran,price,compare_at,stock,weight_g,attr:bahan,publish
kaos,lain,Kaos Polos,K-M,M,Rp85.000,,5,200,Katun,yes
kaos,,,K-L,L,90000.00,100.000,0,210,,
topi,lain,Topi Rimba,TOPI,,45000,,7,90,,no
"""
SHOPIFY = """\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,\
Variant Price,Variant Compare At Price,Variant Grams,Variant Barcode,Variant Inventory Qty,\
Image Src,Status
mug,Mug,"<p>Kuat &amp; <b>besar</b></p><script>x</script>",Tanah,Lain,"dapur, kopi",TRUE,Warna,\
Biru,MUG-B,75000.00,0.00,300,,4,https://cdn.example/mug.jpg,active
mug,,,,,,,,Merah,,80000,,300,,-1,,
vas,Vas,,Tanah,Lain,,TRUE,Title,Default Title,,120000,,900,'8991234567892,2,,draft
"""


def silent(what: str, done: int, total: int) -> None:
    assert done <= total


@pytest.fixture
def company() -> Company:
    Attribute.objects.create(
        category=make_category(), code="bahan", name_id="Bahan", name_en="Material", kind="text"
    )
    forget_catalogue()
    return make_company()


def read(text: str, **more: str) -> list[ReadProduct]:
    return list(read_products(io.BytesIO(text.encode()), **more))


def bring(folder: Path, company: Company, text: str | bytes, mode: Mode = "valid") -> ImportReport:
    content = text if isinstance(text, bytes) else text.encode()
    return import_file(
        io.BytesIO(content),
        size=len(content),
        folder=folder,
        seller_id=company.id,
        mode=mode,
        tell=silent,
    )


def counts() -> tuple[int, ...]:
    return tuple(
        m._default_manager.count()
        for m in (Product, Variant, Offer, StockLevel, ListingCard, Media, StoredEvent)
    )


def test_our_columns(tmp_path: Path, company: Company) -> None:
    report = bring(tmp_path, company, OURS)

    assert (report.created, report.rewritten, report.kept_out, report.refused) == (2, 0, 0, ())
    shirt = Product.objects.get(name_id="Kaos Polos")
    assert (shirt.state, shirt.attributes) == ("published", {"bahan": "Katun"})
    assert Product.objects.get(name_id="Topi Rimba").state == "draft"
    offers = {o.variant.sku: (o.price_minor, o.compare_at_minor) for o in Offer.objects.all()}
    assert offers == {
        "K-M": (85_000_00, None),
        "K-L": (90_000_00, 100_000_00),
        "TOPI": (45_000_00, None),
    }
    card = ListingCard.objects.get()
    assert (card.price_minor, card.price_max_minor, card.in_stock) == (85_000_00, 90_000_00, True)


def test_the_same_file_twice_changes_nothing(tmp_path: Path, company: Company) -> None:
    bring(tmp_path, company, OURS)
    before = (Product.objects.count(), Variant.objects.count(), Offer.objects.count())
    stock = sorted(StockLevel.objects.values_list("sku_id", "on_hand"))
    report = bring(tmp_path, company, b"\xef\xbb\xbf" + OURS.replace(",", ";").encode())
    assert (report.created, report.rewritten) == (0, 2)
    assert before == (Product.objects.count(), Variant.objects.count(), Offer.objects.count())
    levels = StockLevel.objects.exclude(on_hand=0)
    assert sorted(levels.values_list("sku_id", "on_hand")) == stock


def test_shopifys_columns() -> None:
    make_category()
    forget_catalogue()
    mug, vase = read(SHOPIFY)
    assert [(r.line, r.field, r.rule) for r in mug.refused] == [
        (3, "Variant Inventory Qty", "out_of_range")
    ]
    assert [(r.field, r.rule) for r in vase.refused] == [("Variant Barcode", "check_digit")]

    mug, vase = read(SHOPIFY.replace(",-1,", ",1,").replace("'8991234567892", ""))
    assert mug.draft is not None
    assert vase.draft is not None
    assert mug.draft.description.description_id == "Kuat & besar"
    assert mug.draft.description.tags == ("dapur", "kopi")
    assert [(v.sku, dict(v.options)) for v in mug.draft.description.variants] == [
        ("MUG-B", {"Warna": "Biru"}),
        ("mug-Merah", {"Warna": "Merah"}),
    ]
    assert [p.compare_at for p in mug.draft.prices] == [None, None]
    assert (mug.draft.pictures, mug.draft.publish) == ((), True)
    assert [(v.sku, dict(v.options)) for v in vase.draft.description.variants] == [("vas", {})]
    assert not vase.draft.publish


def test_a_cell_that_our_own_tables_guard_is_read_as_it_was(company: Company) -> None:
    cells = ("kaos", "lain", "=Kaos", "-K", "", "85000", "", "5", "200", "@katun", "no")
    [read_back] = read(OURS.splitlines()[0] + "\n" + csv_line(cells))
    assert read_back.draft is not None, read_back.refused
    said = read_back.draft.description
    assert (said.name_id, said.variants[0].sku) == ("=Kaos", "-K")


def test_a_category_the_market_does_not_know_falls_to_the_given_one() -> None:
    make_category()
    forget_catalogue()
    text = SHOPIFY.replace(",Lain,", ",Keramik,")
    assert [r.rule for r in read(text)[0].refused if r.field == "Type"] == []
    unknown = read(text.replace(",-1,", ",1,"))[0]
    assert [(r.field, r.rule) for r in unknown.refused] == [("Type", "unknown")]
    assert read(text.replace(",-1,", ",1,"), default_category="lain")[0].draft is not None


def test_a_bad_row_keeps_its_whole_product_out(tmp_path: Path, company: Company) -> None:
    bad = OURS.replace("90000.00", "mahal")
    report = bring(tmp_path, company, bad)
    assert [(r.line, r.field, r.rule, r.value) for r in report.refused] == [
        (3, "price", "not_a_price", "mahal")
    ]
    assert (report.created, report.kept_out) == (1, 1)
    assert [p.name_id for p in Product.objects.all()] == ["Topi Rimba"]
    assert list(refused_table(report.refused))[1] == ["3", "price", "not_a_price", "mahal"]


@pytest.mark.parametrize("mode", ["strict", "check"])
def test_strict_and_dry_runs_write_nothing(tmp_path: Path, company: Company, mode: Mode) -> None:
    before = counts()
    report = bring(tmp_path, company, OURS.replace("90000.00", "mahal"), mode)
    assert len(report.refused) == 1
    assert counts() == before


def test_an_error_on_the_way_leaves_nothing(
    tmp_path: Path, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_ids: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr("niaga.stages.sharing.commands.import_products.index_products", broken)
    before = counts()
    with pytest.raises(OSError, match="disk full"):
        bring(tmp_path, company, OURS)
    assert counts() == before


def test_skus_are_claimed_once(tmp_path: Path, company: Company) -> None:
    bring(tmp_path, company, OURS)
    text = OURS.replace("kaos,", "kemeja,").replace("K-L", "TOPI")
    report = bring(tmp_path, company, text)
    assert {(r.line, r.rule) for r in report.refused} == {(2, "taken"), (4, "twice")}
    assert Product.objects.count() == 2


def test_pictures_lie_below_the_files_folder(
    tmp_path: Path, company: Company, settings: object
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    Image.new("RGB", (900, 600), "#7a4b2a").save(tmp_path / "topi.png")
    header, *rows = OURS.splitlines()
    text = "\n".join([header + ",picture", *(row + "," for row in rows[:2]), rows[2] + ",topi.png"])
    assert bring(tmp_path, company, text).refused == ()
    media = Media.objects.get()
    with Image.open(tmp_path / "media" / media.thumbnail) as card:
        assert card.size == (480, 320)
    report = bring(tmp_path, company, text.replace("topi.png", "../../etc/passwd"))
    assert [(r.line, r.rule) for r in report.refused] == [(4, "no_such_file")]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "unknown_header"),
        (b"product,name_id,sku\n", "empty"),
        (b"product,name_id,sku\nx,\xff\xfe,y\n", "not_utf8"),
        (b'product,name_id,sku\nx,"y\n', "not_csv"),
    ],
)
def test_a_file_that_is_no_table_is_refused(content: bytes, rule: str) -> None:
    with pytest.raises(FileUnreadable) as no:
        list(read_products(io.BytesIO(content)))
    assert no.value.rule == rule


def test_a_company_that_waits_imports_nothing(tmp_path: Path, company: Company) -> None:
    before = counts()
    waiting = make_company(approved=False)
    with pytest.raises(CompanyNotApproved):
        bring(tmp_path, waiting, OURS)
    assert counts()[:-1] == before[:-1]


@pytest.mark.parametrize(
    ("text", "rupiah"),
    [
        ("Rp1.500.000", 1_500_000),
        ("Rp 1.500.000,00", 1_500_000),
        ("IDR 1,500,000.00", 1_500_000),
        ("1500000", 1_500_000),
        ("1500000.00", 1_500_000),
        ("15.500", 15_500),
        ("0", 0),
    ],
)
def test_prices_as_people_write_them(text: str, rupiah: int) -> None:
    assert parse_price(text) == Money.of(rupiah)


@pytest.mark.parametrize("text", ["", "mahal", "1.50.000", "-5", "1e5", "1.500,5,0", "١٢", "$5"])
def test_what_is_no_price(text: str) -> None:
    assert parse_price(text) is None


cells = st.text(max_size=12) | st.sampled_from(["lain", "kaos", "K-1", "85.000", "1", "yes", "-3"])
COLUMNS = OURS.splitlines()[0].split(",")


@st.composite
def files(draw: st.DrawFn) -> str:
    names = draw(st.sampled_from([COLUMNS, SHOPIFY.splitlines()[0].split(",")]))
    rows = draw(st.lists(st.lists(cells, max_size=len(names) + 1), max_size=6))
    out = io.StringIO()
    csv.writer(out).writerows([names, *rows])
    return out.getvalue()


@pytest.fixture
def shelf() -> Iterator[None]:
    make_category()
    forget_catalogue()
    return


@given(text=files())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_rows_are_read_or_refused_by_line(shelf: None, text: str) -> None:
    encoded = text.encode("utf-8", "ignore")
    try:
        products = list(read_products(io.BytesIO(encoded)))
    except FileUnreadable as no:
        assert no.rule in {"empty", "not_csv", "unknown_header"}  # noqa: PT017
        return
    last = encoded.decode().count("\n") + encoded.decode().count("\r") + 2
    for product in products:
        assert (product.draft is None) == bool(product.refused)
        assert all(2 <= row.line <= last for row in product.refused)
