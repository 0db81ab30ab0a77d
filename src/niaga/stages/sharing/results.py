"""What the stage of sharing answers: a product's page and a basket, ready for a page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from niaga.flows.information.results import Card, Crumb, SellerSummary
from niaga.kernel.money import Money

type ProblemCode = Literal["off_sale", "out_of_stock", "only_left", "slot_missing", "slot_gone"]


@dataclass(frozen=True, slots=True)
class SlotView:
    """A time a service can be booked."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    places_left: int


@dataclass(frozen=True, slots=True)
class ToCome:
    """`units` more can be ordered than are there; they ship by that day, or from it on."""

    units: int
    free: int
    preorder: bool
    ships: date


@dataclass(frozen=True, slots=True)
class VariantView:
    """One form of the product. `available` is None where stock has no meaning (digital).

    It counts what is there and what may be ordered of `to_come`.

    `options` are (axis, value) pairs, the axes in the same order for all variants; `price` is
    None for a variant that is not on sale.
    """

    id: UUID
    sku: str
    options: tuple[tuple[str, str], ...]
    options_text: str
    price: Money | None
    compare_at: Money | None
    available: int | None
    weight_g: int
    on_sale: bool
    slots: tuple[SlotView, ...]
    to_come: ToCome | None = None


@dataclass(frozen=True, slots=True)
class OptionAxis:
    """A choice to make among variants, such as the size; `name` is its code as the seller wrote."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MediaView:
    """A picture: paths below MEDIA_URL."""

    file: str
    thumbnail: str
    alt: str


@dataclass(frozen=True, slots=True)
class AttributeView:
    """A stated property, in words."""

    code: str
    name: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class ProductPage:
    """All that a product's page shows, reviews aside (those are the after-sales stage's)."""

    id: UUID
    slug: str
    name: str
    description: str
    brand: str
    kind: str
    tags: tuple[str, ...]
    category_path: str
    breadcrumbs: tuple[Crumb, ...]
    price: Money
    price_max: Money
    compare_at: Money | None
    in_stock: bool
    rating: float | None
    review_count: int
    sold_count: int
    variants: tuple[VariantView, ...]
    axes: tuple[OptionAxis, ...]
    media: tuple[MediaView, ...]
    attributes: tuple[AttributeView, ...]
    seller_id: UUID
    seller: SellerSummary
    related: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class BasketProblem:
    """Why a line cannot be ordered as it stands; `left` goes with `only_left`."""

    code: ProblemCode
    left: int = 0


@dataclass(frozen=True, slots=True)
class QuotedPrice:
    """A price that a seller quoted: for exactly `quantity`, until the end of a day."""

    price: Money
    quantity: int
    last_day: date


@dataclass(frozen=True, slots=True)
class BasketLineView:
    """A line of a basket. `available` is None where stock has no meaning (digital).

    `quoted` is the line's price where its quantity is the quoted one, else what it could be.
    """

    id: UUID
    variant_id: UUID
    product_slug: str
    title: str
    options_text: str
    picture: str
    kind: str
    unit_price: Money | None
    quantity: int
    line_total: Money
    available: int | None
    slot: SlotView | None
    weight_g: int
    problems: tuple[BasketProblem, ...]
    to_come: ToCome | None = None
    quoted: QuotedPrice | None = None

    @property
    def awaited(self) -> int:
        """How many of the line wait for stock to come."""
        return max(0, self.quantity - self.to_come.free) if self.to_come else 0


@dataclass(frozen=True, slots=True)
class BasketSeller:
    """The lines of one seller and what they come to."""

    seller_id: UUID
    slug: str
    name: str
    city: str
    lines: tuple[BasketLineView, ...]
    subtotal: Money


@dataclass(frozen=True, slots=True)
class BasketView:
    """A basket, grouped by seller; `can_order` says that no line has a problem."""

    id: UUID | None
    sellers: tuple[BasketSeller, ...]
    subtotal: Money
    item_count: int
    can_order: bool
