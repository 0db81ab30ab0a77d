"""Payments by card: what was said between market and gateway, kept as evidence."""

from django.db import models

from niaga.flows.money.models.payment import Payment
from niaga.flows.money.states import (
    AuthorizationState,
    OperationState,
)
from niaga.kernel.ids import new_id


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
    what was called off, the payment's cause), `about_id` what the operation is known by: a charge,
    the order that is let go, or the refund that is given back.
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
            models.UniqueConstraint(
                fields=["kind", "about_id", "reference"], name="one_operation_each"
            ),
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
