"""Stores a product's picture in two sizes, re-encoded, so that no foreign bytes are served."""

from dataclasses import dataclass
from io import BytesIO
from typing import IO, ClassVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageOps, UnidentifiedImageError

from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal

FULL_PX = 1200
CARD_PX = 480
MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(eq=False)
class PictureRefused(Refusal):
    """The file is no picture for a page. Rules: `too_big`, `not_a_picture`."""

    code: ClassVar[str] = "picture_refused"
    rule: str


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """Both sizes, as paths below MEDIA_ROOT."""

    file: str
    thumbnail: str


def store_picture(source: IO[bytes]) -> StoredPicture:
    """Store a JPEG, PNG or WebP in full and card size as WebP, turned upright, metadata gone.

    Call it outside a command; `add_media` records what it returns.

    Raises:
        PictureRefused: the file is too big or no picture.
    """
    content = source.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise PictureRefused("too_big")
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureRefused("too_big")
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused("too_big") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise PictureRefused("not_a_picture") from error
    name = new_id().hex
    return StoredPicture(
        file=_store(picture, f"products/{name[-2:]}/{name}.webp", FULL_PX),
        thumbnail=_store(picture, f"products/{name[-2:]}/{name}-card.webp", CARD_PX),
    )


def _store(picture: Image.Image, path: str, longest_px: int) -> str:
    sized = picture.copy()
    sized.thumbnail((longest_px, longest_px))
    buffer = BytesIO()
    sized.save(buffer, "WEBP", quality=82)
    return default_storage.save(path, ContentFile(buffer.getvalue()))
