"""Files of digital goods and the right to download them."""

from django.db import models

from niaga.kernel import clock
from niaga.kernel.ids import new_id


class DigitalFile(models.Model):
    """The file a digital good consists of, kept in private storage."""

    id = models.UUIDField(primary_key=True, default=new_id)
    sku_id = models.UUIDField(db_index=True)
    seller_id = models.UUIDField()
    name = models.CharField(max_length=120)
    path = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name


class DownloadGrant(models.Model):
    """The right of one order line to download its files, counted and limited in time."""

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(unique=True)
    sku_id = models.UUIDField()
    downloads_left = models.PositiveSmallIntegerField(default=5)
    granted_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.downloads_left} left"
