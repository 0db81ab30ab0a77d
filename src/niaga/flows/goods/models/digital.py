"""Files and licence keys of digital goods, and the right to download."""

from django.db import models

from niaga.flows.goods.states import KeyState
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class DigitalFile(models.Model):
    """The file a digital good consists of, kept in private storage.

    A file that was removed stays for those who bought before.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    sku_id = models.UUIDField(db_index=True)
    seller_id = models.UUIDField()
    name = models.CharField(max_length=120)
    path = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    removed_at = models.DateTimeField(null=True)

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


class KeyPool(models.Model):
    """How many licence keys of a SKU are free; a SKU without a pool needs none."""

    sku_id = models.UUIDField(primary_key=True)
    seller_id = models.UUIDField(db_index=True)
    free = models.PositiveIntegerField(default=0)
    alert_below = models.PositiveIntegerField(default=5)

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.free} free"


class LicenceKey(models.Model):
    """One licence key of a pool, handed to one unit of one order line (`cause_id`) at most.

    Its text is `sealed` for this row; the `mark` tells whether the pool has it already.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    pool = models.ForeignKey(KeyPool, on_delete=models.PROTECT, related_name="keys")
    sealed = models.CharField(max_length=1200)
    mark = models.CharField(max_length=64)
    state = models.CharField(max_length=5, choices=KeyState, default=KeyState.FREE)
    cause_id = models.UUIDField(null=True, db_index=True)
    added_at = models.DateTimeField(default=clock.now)
    given_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "mark"], name="licence_key_once"),
            models.CheckConstraint(
                condition=models.Q(state="free") ^ models.Q(cause_id__isnull=False),
                name="licence_key_for_one_line",
            ),
            models.CheckConstraint(
                condition=models.Q(state="given") ^ models.Q(given_at__isnull=True),
                name="given_licence_key_has_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["pool"], condition=models.Q(state="free"), name="free_licence_key")
        ]

    def __str__(self) -> str:
        return f"key {self.id} {self.state}"
