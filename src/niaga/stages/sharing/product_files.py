"""Reads products from CSV: our columns or Shopify's, told apart by the header.

Rows of one product stand together and share its key (`product`, Shopify's `Handle`); each row
is a variant, or only one more picture. Nothing here writes: see commands/import_products.
"""

import csv
import html
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, ClassVar

from niaga.flows.information.catalogue import shelves
from niaga.flows.information.descriptions import (
    DescriptionInvalid,
    ProductDescription,
    VariantDescription,
    checked_description,
)
from niaga.flows.information.text import clean
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.tables import unguarded
from niaga.stages.sharing.commands.list_product import Price, PriceInvalid, check_price

LONGEST_FIELD = 200_000
MOST_STOCK = 1_000_000

type Row = dict[str, str]


@dataclass(eq=False)
class FileUnreadable(Refusal):
    """The file is no table of products.

    Rules: `empty`, `not_utf8`, `unknown_header` (neither ours nor Shopify's), `not_csv`.
    """

    code: ClassVar[str] = "file_unreadable"
    rule: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that breaks a rule: its line in the file (the header is 1), the field, the rule."""

    line: int
    field: str
    rule: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product as a file states it, every rule kept; `stock` by SKU where stated."""

    line: int
    key: str
    description: ProductDescription
    prices: tuple[Price, ...]
    stock: dict[str, int]
    pictures: tuple[str, ...]
    publish: bool


@dataclass(frozen=True, slots=True)
class ReadProduct:
    """One product of the file: a draft, or the rows that keep it out."""

    draft: ProductDraft | None
    refused: tuple[RefusedRow, ...]
    last_line: int


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: Row
    surplus: bool


@dataclass(slots=True)
class _Found:
    """What was read of a product so far, and what is wrong with it."""

    refused: list[RefusedRow] = field(default_factory=list)
    variants: list[VariantDescription] = field(default_factory=list)
    prices: list[Price] = field(default_factory=list)
    stock: dict[str, int] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)  # SKU or GTIN -> line

    def refuse(self, line: int, name: str, rule: str, value: str = "") -> None:
        self.refused.append(RefusedRow(line, name, rule, value[:80]))


def read_products(file: BinaryIO, *, default_category: str = "") -> Iterator[ReadProduct]:
    """Yield the file's products one by one, as they stand; only one is in memory at a time.

    UTF-8 with or without a byte order mark, comma or semicolon. `default_category` is the path
    for products whose own category is empty or unknown to the market (Shopify's types are).

    Raises:
        FileUnreadable: the file is no table of products.
    """
    rows = _lines(file)
    first = next(rows, None)
    if first is None:
        raise FileUnreadable("empty")
    form = _shopify if "Handle" in first.cells else _own
    key = "Handle" if form is _shopify else "product"
    seen: set[str] = set()
    lines = itertools.chain([first], rows)
    for name, group in itertools.groupby(lines, key=lambda line: line.cells[key].strip()):
        yield _product(name, list(group), key, form, seen, default_category)


def _lines(file: BinaryIO) -> Iterator[_Line]:
    # Not a codecs reader: that takes form feeds and other signs inside a cell for line ends.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        header = text.readline()
        if not header.strip():
            raise FileUnreadable("empty")
        delimiter = ";" if header.count(";") > header.count(",") else ","
        names = [n.strip() for n in next(csv.reader([header], delimiter=delimiter))]
        if "Handle" not in names and not {"product", "name_id", "sku"} <= set(names):
            raise FileUnreadable("unknown_header", 1)
        csv.field_size_limit(LONGEST_FIELD)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        before = 1
        for cells in reader:
            if any(c.strip() for c in cells):
                kept = (clean(unguarded(cell)) for cell in cells[: len(names)])
                row = dict(itertools.zip_longest(names, kept, fillvalue=""))
                yield _Line(before + 1, row, surplus=any(cells[len(names) :]))
            before = 1 + reader.line_num
    except UnicodeDecodeError as error:
        raise FileUnreadable("not_utf8") from error
    except csv.Error as error:
        raise FileUnreadable("not_csv") from error
    finally:
        if not file.closed:
            text.detach()  # the caller's file stays open


type _Form = Callable[[list[_Line], _Found], tuple[ProductDescription, bool]]


