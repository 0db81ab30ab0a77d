"""Money kept between buyer and seller until delivery, and what goes back to the buyer."""

from django.db import models

from niaga.flows.money.models.payment import Payment
from niaga.flows.money.states import (
    EscrowState,
    RefundState,
)
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class Escrow(models.Model):
    """One order's money between buyer and seller; the commission was fixed at sale.

    `gross_minor` is what reaches escrow: what the buyer paid for the order plus `subsidy_minor`,
    the market's own share of a voucher. The seller is owed gross - commission.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(unique=True)
    seller_id = models.UUIDField()
    gross_minor = models.BigIntegerField()
    subsidy_minor = models.BigIntegerField(default=0)
    commission_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=EscrowState, default=EscrowState.HELD)
    held_at = models.DateTimeField(default=clock.now)
    release_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)  # a complaint is open: nothing is released
    released_at = models.DateTimeField(null=True)
    payout = models.ForeignKey(
        "Payout", on_delete=models.PROTECT, null=True, related_name="escrows"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    commission_minor__gte=0, commission_minor__lte=models.F("gross_minor")
                ),
                name="commission_within_gross",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["releasable", "paid_out"])
                | models.Q(released_at__isnull=False),
                name="released_escrow_has_instant",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="paid_out") | models.Q(payout__isnull=False),
                name="paid_out_escrow_has_payout",
            ),
        ]
        indexes = [
            models.Index(
                fields=["release_at"],
                condition=models.Q(state="held", frozen_at__isnull=True),
                name="escrow_releasing",
            ),
            models.Index(fields=["seller_id", "state"]),
        ]

    def __str__(self) -> str:
        return f"{self.gross_minor} {self.state}"


class Refund(models.Model):
    """Money given back to the buyer for one order (`cause_id`)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    cause_id = models.UUIDField(db_index=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=4, choices=RefundState, default=RefundState.DUE)
    due_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="refund_of_something"
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent") ^ models.Q(sent_at__isnull=True),
                name="sent_refund_has_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.state}"
