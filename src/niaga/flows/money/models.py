"""Payments and what follows from them. `cause_id` is the purchase or the order, opaque here."""

from django.db import models

from niaga.flows.money.states import (
    EscrowState,
    PaymentState,
    PayoutState,
    ReceiptState,
    RefundState,
)
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class Payment(models.Model):
    """What a buyer pays at once for one purchase (`cause_id`), by one method (see methods.py)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(unique=True)
    method = models.CharField(max_length=30)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    # None, not "", so that methods without an account number do not collide.
    account_number = models.CharField(max_length=24, unique=True, null=True)  # noqa: DJ001
    state = models.CharField(max_length=9, choices=PaymentState, default=PaymentState.PENDING)
    expires_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gte=0), name="payment_not_negative"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed") | models.Q(confirmed_at__isnull=False),
                name="confirmed_payment_has_instant",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state="pending"),
                name="payment_expiring",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.amount_minor} {self.state}"


class Capture(models.Model):
    """Money really received for one order (`cause_id`)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="captures")
    cause_id = models.UUIDField(db_index=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    captured_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gte=0), name="capture_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} for {self.cause_id}"


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


class BankReceipt(models.Model):
    """One incoming line of the bank's file, kept whether it matched a payment or not."""

    id = models.UUIDField(primary_key=True, default=new_id)
    bank_reference = models.CharField(max_length=60, unique=True)
    account_number = models.CharField(max_length=24)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=ReceiptState)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="receipts"
    )
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="matched") ^ models.Q(payment__isnull=True),
                name="matched_receipt_has_payment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_reference} {self.amount_minor}"
