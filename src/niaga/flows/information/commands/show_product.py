"""A product is published or hidden; what that needs of a price is the stage's rule."""

from uuid import UUID

from niaga.flows.information.commands.describe_product import ProductUnknown
from niaga.flows.information.models import Product
from niaga.flows.information.states import PRODUCT_TRANSITIONS
from niaga.kernel import clock
from niaga.plumbing.command import command
from niaga.plumbing.states import advance


@command
def publish_product(*, seller_id: UUID, product_id: UUID) -> None:
    """Let everyone see the product.

    Raises:
        ProductUnknown: it is not the seller's.
        TransitionRefused: it is published already.
    """
    _move(seller_id, product_id, Product.State.PUBLISHED)


@command
def hide_product(*, seller_id: UUID, product_id: UUID) -> None:
    """Take the product out of sight.

    Raises:
        ProductUnknown: it is not the seller's.
        TransitionRefused: it is not published.
    """
    _move(seller_id, product_id, Product.State.HIDDEN)


def _move(seller_id: UUID, product_id: UUID, to: Product.State) -> None:
    if not Product.objects.filter(pk=product_id, seller_id=seller_id).exists():
        raise ProductUnknown(product_id)
    advance(
        Product,
        pk=product_id,
        to=to,
        transitions=PRODUCT_TRANSITIONS,
        updated_at=clock.now(),
    )
