"""What a seller lists: from the form, from a table; pictures and files."""

import io
import struct
import zlib

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from niaga.flows.goods.models import (
    DigitalFile,
)
from niaga.flows.information.models import Media, Product, Variant
from niaga.kernel.money import Money
from niaga.stages.sharing.models import Offer
from tests.doors.conftest import Desk
from tests.support.buyers import browser
from tests.support.worlds import (
    make_company,
    make_goods,
    make_person,
)

pytestmark = pytest.mark.django_db


# Products


def listing(**changes: str) -> dict[str, str]:
    return {
        "kind": "goods", "category": "lain", "name_id": "Kopi Gayo", "name_en": "Gayo coffee",
        "tax": "standard", "tags": "kopi, gayo", "axis1": "Ukuran",
        "v-TOTAL_FORMS": "2", "v-INITIAL_FORMS": "0",
        "v-0-sku": "GAYO-250", "v-0-value1": "250 g", "v-0-price": "85000",
        "v-0-compare_at": "99000", "v-0-weight_g": "260", "v-0-active": "on",
        "v-1-sku": "GAYO-1000", "v-1-value1": "1 kg", "v-1-price": "300000",
        "v-1-weight_g": "1020", "v-1-active": "on",
        **changes,
    }  # fmt: skip


def test_a_product_is_listed_from_the_form_and_published(desk: Desk) -> None:
    start = desk.client.get(reverse("seller:product_new") + "?kind=goods&category=lain")
    assert 'name="v-0-sku"' in start.content.decode()
    status, _page = desk.post("product_new", **listing())
    product = Product.objects.get()
    assert status == 302
    assert (product.state, product.name_en) == ("draft", "Gayo coffee")
    assert product.seller_id == desk.company.id
    offer = Offer.objects.get(variant__sku="GAYO-250")
    assert (offer.price_minor, offer.compare_at_minor) == (
        Money.of(85_000).minor,
        Money.of(99_000).minor,
    )
    assert desk.client.get(reverse("seller:publish", args=[product.id])).status_code == 200
    product.refresh_from_db()
    assert product.state == "draft"
    assert desk.post("publish", product.id)[0] == 302
    product.refresh_from_db()
    assert product.state == "published"
    assert desk.post("hide", product.id)[0] == 302
    product.refresh_from_db()
    assert product.state == "hidden"


def test_a_product_is_rewritten(desk: Desk) -> None:
    desk.post("product_new", **listing())
    product = Product.objects.get()
    page = desk.client.get(reverse("seller:product", args=[product.id])).content.decode()
    assert 'value="GAYO-1000"' in page
    assert desk.post("product", product.id, **listing(**{"v-0-price": "90000"}))[0] == 302
    assert Offer.objects.get(variant__sku="GAYO-250").price_minor == Money.of(90_000).minor
    assert Variant.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name_id": ""}, "This field is required."),
        ({"category": "nothing"}, "Select a valid choice"),
        ({"v-0-sku": ""}, "Please fill this in."),
        ({"v-1-sku": "GAYO-250"}, "This is here twice."),
        ({"v-0-price": "-1"}, "greater than or equal to 0"),
        ({"v-0-compare_at": "80000"}, "The former price must be above the price."),
        ({"v-0-gtin": "8991234567890"}, "The check digit is wrong."),
        ({"v-1-value1": ""}, "Options of the variants: Please fill this in."),
    ],
)
def test_a_wrong_product_is_refused(changes: dict[str, str], said: str, desk: Desk) -> None:
    status, page = desk.post("product_new", **listing(**changes))
    assert status == 422
    assert said in page
    assert "Kopi Gayo" in page or "name_id" in changes
    assert not Product.objects.exists()
    assert not Offer.objects.exists()


def test_another_seller_s_sku_may_be_used_but_not_one_s_own_twice(desk: Desk) -> None:
    other = make_person()
    make_company(owner=other)
    assert browser(other).post(reverse("seller:product_new"), listing()).status_code == 302
    assert desk.post("product_new", **listing())[0] == 302
    status, page = desk.post("product_new", **listing())
    assert status == 422
    assert "Another of your products has this SKU." in page
    assert Product.objects.count() == 2


def test_a_row_more_does_not_write(desk: Desk) -> None:
    status, page = desk.post("product_new", **listing(), add_row="1")
    assert status == 200
    assert 'name="v-2-sku"' in page
    assert "GAYO-1000" in page
    assert not Product.objects.exists()


# Pictures and files


def _png(name: str = "picture.png") -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "#804020").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def test_pictures_are_hung_and_ordered_and_taken_down(desk: Desk) -> None:
    product = make_goods(desk.company).product
    for name in ("one.png", "two.png"):
        assert desk.post("pictures", product.id, pictures=_png(name))[0] == 302
    first, second = Media.objects.order_by("position")
    desk.post("arrange", product.id, forward=str(second.id))
    assert list(Media.objects.order_by("position")) == [second, first]
    assert desk.post("picture_remove", product.id, first.id)[0] == 302
    assert list(Media.objects.all()) == [second]


