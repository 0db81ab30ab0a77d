"""Tables of the gateway: merchants, instruments, authorizations and what follows them."""

from django.db import models
from django.db.models import F, Q

from niaga.gateway.states import AuthorizationState, BatchState, MessageState
from niaga.kernel.ids import new_id

HASH_LENGTH = 43
"""SHA-256 in base64url."""


class Merchant(models.Model):
    """One that may ask for money: who holds a certificate of the merchant authority."""

    id = models.UUIDField(primary_key=True, default=new_id)
    address = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=120)
    known_since = models.DateTimeField()
    # How many payments by code came in: the number of the last one.
    received = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Instrument(models.Model):
    """A token that stands for an account at its issuer; the card number is known there alone.

    `holder` is the pseudonym of the only certificates that may pay with it; the passkey is the
    person's, asked for above the policy's amount.
    """

    class Type(models.TextChoices):
        CARD = "card"
        ACCOUNT = "account"

    id = models.UUIDField(primary_key=True, default=new_id)
    type = models.CharField(max_length=7, choices=Type, default=Type.CARD)
    holder = models.CharField(max_length=64)
    account = models.CharField(max_length=28)
    passkey_id = models.CharField(max_length=700)
    passkey_x = models.CharField(max_length=HASH_LENGTH)
    passkey_y = models.CharField(max_length=HASH_LENGTH)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder", "account"], name="one_instrument_each"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Authorization(models.Model):
    """One payment of one merchant, and how much of it was captured, let go and given back.

    A row without an instrument is a tombstone: its reversal came before the request, which will
    be declined when it arrives. `answer` are the bytes every repetition of the request gets.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    xid = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=HASH_LENGTH, default="")
    ds_hash = models.CharField(max_length=HASH_LENGTH, default="")
    # What the receipt tells the buyer: whose it is, whom was paid, for which order's hash.
    buyer_x5t = models.CharField(max_length=HASH_LENGTH, default="")
    merchant_x5t = models.CharField(max_length=HASH_LENGTH, default="")
    checkout_hash = models.CharField(max_length=HASH_LENGTH, default="")
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(
        max_length=11, choices=AuthorizationState, default=AuthorizationState.AUTHORIZING
    )
    reason = models.CharField(max_length=40, default="")
    amount_minor = models.BigIntegerField(default=0)
    captured_minor = models.BigIntegerField(default=0)
    released_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    hold_id = models.UUIDField(null=True)
    approval_code = models.CharField(max_length=6, default="")
    retrieval_number = models.CharField(max_length=12, default="")
    admitted_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    answer = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "xid"], name="one_authorization_per_xid"),
            models.CheckConstraint(
                condition=Q(captured_minor__gte=0, released_minor__gte=0, credited_minor__gte=0),
                name="amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=F("captured_minor") + F("released_minor")),
                name="captures_within_the_live_amount",
            ),
            models.CheckConstraint(
                condition=Q(credited_minor__lte=F("captured_minor")),
                name="credits_within_captures",
            ),
            models.CheckConstraint(
                condition=Q(state="voided") | Q(instrument__isnull=False, amount_minor__gt=0),
                name="only_a_tombstone_lacks_an_instrument",
            ),
            models.CheckConstraint(
                condition=Q(state="authorizing") ^ Q(decided_at__isnull=False),
                name="decided_has_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["authorizing", "voided"]) | ~Q(answer=""),
                name="decided_has_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(state="approved") ^ Q(hold_id__isnull=True),
                name="approved_holds_money",
            ),
        ]
        indexes = [
            models.Index(
                fields=["answer_due_at"], condition=Q(state="authorizing"), name="unanswered"
            ),
            models.Index(fields=["expires_at"], condition=Q(state="approved"), name="live"),
            models.Index(fields=["admitted_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.xid} {self.state}"


class Operation(models.Model):
    """One signed order of a merchant after the authorization, with the answer it got for good.

    Its id names the movement it made: a capture, a credit, a reversal of one of them or of the
    hold. A refused order keeps its refusal: repeating it later does not make it succeed.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    request_id = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=HASH_LENGTH)
    kind = models.CharField(max_length=20)
    authorization = models.ForeignKey(
        Authorization, on_delete=models.PROTECT, null=True, related_name="operations"
    )
    seq = models.BigIntegerField()
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    refused = models.CharField(max_length=40, default="")
    admitted_at = models.DateTimeField()
    answer = models.TextField()
    batch = models.ForeignKey(
        "Batch", on_delete=models.PROTECT, null=True, related_name="operations"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "request_id"], name="one_operation_per_request"
            ),
            models.UniqueConstraint(
                fields=["authorization", "seq"],
                condition=Q(refused=""),
                name="one_operation_per_number",
            ),
            models.CheckConstraint(
                condition=Q(refused="") | Q(amount_minor=0, batch__isnull=True),
                name="a_refused_operation_moves_nothing",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "admitted_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.request_id}"


class Capture(models.Model):
    """A part of an authorization that was taken; its id is its operation's."""

    id = models.UUIDField(primary_key=True)
    authorization = models.ForeignKey(
        Authorization, on_delete=models.PROTECT, related_name="captures"
    )
    amount_minor = models.BigIntegerField()
    credited_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    captured_at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="capture_takes_something"),
            models.CheckConstraint(
                condition=Q(credited_minor__gte=0, credited_minor__lte=F("amount_minor")),
                name="credits_within_their_capture",
            ),
            models.CheckConstraint(
                condition=Q(reversed_at__isnull=True) | Q(credited_minor=0),
                name="a_reversed_capture_has_no_credits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"


class Credit(models.Model):
    """Money of a capture given back to the instrument it came from; its id is its operation's."""

    id = models.UUIDField(primary_key=True)
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="credits")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    credited_at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="credit_gives_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"


