"""What a seller does with the stock of its own products: whose a SKU is, is asked inside.

The flow of goods knows SKUs as opaque ids; the catalogue knows whose they are.
"""

from collections.abc import Iterable
from uuid import UUID

from niaga.flows.goods.commands.change_stock import StockNow, adjust_stock, receive_stock
from niaga.flows.goods.commands.hand_out_keys import add_keys
from niaga.flows.goods.commands.keep_calendar import CalendarTerms, keep_calendar
from niaga.flows.goods.commands.keep_file import add_file
from niaga.flows.goods.commands.keep_policy import Policy, keep_policy
from niaga.flows.goods.commands.transfer_stock import SentTransfer, send_transfer
from niaga.flows.information.commands.describe_product import ProductUnknown
from niaga.flows.information.models import Product, Variant
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.stages.sharing.indexing import index_products

GOODS, SERVICE, DIGITAL = Product.Kind.GOODS, Product.Kind.SERVICE, Product.Kind.DIGITAL


def own_product_of(seller_id: UUID, sku_id: UUID, kind: Product.Kind) -> UUID:
    """Return the product of one of the seller's SKUs.

    Raises:
        ProductUnknown: the SKU is another seller's, or of another kind.
    """
    mine = Variant.objects.filter(pk=sku_id, seller_id=seller_id, product__kind=kind)
    product_id = mine.values_list("product_id", flat=True).first()
    if product_id is None:
        raise ProductUnknown(sku_id)
    return product_id


@command
def receive_goods(
    *,
    actor: Actor,
    seller_id: UUID,
    sku_id: UUID,
    location_id: UUID,
    quantity: int,
    why: str,
    reason: str,
) -> StockNow:
    """Take in `quantity` (> 0) of one of the seller's SKUs; see `receive_stock`.

    Raises:
        ProductUnknown: the SKU is not the seller's.
        LocationUnknown: the location is not the seller's.
    """
    own_product_of(seller_id, sku_id, GOODS)
    return receive_stock(
        actor=actor, seller_id=seller_id, sku_id=sku_id, location_id=location_id,
        quantity=quantity, why=why, reason=reason,
    )  # fmt: skip


@command
def correct_goods(
    *,
    actor: Actor,
    seller_id: UUID,
    sku_id: UUID,
    location_id: UUID,
    on_hand: int,
    why: str,
    reason: str,
) -> StockNow:
    """Set what there is (>= 0) of one of the seller's SKUs; see `adjust_stock`.

    Raises:
        ProductUnknown: the SKU is not the seller's.
        LocationUnknown, StockBelowReserved: see `adjust_stock`.
    """
    own_product_of(seller_id, sku_id, GOODS)
    return adjust_stock(
        actor=actor, seller_id=seller_id, sku_id=sku_id, location_id=location_id,
        on_hand=on_hand, why=why, reason=reason,
    )  # fmt: skip


@command
def send_goods(
    *,
    actor: Actor,
    seller_id: UUID,
    sku_id: UUID,
    origin_id: UUID,
    destination_id: UUID,
    quantity: int,
    note: str = "",
) -> SentTransfer:
    """Let `quantity` (> 0) of one of the seller's SKUs leave for another of its locations.

    Raises:
        ProductUnknown: the SKU is not the seller's.
        TransferGoesNowhere, LocationUnknown, StockBelowReserved: see `send_transfer`.
    """
    own_product_of(seller_id, sku_id, GOODS)
    return send_transfer(
        actor=actor, seller_id=seller_id, sku_id=sku_id, origin_id=origin_id,
        destination_id=destination_id, quantity=quantity, note=note,
    )  # fmt: skip


@command
def decide_policy(*, actor: Actor, seller_id: UUID, sku_id: UUID, policy: Policy) -> None:
    """Decide what happens when one of the seller's SKUs is sold out or runs low.

    Raises:
        ProductUnknown: the SKU is not the seller's.
        PolicyIncomplete: something that the buyer must know is missing.
    """
    own_product_of(seller_id, sku_id, GOODS)
    keep_policy(actor=actor, seller_id=seller_id, sku_id=sku_id, policy=policy)


@command
def offer_file(
    *, seller_id: UUID, sku_id: UUID, name: str, path: str, size_bytes: int, sha256: str
) -> UUID:
    """Let buyers of one of the seller's digital SKUs download a file; see `add_file`.

    Raises:
        ProductUnknown: the SKU is not a digital good of the seller.
    """
    own_product_of(seller_id, sku_id, DIGITAL)
    return add_file(
        seller_id=seller_id, sku_id=sku_id, name=name, path=path, size_bytes=size_bytes,
        sha256=sha256,
    )  # fmt: skip


@command
def offer_keys(*, seller_id: UUID, sku_id: UUID, texts: Iterable[str]) -> int:
    """Put licence keys into the pool of one of the seller's SKUs; return how many are new.

    Raises:
        ProductUnknown: the SKU is not a digital good of the seller.
        KeyTooLong: one is too long; none is added.
    """
    own_product_of(seller_id, sku_id, DIGITAL)
    return add_keys(seller_id=seller_id, sku_id=sku_id, texts=texts)


@command
def plan_times(*, seller_id: UUID, sku_id: UUID, terms: CalendarTerms) -> int:
    """Write the calendar of one of the seller's services; return how many slots are new.

    Raises:
        ProductUnknown: the SKU is not a service of the seller.
    """
    product_id = own_product_of(seller_id, sku_id, SERVICE)
    made = keep_calendar(seller_id=seller_id, sku_id=sku_id, terms=terms)
    index_products([product_id])
    return made
