"""What happened to purchases and orders; each belongs to one of the four flows."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from niaga.plumbing.outbox import Audience, Event, Flow

BUYER_AND_OPERATOR: tuple[Audience, ...] = ("buyer", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchasePlaced(Event):
    """A buyer placed a purchase (`subject_id`)."""

    audience: ClassVar[tuple[Audience, ...]] = ()
    reference: str
    sku_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Event):
    """One seller's order (`subject_id`) was placed with a purchase."""

    purchase_id: UUID
    seller_id: UUID
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReserved(Event):
    """The goods of an order are kept for the buyer, until `expires_at` where it is set."""

    flow: ClassVar[Flow] = "goods"
    quantity: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAwaited(Event):
    """Some goods of an order wait for stock to come, promised for that day (ISO 8601)."""

    flow: ClassVar[Flow] = "goods"
    quantity: int
    promised_date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReleased(Event):
    """The goods of an order went back on sale."""

    flow: ClassVar[Flow] = "goods"
    sku_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOpened(Event):
    """The buyer was told how to pay a purchase (`subject_id`)."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = BUYER_AND_OPERATOR
    method: str
    amount_minor: int
    currency: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentConfirmed(Event):
    """The whole payment of a purchase (`subject_id`) is there."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = BUYER_AND_OPERATOR
    amount_minor: int
    currency: str
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequested(Event):
    """The buyer signed the payment of a purchase (`subject_id`); the bank is being asked."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = BUYER_AND_OPERATOR
    authorization_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorized(Event):
    """The bank set the amount of a purchase (`subject_id`) aside until `expires_at`."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = BUYER_AND_OPERATOR
    amount_minor: int
    currency: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDeclined(Event):
    """The bank did not approve the payment of a purchase (`subject_id`); nothing was charged."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = BUYER_AND_OPERATOR
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCalledOff(Event):
    """The bank did not answer in time; the payment of a purchase (`subject_id`) was called off."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = BUYER_AND_OPERATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class BankInstructed(Event):
    """The bank is to be told what becomes of an amount it set aside or paid."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = ()
    authorization_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRefused(Event):
    """The bank refused what it was told about an order's money: a person has to look."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = ("operator",)
    operation_id: UUID
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentExpired(Event):
    """The payment of a purchase (`subject_id`) did not come in time."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = BUYER_AND_OPERATOR
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed(Event):
    """The seller may begin: the order is paid, or is paid on delivery."""

    purchase_id: UUID
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaid(Event):
    """One order's money was captured and lies in escrow."""

    flow: ClassVar[Flow] = "money"
    purchase_id: UUID
    seller_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCharged(Event):
    """A part of the order was charged to the buyer's card and lies in escrow."""

    flow: ClassVar[Flow] = "money"
    purchase_id: UUID
    seller_id: UUID
    charge_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(Event):
    """The bank let go of what it had set aside for the order."""

    flow: ClassVar[Flow] = "money"
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDispatched(Event):
    """A parcel of the order left the seller, or waits to be fetched (`pickup`)."""

    flow: ClassVar[Flow] = "goods"
    shipment_id: UUID
    carrier: str
    tracking_number: str
    quantity: int
    pickup: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentTracked(Event):
    """The carrier said where a parcel is."""

    flow: ClassVar[Flow] = "goods"
    shipment_id: UUID
    state: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDelivered(Event):
    """A parcel reached the buyer."""

    flow: ClassVar[Flow] = "goods"
    shipment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePerformed(Event):
    """A booked service was given."""

    flow: ClassVar[Flow] = "goods"
    line_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingMoved(Event):
    """A booked time of the order was changed."""

    flow: ClassVar[Flow] = "goods"
    line_id: UUID
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingGivenUp(Event):
    """The buyer cancelled one booking of the order; the seller keeps `kept_minor` of its price."""

    flow: ClassVar[Flow] = "goods"
    line_id: UUID
    starts_at: datetime
    kept_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadsGranted(Event):
    """The digital goods of an order can be downloaded."""

    flow: ClassVar[Flow] = "goods"
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelivered(Event):
    """All of an order reached the buyer; its money is released at `release_at`."""

    purchase_id: UUID
    seller_id: UUID
    release_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCompleted(Event):
    """The buyer has everything and the order is closed."""

    purchase_id: UUID
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowReleased(Event):
    """The order's money now belongs to the seller.

    `withheld_minor` is its income tax (PPh 22) on `turnover_minor`, kept for the state.
    """

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    seller_id: UUID
    net_minor: int
    commission_minor: int
    currency: str
    commission_tax_minor: int = 0
    turnover_minor: int = 0
    withheld_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Event):
    """The order ended before anything was shipped."""

    purchase_id: UUID
    seller_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDue(Event):
    """The buyer is owed an order's money back, or a part of it.

    Without a `refund_id` nothing was paid that could go back.
    """

    flow: ClassVar[Flow] = "money"
    purchase_id: UUID
    amount_minor: int
    currency: str
    refund_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionGivenBack(Event):
    """The market gave up commission that it had earned, for money went back to the buyer.

    `tax_minor` is the PPN inside it, `withheld_minor` the seller's income tax that came back to it.
    """

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    seller_id: UUID
    commission_minor: int
    tax_minor: int
    withheld_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSent(Event):
    """The order's money was transferred back to the buyer."""

    flow: ClassVar[Flow] = "money"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued(Event):
    """A document of the order was numbered and issued."""

    flow: ClassVar[Flow] = "documents"
    document_id: UUID
    kind: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerDocumentIssued(Event):
    """The market issued a document to the seller of the order: a commission, a payout, a tax."""

    flow: ClassVar[Flow] = "documents"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    document_id: UUID
    kind: str
    number: str
