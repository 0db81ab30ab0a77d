"""Pictures of a product come and go; the files themselves are stored by the caller."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import Max

from niaga.flows.information.commands.describe_product import ProductUnknown
from niaga.flows.information.events import MediaChanged
from niaga.flows.information.models import Media, Product
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record

MOST_PICTURES = 12


@dataclass(eq=False)
class TooManyPictures(Refusal):
    """The product has all the pictures it may have."""

    code: ClassVar[str] = "too_many_pictures"
    most: int = MOST_PICTURES


@dataclass(frozen=True, slots=True)
class RemovedMedia:
    """The files that nothing speaks of any more (paths below MEDIA_ROOT)."""

    file: str
    thumbnail: str


@command
def add_media(
    *, actor: Actor, seller_id: UUID, product_id: UUID, file: str, thumbnail: str, alt: str = ""
) -> UUID:
    """Put a picture last; `file` and `thumbnail` are paths below MEDIA_ROOT. Return its id.

    Raises:
        ProductUnknown: the product is not the seller's.
        TooManyPictures: it has a dozen.
    """
    if not Product.objects.select_for_update().filter(pk=product_id, seller_id=seller_id).exists():
        raise ProductUnknown(product_id)
    mine = Media.objects.filter(product_id=product_id)
    if mine.count() >= MOST_PICTURES:
        raise TooManyPictures
    last = mine.aggregate(last=Max("position"))["last"] or 0
    media = Media.objects.create(
        id=new_id(),
        product_id=product_id,
        file=file,
        thumbnail=thumbnail,
        alt=alt[:160],
        position=last + 1,
    )
    record(MediaChanged(subject_id=product_id, seller_id=seller_id), actor=actor)
    return media.id


@command
def remove_media(*, actor: Actor, seller_id: UUID, media_id: UUID) -> RemovedMedia | None:
    """Take a picture away; return its files for the caller to delete, None if it was gone."""
    media = Media.objects.filter(pk=media_id, product__seller_id=seller_id).first()
    if media is None:
        return None
    media.delete()
    record(MediaChanged(subject_id=media.product_id, seller_id=seller_id), actor=actor)
    return RemovedMedia(media.file, media.thumbnail)
