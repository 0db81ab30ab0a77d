"""A digital good is granted to an order line, and downloaded a counted number of times."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.db.models import F

from niaga.flows.goods.allocation import StockWish
from niaga.flows.goods.models import DownloadGrant
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command

DOWNLOADS_EACH = 5
OPEN_FOR = timedelta(days=365)


@dataclass(eq=False)
class DownloadSpent(Refusal):
    """The grant has expired, was withdrawn, or has no downloads left."""

    code: ClassVar[str] = "download_spent"
    grant_id: UUID


@command
def grant_downloads(*, wishes: tuple[StockWish, ...]) -> None:
    """Let the buyers of these lines download their files."""
    DownloadGrant.objects.bulk_create(
        DownloadGrant(
            id=new_id(),
            cause_id=wish.cause_id,
            sku_id=wish.sku_id,
            downloads_left=DOWNLOADS_EACH * wish.quantity,
            expires_at=clock.now() + OPEN_FOR,
            granted_at=clock.now(),
        )
        for wish in wishes
    )


@command
def spend_download(*, grant_id: UUID) -> None:
    """Count one download.

    Raises:
        DownloadSpent: none is left, or the grant is over.
    """
    spent = DownloadGrant.objects.filter(
        pk=grant_id, downloads_left__gt=0, expires_at__gt=clock.now(), revoked_at__isnull=True
    ).update(downloads_left=F("downloads_left") - 1)
    if spent != 1:
        raise DownloadSpent(grant_id)
