"""Files of a digital good come and go; the bytes themselves are stored by the caller."""

from uuid import UUID

from niaga.flows.goods.models import DigitalFile, DownloadGrant
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.command import command


@command
def add_file(
    *, seller_id: UUID, sku_id: UUID, name: str, path: str, size_bytes: int, sha256: str
) -> UUID:
    """Let buyers of the SKU download the file at `path` in private storage; return its id."""
    return DigitalFile.objects.create(
        id=new_id(),
        seller_id=seller_id,
        sku_id=sku_id,
        name=name[:120],
        path=path,
        size_bytes=size_bytes,
        sha256=sha256,
    ).id


@command
def remove_file(*, seller_id: UUID, file_id: UUID) -> str:
    """Take a file away from the seller's good.

    Those who bought it before keep it. Return its path where nobody did, so that its bytes can
    go too; empty otherwise, and when it was gone.
    """
    file = (
        DigitalFile.objects.select_for_update()
        .filter(pk=file_id, seller_id=seller_id, removed_at__isnull=True)
        .first()
    )
    if file is None:
        return ""
    if DownloadGrant.objects.filter(sku_id=file.sku_id).exists():
        file.removed_at = clock.now()
        file.save(update_fields=["removed_at"])
        return ""
    file.delete()
    return file.path
