"""What a buyer pays, and what really came in. `cause_id` is the purchase or the order."""

from django.db import models

from niaga.flows.money.states import (
    PaymentState,
    ReceiptState,
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
    # Who knows the token may ask for an offer and pay: it opens the payment to the buyer's wallet.
    token = models.CharField(max_length=40, unique=True, null=True)  # noqa: DJ001
    state = models.CharField(max_length=11, choices=PaymentState, default=PaymentState.PENDING)
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


class BankReceipt(models.Model):
    """Money that came in, by the bank's file or a code, kept whether it matched a payment or not.

    What came by a code is with the gateway until their books are compared (`reconciliation`).
    """

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
    code = models.ForeignKey(
        "PayCode", on_delete=models.PROTECT, null=True, related_name="receipts"
    )
    remote_id = models.CharField(max_length=22, default="")
    reconciliation = models.ForeignKey(
        "Reconciliation", on_delete=models.PROTECT, null=True, related_name="receipts"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="matched") ^ models.Q(payment__isnull=True),
                name="matched_receipt_has_payment",
            ),
            models.CheckConstraint(
                condition=models.Q(code__isnull=True) ^ ~models.Q(remote_id=""),
                name="a_codes_receipt_has_the_gateways_name",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_reference} {self.amount_minor}"
