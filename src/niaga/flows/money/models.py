"""Payments and what follows from them. `cause_id` is the purchase or the order, opaque here."""

from django.db import models

from niaga.flows.money.states import (
    AuthorizationState,
    EscrowState,
    OperationState,
    PaymentState,
    PayoutState,
    ReceiptState,
    ReconciliationState,
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


class Authorization(models.Model):
    """One try to pay a payment by card.

    What was said is kept byte for byte, to be sent again and as evidence. There is no field for a
    card's data: the instruction inside `request` is sealed to the gateway.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="authorizations")
    xid = models.CharField(max_length=27, unique=True)
    state = models.CharField(
        max_length=9, choices=AuthorizationState, default=AuthorizationState.OFFERED
    )
    reason = models.CharField(max_length=40, default="")
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    released_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    offer = models.TextField()
    checkout = models.TextField()
    request = models.TextField(default="")  # PReq, as the wallet sent it
    ds_hash = models.CharField(max_length=43, default="")
    auth_req = models.TextField(default="")
    auth_res = models.TextField(default="")
    auth_id = models.CharField(max_length=22, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    offered_at = models.DateTimeField()
    requested_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # when the bank is to be asked again
    answered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)  # until when the bank sets the amount aside

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment"],
                condition=models.Q(state__in=["requested", "approved"]),
                name="one_live_authorization",
            ),
            models.CheckConstraint(
                condition=models.Q(captured_minor__gte=0, released_minor__gte=0)
                & models.Q(
                    amount_minor__gte=models.F("captured_minor") + models.F("released_minor")
                ),
                name="never_capture_more_than_authorized",
            ),
            models.CheckConstraint(
                condition=models.Q(state="offered") | ~models.Q(auth_req=""),
                name="requested_has_a_request",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | (
                    ~models.Q(auth_id="")
                    & ~models.Q(auth_res="")
                    & models.Q(expires_at__isnull=False)
                ),
                name="approved_has_the_bank_s_answer",
            ),
            models.CheckConstraint(
                condition=models.Q(state="approved") | models.Q(captured_minor=0, released_minor=0),
                name="only_the_approved_is_captured",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state="requested"), name="bank_to_be_asked"
            ),
            models.Index(
                fields=["expires_at"], condition=models.Q(state="approved"), name="hold_expiring"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.xid} {self.state}"


class GatewayOperation(models.Model):
    """What the gateway is told after an authorization, until it has answered.

    `request` are the bytes once signed, repeated as they are. `cause_id` is the order (or, for
    what was called off, the payment's cause), `about_id` what the stage knows the operation by.
    """

    class Kind(models.TextChoices):
        CAPTURE = "capture"
        REVERSAL = "reversal"
        CREDIT = "credit"

    id = models.UUIDField(primary_key=True, default=new_id)
    authorization = models.ForeignKey(
        Authorization, on_delete=models.PROTECT, related_name="operations"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    seq = models.PositiveSmallIntegerField()
    cause_id = models.UUIDField(db_index=True)
    about_id = models.UUIDField()
    amount_minor = models.BigIntegerField(null=True)  # None: all that is left
    currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=22, default="")  # the capture that is credited
    state = models.CharField(max_length=7, choices=OperationState, default=OperationState.DUE)
    request = models.TextField(default="")
    answer = models.TextField(default="")
    remote_id = models.CharField(max_length=22, default="")
    moved_minor = models.BigIntegerField(default=0)  # what the gateway did, once it is done
    reason = models.CharField(max_length=40, default="")
    tries = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    performed_at = models.DateTimeField(null=True)  # by the gateway's clock
    reconciliation = models.ForeignKey(
        "Reconciliation", on_delete=models.PROTECT, null=True, related_name="operations"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authorization", "seq"], name="operations_in_order"),
            models.UniqueConstraint(fields=["kind", "about_id"], name="one_operation_each"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__isnull=True) | models.Q(amount_minor__gt=0),
                name="operation_moves_something",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="reversal") | models.Q(amount_minor__isnull=False),
                name="only_a_reversal_takes_the_rest",
            ),
            models.CheckConstraint(
                condition=models.Q(state="done")
                ^ models.Q(remote_id="", performed_at__isnull=True),
                name="done_operation_has_the_gateway_s_id",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="due"), name="operation_due"),
            models.Index(fields=["performed_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor} {self.state}"


class Reconciliation(models.Model):
    """The market's books of a period beside the gateway's; what agrees is settled to the bank."""

    id = models.UUIDField(primary_key=True, default=new_id)
    since = models.DateTimeField()
    until = models.DateTimeField()
    currency = models.CharField(max_length=3)
    state = models.CharField(
        max_length=7, choices=ReconciliationState, default=ReconciliationState.DUE
    )
    request = models.TextField()
    answer = models.TextField(default="")
    agreed = models.PositiveIntegerField(default=0)
    settled_minor = models.BigIntegerField(default=0)
    compared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "since"], name="one_reconciliation_each"),
            models.CheckConstraint(
                condition=models.Q(since__lt=models.F("until")), name="period_has_a_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d} {self.state}"


class ReconciliationDifference(models.Model):
    """A movement on which the two books do not agree; None: that side has no such movement."""

    id = models.UUIDField(primary_key=True, default=new_id)
    reconciliation = models.ForeignKey(
        Reconciliation, on_delete=models.PROTECT, related_name="differences"
    )
    problem = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    remote_id = models.CharField(max_length=22)
    ours_minor = models.BigIntegerField(null=True)
    theirs_minor = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.problem} {self.kind} {self.remote_id}"


class StatusList(models.Model):
    """Which certificates an authority had withdrawn, as the market relied on it: evidence later."""

    id = models.UUIDField(primary_key=True, default=new_id)
    subject = models.CharField(max_length=43)  # the authority's thumbprint
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "issued_at"], name="one_status_list_each"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.issued_at:%Y-%m-%d %H:%M}"
