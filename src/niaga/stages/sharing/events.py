"""What happened before an order: listings and prices."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.plumbing.outbox import Audience, Event, Flow

NOBODY: tuple[Audience, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductListed(Event):
    """A seller listed a product (`subject_id`) with variants and prices, or listed it anew."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = NOBODY
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsImported(Event):
    """A seller (`subject_id`) listed many products at once; their cards are written already."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = NOBODY
    products: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChanged(Event):
    """A variant of a product (`subject_id`) has another price."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = NOBODY
    variant_id: UUID
    price_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPublished(Event):
    """A product (`subject_id`) may be seen and bought."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = NOBODY
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingHidden(Event):
    """A product (`subject_id`) may not be seen any more."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = NOBODY
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherMade(Event):
    """A voucher (`subject_id`) was made, by the market (no seller) or a seller."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    code: str
    seller_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherEnded(Event):
    """A voucher (`subject_id`) was ended before its day."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    code: str
    seller_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionPlanMade(Event):
    """What the market takes of sales (`subject_id` is the plan) was set, for whom and from when."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = NOBODY
    name: str
    rate_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionPlanEnded(Event):
    """A commission plan (`subject_id`) holds for no new sale."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = NOBODY
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationAsked(Event):
    """A buyer asked a seller to quote what lies in the basket (`subject_id`: the quotation)."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = NOBODY
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationOffered(Event):
    """The seller offered prices (`subject_id`: the quotation)."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = NOBODY
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationDeclined(Event):
    """The seller would not quote, or the buyer would not have it (`role`)."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = NOBODY
    seller_id: UUID
    role: str
