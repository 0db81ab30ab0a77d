"""What a buyer's purchase order asks for, found among what is on sale."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q

from niaga.flows.documents.purchase_orders import MOST_UNITS, Fault, OrderedLine, PurchaseOrder
from niaga.flows.information.models import Product
from niaga.kernel.money import Money
from niaga.parties.models import Company
from niaga.parties.states import CompanyState
from niaga.stages.sharing.models import Offer
from niaga.stages.sharing.queries import options_text

_GTIN_LENGTHS = (8, 12, 13, 14)


@dataclass(frozen=True, slots=True)
class Found:
    """A variant on sale, with today's price, which includes PPN."""

    variant_id: UUID
    seller_id: UUID
    seller_name: str
    title: str
    options_text: str
    product_slug: str
    sku: str
    kind: str
    price: Money


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """A line of the order with what was found for it, or the fault that stands in the way.

    `expected` is the price that the order names.
    """

    ordered: OrderedLine
    found: Found | None
    fault: Fault | None
    expected: Money | None

    @property
    def differs(self) -> bool:
        """Whether the order names another price than today's."""
        return bool(self.found and self.expected and self.found.price != self.expected)


@dataclass(frozen=True, slots=True)
class MatchedOrder:
    """The order's lines, and `fault` where it names a seller that is not here."""

    number: str
    currency: str
    fault: Fault | None
    lines: tuple[MatchedLine, ...]

    @property
    def quantities(self) -> dict[UUID, int]:
        """How many of each variant that was found."""
        wanted: dict[UUID, int] = defaultdict(int)
        for line in self.lines:
            if line.found:
                wanted[line.found.variant_id] += line.ordered.quantity
        return dict(wanted)

    @property
    def total(self) -> Money:
        """What was found, at today's prices."""
        found = (line.found.price * line.ordered.quantity for line in self.lines if line.found)
        return Money.total(found, self.currency)


def match_order(order: PurchaseOrder, language: str) -> MatchedOrder:
    """Find each line by GTIN, else by the seller's SKU, among what may be bought now.

    Three statements at most, however many lines. The order's seller, where it names one by NPWP
    or NIB, is the only one asked; else a line must fit the offer of one seller alone.
    """
    seller_id: UUID | None = None
    if order.seller_ids:
        seller_id = _seller(order.seller_ids)
        if seller_id is None:
            field = "/SellerSupplierParty/Party"
            fault = Fault("ORDER-SELLER", field, ", ".join(order.seller_ids)[:80])
            return MatchedOrder(order.number, order.currency, fault, ())
    by_gtin, by_sku = _candidates(order.lines, seller_id, language)
    matched = MatchedOrder(
        order.number,
        order.currency,
        None,
        tuple(
            _matched(line, by_gtin.get(line.gtin, ()), by_sku.get(line.sku, ()), order.currency)
            for line in order.lines
        ),
    )
    return replace(matched, lines=tuple(_within(matched.quantities, x) for x in matched.lines))


def _within(wanted: dict[UUID, int], line: MatchedLine) -> MatchedLine:
    """Refuse lines that together ask for more of a thing than a basket holds."""
    units = wanted[line.found.variant_id] if line.found else 0
    if units <= MOST_UNITS:
        return line
    fault = Fault("LINE-QUANTITY", f"{line.ordered.field}/Quantity", str(units))
    return replace(line, found=None, fault=fault)


def _matched(
    line: OrderedLine, by_gtin: Iterable[Found], by_sku: Iterable[Found], currency: str
) -> MatchedLine:
    coded, named = set(by_gtin), set(by_sku)
    fits = coded & named if coded and named else coded or named
    price = line.unit_price_minor
    expected = None if price is None else Money(price, currency)
    identity = f"{line.field}/Item"
    known_as = line.gtin or line.sku
    fault = None
    if coded and named and not fits:
        fault = Fault("LINE-MISMATCH", identity, f"{line.gtin}, {line.sku}")
    elif not fits:
        fault = Fault("LINE-UNKNOWN", identity, known_as)
    elif len(fits) > 1:
        fault = Fault("LINE-AMBIGUOUS", identity, known_as)
    else:
        found = next(iter(fits))
        if found.kind == Product.Kind.SERVICE:
            fault = Fault("LINE-SERVICE", identity, known_as)
        elif found.price.currency != currency:
            fault = Fault("LINE-CURRENCY", f"{line.field}/Price/PriceAmount", currency)
        else:
            return MatchedLine(line, found, None, expected)
    return MatchedLine(line, None, fault, expected)


def _seller(numbers: Iterable[str]) -> UUID | None:
    known = Q(nib__in=numbers) | Q(npwp__in=numbers)
    rows = Company.objects.filter(known, state=CompanyState.APPROVED).values_list("id", flat=True)
    found = list(rows[:2])
    return found[0] if len(found) == 1 else None


def _candidates(
    lines: Iterable[OrderedLine], seller_id: UUID | None, language: str
) -> tuple[dict[str, list[Found]], dict[str, list[Found]]]:
    """Return what is on sale under the lines' GTINs (14 digits) and SKUs; one statement."""
    gtins = {
        line.gtin[-length:]
        for line in lines
        for length in _GTIN_LENGTHS
        if line.gtin and not line.gtin[:-length].strip("0")
    }
    skus = {line.sku for line in lines if line.sku}
    rows = Offer.objects.filter(
        Q(variant__gtin__in=gtins) | Q(variant__sku__in=skus),
        variant__active=True,
        variant__product__state=Product.State.PUBLISHED,
        seller__state=CompanyState.APPROVED,
    ).select_related("variant__product", "seller")
    if seller_id:
        rows = rows.filter(seller_id=seller_id)
    by_gtin: dict[str, list[Found]] = defaultdict(list)
    by_sku: dict[str, list[Found]] = defaultdict(list)
    for row in rows:
        found = _found(row, language)
        if row.variant.gtin:
            by_gtin[row.variant.gtin.zfill(14)].append(found)
        by_sku[row.variant.sku].append(found)
    return by_gtin, by_sku


def _found(row: Offer, language: str) -> Found:
    product = row.variant.product
    english = product.name_en if language == "en" else ""
    return Found(
        variant_id=row.variant_id,
        seller_id=row.seller_id,
        seller_name=row.seller.name,
        title=english or product.name_id,
        options_text=options_text(row.variant.options),
        product_slug=product.slug,
        sku=row.variant.sku,
        kind=product.kind,
        price=Money(row.price_minor, row.currency),
    )