def _product(
    key: str, lines: list[_Line], column: str, form: _Form, seen: set[str], default_category: str
) -> ReadProduct:
    found = _Found()
    start = lines[0].number
    for line in lines:
        if line.surplus:
            found.refuse(line.number, "", "too_many_columns")
    if not key:
        found.refuse(start, column, "required")
    if key in seen:
        found.refuse(start, column, "twice", key)
    seen.add(key)
    said, publish = form(lines, found)
    path = _category(said.category_path) or default_category
    try:
        said = checked_description(
            ProductDescription(
                **{name: getattr(said, name) for name in ProductDescription.__slots__}
                | {"category_path": path or said.category_path, "variants": tuple(found.variants)}
            )
        )
    except DescriptionInvalid as no:
        line_number = found.lines.get(no.value, start)
        if not found.refused:
            name = _SHOPIFY_FIELDS.get(no.field, no.field) if form is _shopify else no.field
            found.refuse(line_number, name, no.rule, no.value)
    if found.refused:
        return ReadProduct(None, tuple(found.refused), lines[-1].number)
    draft = ProductDraft(
        line=start,
        key=key,
        description=said,
        prices=tuple(found.prices),
        stock=found.stock,
        pictures=tuple(dict.fromkeys(found.pictures)),
        publish=publish,
    )
    return ReadProduct(draft, (), lines[-1].number)


def _category(text: str) -> str:
    """Return the path of the shelf that `text` names: a path, its end, or a name."""
    wanted = text.strip().lower()
    if not wanted:
        return ""
    known = shelves()
    if wanted in known:
        return wanted
    last = re.split(r"\s*[>/]\s*", wanted)[-1]
    for path, shelf in known.items():
        if last in {path.rpartition("/")[2], shelf.name_id.lower(), shelf.name_en.lower()}:
            return path
    return ""


def _own(lines: list[_Line], found: _Found) -> tuple[ProductDescription, bool]:
    head = lines[0].cells
    for line in lines:
        get = line.cells.get
        if picture := get("picture", "").strip():
            found.pictures.append(picture)
        if line is not lines[0] and not any(
            get(n, "").strip() for n in ("sku", "price", "stock", "gtin")
        ):
            continue
        options = {
            name.removeprefix("option:").strip(): value
            for name, value in line.cells.items()
            if name.startswith("option:") and value.strip()
        }
        _variant(line, found, options, _OWN_NAMES)
    said = ProductDescription(
        category_path=head.get("category", ""),
        kind=head.get("kind", "").strip().lower() or "goods",
        name_id=head.get("name_id", ""),
        name_en=head.get("name_en", ""),
        description_id=head.get("description_id", ""),
        description_en=head.get("description_en", ""),
        brand=head.get("brand", ""),
        tags=_tags(head.get("tags", "")),
        attributes={
            name.removeprefix("attr:").strip(): value
            for name, value in head.items()
            if name.startswith("attr:") and value.strip()
        },
        variants=(),
    )
    return said, _yes(lines[0], found, "publish")


def _shopify(lines: list[_Line], found: _Found) -> tuple[ProductDescription, bool]:
    head = lines[0].cells
    axes = [head.get(f"Option{n} Name", "").strip() for n in (1, 2, 3)]
    plain = axes[0] == "Title" and head.get("Option1 Value", "").strip() == "Default Title"
    for line in lines:
        get = line.cells.get
        picture = get("Image Src", "").strip()
        if picture and not re.match(r"(?i)https?://", picture):
            found.pictures.append(picture)
        if line is not lines[0] and not any(
            get(n, "").strip() for n in ("Variant SKU", "Variant Price", "Option1 Value")
        ):
            continue
        options = {
            axis: get(f"Option{n} Value", "")
            for n, axis in enumerate(axes, start=1)
            if axis and not plain
        }
        if not get("Variant SKU", "").strip():
            # Shopify allows variants without a SKU; the handle and the options name them.
            words = [get("Handle", ""), *(() if plain else options.values())]
            line.cells["Variant SKU"] = "-".join(w.strip() for w in words if w.strip())[:60]
        _variant(line, found, options, _SHOPIFY_NAMES)
    said = ProductDescription(
        category_path=head.get("Type", "").strip() or head.get("Product Category", ""),
        kind="goods",
        name_id=head.get("Title", ""),
        description_id=_plain(head.get("Body (HTML)", "")),
        brand=head.get("Vendor", ""),
        tags=_tags(head.get("Tags", "")),
        variants=(),
    )
    published = _yes(lines[0], found, "Published")
    return said, published and head.get("Status", "").strip().lower() in {"", "active"}


_OWN_NAMES = {
    name: name for name in ("sku", "gtin", "weight_g", "price", "compare_at", "stock", "tax")
}
_SHOPIFY_NAMES = {
    "sku": "Variant SKU",
    "gtin": "Variant Barcode",
    "weight_g": "Variant Grams",
    "price": "Variant Price",
    "compare_at": "Variant Compare At Price",
    "stock": "Variant Inventory Qty",
    "tax": "Variant Taxable",
}


