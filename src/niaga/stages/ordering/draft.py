"""A purchase before it is placed: what a basket comes to, order by order, to the last rupiah.

The checkout page and `place_order` price with this same code, so what the buyer saw is what is
charged. Everything here is pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from niaga.flows.goods.rates import DeliveryQuote
from niaga.kernel.money import Money, share_down, share_half_up

# PPN is 12 % of 11/12 of the price before tax (PMK 131/2024): 11 % effective, so a
# tax-inclusive price contains 11/111 of itself as PPN.
PPN_NUMERATOR, PPN_DENOMINATOR = 11, 111


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One basket line as it would be ordered.

    `subsidy` is what the market bears of the discount; `commission` is taken, by the plan or the
    seller's own rate, of what the seller is paid for the line, with a fixed `fee`, at `least` and
    at `most` so much; `purchase_order` is the buyer's own number, if it has one; `quoted_id` the
    quotation's line whose price it has.
    """

    variant_id: UUID
    product_id: UUID
    seller_id: UUID
    kind: str
    sku: str
    title_id: str
    title_en: str
    options: Mapping[str, str]
    picture: str
    slot_id: UUID | None
    slot_starts_at: datetime | None
    quantity: int
    unit_price: Money
    taxed: bool
    weight_g: int
    commission_bp: int
    plan_id: UUID | None
    purchase_order: str = ""
    fee: Money = field(default_factory=Money.zero)
    least: Money = field(default_factory=Money.zero)
    most: Money | None = None
    quoted_id: UUID | None = None
    discount: Money = field(default_factory=Money.zero)
    subsidy: Money = field(default_factory=Money.zero)
    commission: Money = field(default_factory=Money.zero)

    @property
    def gross(self) -> Money:
        """Price x quantity, before discount."""
        return self.unit_price * self.quantity

    @property
    def total(self) -> Money:
        """What the line costs."""
        return self.gross - self.discount

    @property
    def earned(self) -> Money:
        """What the seller is paid for the line, before commission."""
        return self.total + self.subsidy

    @property
    def tax(self) -> Money:
        """The PPN inside the total."""
        return contained_tax(self.total) if self.taxed else Money.zero(self.total.currency)


@dataclass(frozen=True, slots=True)
class DraftSeller:
    """What pricing needs to know of a seller."""

    seller_id: UUID
    name: str
    slug: str
    taxable: bool


@dataclass(frozen=True, slots=True)
class VoucherTerms:
    """What a voucher takes off, of whose lines (`seller_id` None: of all), and who bears it.

    The market bears `market_bp` basis points, the sellers the rest.
    """

    voucher_id: UUID
    code: str
    kind: Literal["percent", "fixed"]
    percent_bp: int
    amount: Money
    most: Money | None
    spend_from: Money
    seller_id: UUID | None
    market_bp: int


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """One seller's part. `quotes` are the ways to deliver, `delivery` the chosen one."""

    seller: DraftSeller
    lines: tuple[DraftLine, ...]
    quotes: tuple[DeliveryQuote, ...]
    delivery: DeliveryQuote | None

    @property
    def currency(self) -> str:
        """The order's currency."""
        return self.lines[0].unit_price.currency

    @property
    def purchase_order(self) -> str:
        """The buyer's own number; the first line's, where lines came with several."""
        return next((line.purchase_order for line in self.lines if line.purchase_order), "")

    @property
    def needs_parcel(self) -> bool:
        """Whether anything has to be shipped."""
        return any(line.kind == "goods" for line in self.lines)

    @property
    def needs_address(self) -> bool:
        """Whether somebody brings it: not where the buyer fetches it."""
        return self.needs_parcel and not (self.delivery and self.delivery.kind == "pickup")

    @property
    def items(self) -> Money:
        """The lines before discount."""
        return Money.total((line.gross for line in self.lines), self.currency)

    @property
    def discount(self) -> Money:
        """What vouchers take off, whoever bears it."""
        return Money.total((line.discount for line in self.lines), self.currency)

    @property
    def subsidy(self) -> Money:
        """What the market bears of the discount."""
        return Money.total((line.subsidy for line in self.lines), self.currency)

    @property
    def delivery_price(self) -> Money:
        """What delivery costs."""
        return self.delivery.price if self.delivery else Money.zero(self.currency)

    @property
    def total(self) -> Money:
        """What the buyer pays for this order."""
        return self.items - self.discount + self.delivery_price

    @property
    def tax(self) -> Money:
        """The PPN inside the total, rounded once: on what is taxed, and on its delivery."""
        taxed = [line.total for line in self.lines if line.taxed]
        if taxed and self.seller.taxable:
            taxed.append(self.delivery_price)
        return contained_tax(Money.total(taxed, self.currency))

    @property
    def commission(self) -> Money:
        """The market's commission on the items the seller is paid for."""
        return Money.total((line.commission for line in self.lines), self.currency)