def test_what_is_no_picture_is_refused(desk: Desk) -> None:
    product = make_goods(desk.company).product
    script = SimpleUploadedFile("picture.png", b"<svg onload='x'/>", "image/png")
    status, page = desk.post("pictures", product.id, pictures=script)
    assert status == 422
    assert "This is not a JPEG, PNG or WebP picture." in page
    assert not Media.objects.exists()


def _pixels(side: int) -> bytes:
    """A tiny PNG that claims to be `side` pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(99))), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_refused(side: int, desk: Desk) -> None:
    product = make_goods(desk.company).product
    bomb = SimpleUploadedFile("picture.png", _pixels(side), "image/png")
    status, page = desk.post("pictures", product.id, pictures=bomb)
    assert status == 422
    assert "This picture is too large." in page
    assert not Media.objects.exists()


def test_a_digital_good_gets_its_file_privately(desk: Desk) -> None:
    product = make_goods(desk.company, kind="digital").product
    upload = SimpleUploadedFile("panduan.epub", b"isi", "application/epub+zip")
    assert desk.post("files", product.id, file=upload)[0] == 302
    file = DigitalFile.objects.get()
    assert (file.name, file.size_bytes) == ("panduan.epub", 3)
    with storages["private"].open(file.path) as stored:
        assert stored.read() == b"isi"
    assert desk.post("file_remove", product.id, file.id)[0] == 302
    assert not storages["private"].exists(file.path)


# Import

TABLE = """product,category,name_id,sku,price,stock
kaos,lain,Kaos Polos,KP-1,89000,5
topi,lain,Topi,TP-1,-5,1
"""


def test_a_table_is_looked_at_first_and_then_written(desk: Desk) -> None:
    upload = SimpleUploadedFile("products.csv", TABLE.encode(), "text/csv")
    status, page = desk.post("import", file=upload, category="")
    assert status == 200
    assert not Product.objects.exists()
    token = page.split('name="token" value="')[1].split('"')[0]
    assert desk.post("import_finish", token=token, category="")[0] == 302
    assert [p.name_id for p in Product.objects.all()] == ["Kaos Polos"]
    assert desk.post("import_finish", token=token, category="")[0] == 404


def test_signs_that_no_text_has_do_not_stop_a_table(desk: Desk) -> None:
    table = TABLE.replace("KP-1", "KP\0-1").replace("kaos", "ka\0os")
    upload = SimpleUploadedFile("products.csv", table.encode(), "text/csv")
    _status, page = desk.post("import", file=upload, category="")
    token = page.split('name="token" value="')[1].split('"')[0]
    page = desk.post("import_finish", token=token, category="", follow=True)[1]
    assert "New products: 1, rewritten: 0, left out: 1." in page
    assert Offer.objects.get(variant__sku="KP-1").price_minor == Money.of(89_000).minor


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("topi,lain,Topi,TP-1,murah,1", "This is not a price."),
        ("topi,lain,Topi,TP-1,999999999999,1", "This price is too high."),
        ("topi,lain,Topi,TP-1,500,banyak", "Enter a whole number."),
        ("topi,lain,Topi,TP-1,500,1,biru", "This row has more cells"),
        ("topi,lain,,TP-1,500,1", "Please fill this in."),
    ],
)
def test_why_a_row_stays_out_is_said_in_words(row: str, words: str, desk: Desk) -> None:
    table = TABLE.splitlines()[0] + "\n" + row + "\n"
    upload = SimpleUploadedFile("products.csv", table.encode(), "text/csv")
    _status, page = desk.post("import", file=upload, category="")
    assert words in page


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"colour,shape\nred,round\n", b"\x89PNG\r\n"]
)
def test_what_is_no_table_is_refused(content: bytes, desk: Desk) -> None:
    upload = SimpleUploadedFile("products.csv", content, "text/csv")
    assert desk.post("import", file=upload, category="")[0] == 422
    assert not Product.objects.exists()


@pytest.mark.parametrize("token", ["", "../../secret-key", "0" * 32])
def test_only_one_s_own_table_is_finished(token: str, desk: Desk) -> None:
    assert desk.post("import_finish", token=token, category="")[0] == 404


def test_the_example_can_be_imported(desk: Desk) -> None:
    example = desk.client.get(reverse("seller:import_example")).content
    upload = SimpleUploadedFile("products.csv", example, "text/csv")
    _status, page = desk.post("import", file=upload, category="")
    token = page.split('name="token" value="')[1].split('"')[0]
    desk.post("import_finish", token=token, category="")
    assert Variant.objects.count() == 2