_SHOPIFY_FIELDS = {
    "category": "Type",
    "name_id": "Title",
    "description_id": "Body (HTML)",
    "brand": "Vendor",
    "tags": "Tags",
    "sku": "Variant SKU",
    "gtin": "Variant Barcode",
    "weight_g": "Variant Grams",
    "options": "Option1 Value",
}


def _variant(line: _Line, found: _Found, options: Row, names: Row) -> None:
    def cell(what: str) -> str:
        return line.cells.get(names[what], "").strip()

    def refuse(what: str, rule: str) -> None:
        found.refuse(line.number, names[what], rule, cell(what))

    sku = cell("sku")
    weight, stock = _whole(cell("weight_g")), _whole(cell("stock"))
    if weight is None:
        refuse("weight_g", "not_a_whole_number")
    if stock is None or not 0 <= stock <= MOST_STOCK:
        refuse("stock", "not_a_whole_number" if stock is None else "out_of_range")
    elif cell("stock"):
        found.stock[sku] = stock
    found.lines.setdefault(sku, line.number)
    gtin = cell("gtin").lstrip("'")
    found.lines.setdefault(gtin, line.number)
    found.variants.append(VariantDescription(sku, options, gtin, weight or 0))
    if cell("price"):
        _price(line, found, sku, names)


def _price(line: _Line, found: _Found, sku: str, names: Row) -> None:
    def cell(what: str) -> str:
        return line.cells.get(names[what], "").strip()

    def refuse(what: str, rule: str) -> None:
        found.refuse(line.number, names[what], rule, cell(what))

    price, compare_at = (parse_price(cell(what)) for what in ("price", "compare_at"))
    if price is None:
        refuse("price", "not_a_price")
        return
    if cell("compare_at") and compare_at is None:
        refuse("compare_at", "not_a_price")
        return
    if names is _SHOPIFY_NAMES and compare_at is not None and compare_at <= price:
        compare_at = None  # Shopify keeps 0.00 or the price itself where nothing is struck out
    tax = "exempt" if cell("tax").lower() in {"exempt", "false"} else "standard"
    made = Price(sku, price, compare_at, tax)
    try:
        check_price(made)
    except PriceInvalid as no:
        refuse("compare_at" if no.rule == "compare_at_not_above" else "price", no.rule)
        return
    found.prices.append(made)


_PRICES = (
    (re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?"), ".", ","),
    (re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?"), ",", "."),
    (re.compile(r"\d{1,15}(?:\.\d{1,2})?"), ",", "."),
    (re.compile(r"\d{1,15}(?:,\d{1,2})?"), ".", ","),
)


def parse_price(text: str) -> Money | None:
    """Return the rupiah a cell states, None where it states none.

    `Rp1.500.000`, `1.500.000,00`, `1,500,000.00`, `1500000` and `1500000.00` are the same;
    a dot or comma before exactly three digits divides thousands.
    """
    bare = re.sub(r"(?i)^(?:rp\.?|idr)|[\s ]", "", text.strip(), flags=re.ASCII)
    for pattern, thousands, decimal in _PRICES:
        if pattern.fullmatch(bare) and bare.isascii():
            return Money.of(bare.replace(thousands, "").replace(decimal, "."))
    return None


def _whole(text: str) -> int | None:
    """Return a whole number, 0 for an empty cell, None where the cell holds something else."""
    if not text:
        return 0
    if re.fullmatch(r"-?\d{1,9}(?:\.0+)?", text, re.ASCII):
        return int(text.partition(".")[0])
    return None


def _tags(text: str) -> tuple[str, ...]:
    return tuple(t for tag in re.split(r"[,|;]", text) if (t := tag.strip()))


def _yes(line: _Line, found: _Found, name: str) -> bool:
    text = line.cells.get(name, "").strip().lower()
    if text in {"", "true", "yes", "ya", "1"}:
        return True
    if text not in {"false", "no", "tidak", "0"}:
        found.refuse(line.number, name, "not_yes_or_no", text)
    return False


def _plain(body: str) -> str:
    """Return the words of an HTML text, its blocks as paragraphs."""
    text = re.sub(r"(?i)<(?:script|style)\b.*?</(?:script|style)\s*>", "", body, flags=re.DOTALL)
    text = re.sub(r"(?i)<br\s*/?>|</(?:p|div|li|h\d|tr)\s*>", "\n", text)
    text = html.unescape(re.sub(r"<[^>]*>", "", text))
    lines = (" ".join(part.split()) for part in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def refused_table(rows: Iterable[RefusedRow]) -> Iterator[list[str]]:
    """Yield the cells of the report of refused rows, its header first."""
    yield ["line", "field", "rule", "value"]
    for row in rows:
        yield [str(row.line), row.field, row.rule, row.value]