@dataclass(frozen=True, slots=True)
class Draft:
    """The whole purchase."""

    orders: tuple[DraftOrder, ...]
    currency: str
    voucher: VoucherTerms | None

    @property
    def needs_parcel(self) -> bool:
        """Whether anything has to be shipped or fetched."""
        return any(order.needs_parcel for order in self.orders)

    @property
    def needs_address(self) -> bool:
        """Whether anything is brought to the buyer."""
        return any(order.needs_address for order in self.orders)

    @property
    def only_parcels(self) -> bool:
        """Whether a courier meets the buyer for everything: nothing is booked or downloaded."""
        return all(line.kind == "goods" for order in self.orders for line in order.lines)

    @property
    def items(self) -> Money:
        """All lines before discount."""
        return Money.total((order.items for order in self.orders), self.currency)

    @property
    def discount(self) -> Money:
        """All discounts."""
        return Money.total((order.discount for order in self.orders), self.currency)

    @property
    def delivery(self) -> Money:
        """All delivery prices."""
        return Money.total((order.delivery_price for order in self.orders), self.currency)

    @property
    def tax(self) -> Money:
        """The PPN inside the total."""
        return Money.total((order.tax for order in self.orders), self.currency)

    @property
    def total(self) -> Money:
        """What the buyer pays at once."""
        return Money.total((order.total for order in self.orders), self.currency)


def contained_tax(total: Money) -> Money:
    """Return the PPN inside a tax-inclusive amount, rounded half up to whole rupiah."""
    return share_half_up(total, PPN_NUMERATOR, PPN_DENOMINATOR)


def make_draft(
    *,
    lines: Sequence[DraftLine],
    sellers: Mapping[UUID, DraftSeller],
    quotes: Mapping[UUID, tuple[DeliveryQuote, ...]],
    chosen: Mapping[UUID, str],
    voucher: VoucherTerms | None,
    whereto_known: bool = True,
) -> Draft:
    """Return what the lines come to. `chosen` maps a seller to a delivery code.

    Where nothing is chosen the cheapest way stands in, but fetching it only once we know that
    nobody brings it there (`whereto_known`). A code the seller does not offer for this address
    leaves `delivery` None, which `place_order` refuses.
    """
    priced = _discounted(lines, voucher)
    orders = []
    for seller_id in sorted({line.seller_id for line in priced}, key=lambda s: sellers[s].name):
        own = _with_commission([line for line in priced if line.seller_id == seller_id])
        order = DraftOrder(
            seller=sellers[seller_id],
            lines=own,
            quotes=quotes.get(seller_id, ()),
            delivery=None,
        )
        if order.needs_parcel:
            delivery = _choose(order.quotes, chosen.get(seller_id), whereto_known)
            order = replace(order, delivery=delivery)
        else:
            order = replace(order, quotes=())
        orders.append(order)
    currency = priced[0].unit_price.currency if priced else "IDR"
    return Draft(tuple(orders), currency, voucher)


def _choose(
    quotes: Sequence[DeliveryQuote],
    code: str | None,
    whereto_known: bool,  # noqa: FBT001 - of this file alone
) -> DeliveryQuote | None:
    if code:
        return next((quote for quote in quotes if quote.code == code), None)
    shipped = [quote for quote in quotes if quote.kind != "pickup"]
    either = shipped or (quotes if whereto_known else ())
    return min(either, key=lambda quote: quote.price.minor, default=None)


def voucher_base(lines: Sequence[DraftLine], voucher: VoucherTerms) -> Money:
    """Return the amount the voucher counts on: all lines, or its seller's."""
    return Money.total(
        (line.gross for line in lines if voucher.seller_id in (None, line.seller_id)),
        voucher.amount.currency,
    )


def _discounted(lines: Sequence[DraftLine], voucher: VoucherTerms | None) -> tuple[DraftLine, ...]:
    if voucher is None:
        return tuple(lines)
    base = voucher_base(lines, voucher)
    off = (
        share_down(base, voucher.percent_bp, 10_000)
        if voucher.kind == "percent"
        else voucher.amount
    )
    off = min(off, base, *([voucher.most] if voucher.most else []), key=lambda m: m.minor)
    counted = [
        line.gross.minor if voucher.seller_id in (None, line.seller_id) else 0 for line in lines
    ]
    if not off or not sum(counted):
        return tuple(lines)
    discounts = off.split(counted)
    borne = share_half_up(off, voucher.market_bp, 10_000).split([part.minor for part in discounts])
    return tuple(
        replace(line, discount=discount, subsidy=subsidy)
        for line, discount, subsidy in zip(lines, discounts, borne, strict=True)
    )


def _with_commission(lines: Sequence[DraftLine]) -> tuple[DraftLine, ...]:
    """Share the order's rates, rounded half up once, over its lines (largest remainder).

    Then each line has its fixed fee and its caps; none costs more than the seller is paid for it.
    """
    weights = [line.earned.minor * line.commission_bp for line in lines]
    whole = share_half_up(Money(sum(weights), lines[0].unit_price.currency), 1, 10_000)
    return tuple(
        replace(line, commission=_capped(line, part))
        for line, part in zip(lines, whole.split(weights), strict=True)
    )


def _capped(line: DraftLine, rated: Money) -> Money:
    commission = max(rated + line.fee, line.least)
    if line.most is not None:
        commission = min(commission, line.most)
    return min(commission, line.earned)
