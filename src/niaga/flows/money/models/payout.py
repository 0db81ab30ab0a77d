"""Money on its way to the sellers."""

from django.db import models

from niaga.flows.money.states import (
    PayoutState,
)
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class PayoutBatch(models.Model):
    """One outgoing bank file."""

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.PositiveBigIntegerField(unique=True)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "payout batches"

    def __str__(self) -> str:
        return f"#{self.number}"


class Payout(models.Model):
    """What one seller gets in one batch: released escrow less cash it holds already."""

    id = models.UUIDField(primary_key=True, default=new_id)
    batch = models.ForeignKey(PayoutBatch, on_delete=models.PROTECT, related_name="payouts")
    seller_id = models.UUIDField(db_index=True)
    bank_name = models.CharField(max_length=60)
    bank_account = models.CharField(max_length=30)
    bank_holder = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=PayoutState, default=PayoutState.PREPARED)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "seller_id"], name="one_payout_a_batch"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gte=0), name="payout_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(state="paid") ^ models.Q(paid_at__isnull=True),
                name="paid_payout_has_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.state}"