class PayCode(models.Model):
    """A code or account number by which anybody may pay a merchant one amount, once.

    The merchant's `xid` is all that is known of what is paid.
    """

    class Kind(models.TextChoices):
        QRIS = "qris"
        VIRTUAL_ACCOUNT = "virtual_account"

    id = models.UUIDField(primary_key=True, default=new_id)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    xid = models.CharField(max_length=64)
    kind = models.CharField(max_length=15, choices=Kind)
    content = models.CharField(max_length=512, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    expires_at = models.DateTimeField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "xid"], name="one_code_per_xid"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="code_asks_something"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.xid}"


class CodeReceipt(models.Model):
    """Money that came in by a code; numbered without a gap among those of its merchant."""

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.ForeignKey(PayCode, on_delete=models.PROTECT, related_name="receipts")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveBigIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    paid_at = models.DateTimeField()
    batch = models.ForeignKey("Batch", on_delete=models.PROTECT, null=True, related_name="receipts")

    kind = "receipt"
    """How a batch names it."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="a_code_is_paid_once"),
            models.UniqueConstraint(fields=["merchant", "number"], name="receipts_are_numbered"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="receipt_of_something"),
        ]
        indexes = [models.Index(fields=["merchant", "paid_at"])]

    def __str__(self) -> str:
        return f"receipt {self.number}"


class IssuerMessage(models.Model):
    """A message to the issuer (ISO 8583), kept until it is answered.

    Messages about one authorization go out in the order they were written. The trace number stays
    the same in every repetition, so that the issuer acts on one of them only.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    authorization = models.ForeignKey(
        Authorization, on_delete=models.PROTECT, related_name="messages"
    )
    kind = models.CharField(max_length=4)  # the message type of its first transmission
    processing_code = models.CharField(max_length=6)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    trace_number = models.CharField(max_length=6)
    original = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    # The operation it tells of; none where the gateway itself decided (a time-out, an expiry).
    operation_id = models.UUIDField(null=True, unique=True)
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.DUE)
    response_code = models.CharField(max_length=2, default="")
    tries = models.PositiveIntegerField(default=0)
    transmitted_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="due") ^ Q(closed_at__isnull=False),
                name="closed_message_has_an_instant",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="due"), name="message_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.trace_number} {self.state}"


class IssuerLine(models.Model):
    """Whether the issuer answers, as the last echo test told; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_up = models.BooleanField()
    since = models.DateTimeField()
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_line"),
            models.CheckConstraint(condition=Q(since__lte=F("asked_at")), name="asked_since"),
        ]

    def __str__(self) -> str:
        return f"{'up' if self.is_up else 'down'} since {self.since:%Y-%m-%d %H:%M}"


class Batch(models.Model):
    """A merchant's books of a period beside ours; what they name moves on to settlement."""

    id = models.UUIDField(primary_key=True, default=new_id)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    request_id = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=HASH_LENGTH)
    state = models.CharField(max_length=7, choices=BatchState)
    since = models.DateTimeField()
    until = models.DateTimeField()
    agreed = models.PositiveIntegerField()
    captured_minor = models.BigIntegerField()
    credited_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    compared_at = models.DateTimeField()
    cleared_by = models.CharField(max_length=150, default="")
    note = models.CharField(max_length=500, default="")
    answer = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "request_id"], name="one_batch_per_request"
            ),
            models.CheckConstraint(
                condition=Q(state="cleared") ^ Q(note=""), name="cleared_with_a_note"
            ),
        ]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.since:%Y-%m-%d}"


class BatchDifference(models.Model):
    """A movement on which two books do not agree; None: that side has no such movement."""

    id = models.UUIDField(primary_key=True, default=new_id)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="differences")
    kind = models.CharField(max_length=20)
    operation_id = models.UUIDField()
    ours_minor = models.BigIntegerField(null=True)
    theirs_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(ours_minor__isnull=True, theirs_minor__isnull=False)
                    | Q(ours_minor__isnull=False, theirs_minor__isnull=True)
                    | ~Q(ours_minor=F("theirs_minor"))
                ),
                name="a_difference_differs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.operation_id}"
