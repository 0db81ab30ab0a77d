"""Whose a purchase is, and what its buyer asks about a part of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from niaga.flows.documents.models import Document
from niaga.flows.documents.rendering.content import MARKETS_OWN
from niaga.flows.goods.models import DownloadGrant
from niaga.kernel.money import Money
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.ordering.queries import options_text


@dataclass(frozen=True, slots=True)
class PurchaseOwner:
    """Whose a purchase is: a person's; a guest's (`person_id` None) is opened by its token."""

    purchase_id: UUID
    reference: str
    token: str
    person_id: UUID | None


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """An order line as its buyer judges it."""

    owner: PurchaseOwner
    line_id: UUID
    order_id: UUID
    order_reference: str
    order_state: str
    seller_name: str
    buyer_name: str
    title: str
    options: str
    picture: str
    quantity: int
    delivered_quantity: int
    total: Money


def owner_of_purchase(reference: str) -> PurchaseOwner | None:
    """Return whose the purchase is, or None; one statement."""
    row = Purchase.objects.filter(reference=reference).first()
    return _owner(row) if row else None


def purchase_to_pay(token: str) -> str | None:
    """Return the reference of the purchase that a payment's token opens, or None; one statement."""
    found = Purchase.objects.filter(payment__token=token).values_list("reference", flat=True)
    return found.first()


def owner_of_order(order_id: UUID) -> PurchaseOwner | None:
    """Return whose purchase the order belongs to, or None; one statement."""
    row = Purchase.objects.filter(orders=order_id).first()
    return _owner(row) if row else None


def orders_of_person(person_id: UUID) -> Iterable[UUID]:
    """Return the ids of a person's orders; no statement until they are looked at or filtered by."""
    return Order.objects.filter(purchase__person=person_id).values_list("id", flat=True)


def owner_of_document(document_id: UUID) -> PurchaseOwner | None:
    """Return whose purchase the document was issued for, or None; two statements.

    None, too, where the market issued it to the seller, and where it is a quotation.
    """
    rows = Document.objects.filter(pk=document_id).exclude(kind__in=MARKETS_OWN)
    order_id = rows.values_list("cause_id", flat=True).first()
    return owner_of_order(order_id) if order_id else None


def owner_of_download(grant_id: UUID) -> PurchaseOwner | None:
    """Return whose purchase the download belongs to, or None; two statements."""
    line_id = DownloadGrant.objects.filter(pk=grant_id).values_list("cause_id", flat=True).first()
    row = Purchase.objects.filter(orders__lines=line_id).first() if line_id else None
    return _owner(row) if row else None


def timeline_subjects(purchase_id: UUID) -> tuple[UUID, ...]:
    """Return what a purchase's timeline speaks of: itself and its orders; one statement."""
    orders = Purchase.objects.filter(pk=purchase_id).values_list("orders", flat=True)
    return (purchase_id, *(order_id for order_id in orders if order_id))


def bought_line(line_id: UUID, *, language: str) -> BoughtLine | None:
    """Return an order line with whose it is, or None; one statement."""
    row = (
        OrderLine.objects.select_related("order__purchase", "order__seller")
        .filter(pk=line_id)
        .first()
    )
    if row is None:
        return None
    return BoughtLine(
        owner=_owner(row.order.purchase),
        line_id=row.id,
        order_id=row.order_id,
        order_reference=row.order.reference,
        order_state=row.order.state,
        seller_name=row.order.seller.name,
        buyer_name=row.order.purchase.name,
        title=row.title_en if language == "en" else row.title_id,
        options=options_text(row.options),
        picture=row.picture,
        quantity=row.quantity,
        delivered_quantity=row.delivered_quantity,
        total=Money(row.total_minor, row.order.currency),
    )


def _owner(row: Purchase) -> PurchaseOwner:
    return PurchaseOwner(row.id, row.reference, row.token, row.person_id)
