"""A product's pictures change places; the first one stands on its card."""

from uuid import UUID

from niaga.flows.information.commands.describe_product import ProductUnknown
from niaga.flows.information.events import MediaChanged
from niaga.flows.information.models import Media, Product
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record


@command
def arrange_media(
    *, actor: Actor, seller_id: UUID, product_id: UUID, media_ids: tuple[UUID, ...]
) -> None:
    """Show the product's pictures in this order; those not named follow in theirs.

    Raises:
        ProductUnknown: the product is not the seller's.
    """
    if not Product.objects.select_for_update().filter(pk=product_id, seller_id=seller_id).exists():
        raise ProductUnknown(product_id)
    place = {media_id: n for n, media_id in enumerate(media_ids)}
    media = list(Media.objects.filter(product_id=product_id).order_by("position", "id"))
    media.sort(key=lambda m: place.get(m.pk, len(place)))
    for position, picture in enumerate(media, start=1):
        picture.position = position
    Media.objects.bulk_update(media, ["position"])
    record(MediaChanged(subject_id=product_id, seller_id=seller_id), actor=actor)
