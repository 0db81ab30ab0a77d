"""Money on its way to the sellers: when, how much, and what the bank says of it."""

from django.db import models
from django.db.models import Q

from niaga.flows.money.states import BankEntryState, PayoutEvery, PayoutState
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class PayoutBatch(models.Model):
    """One outgoing bank file, in one currency."""

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.PositiveBigIntegerField(unique=True)
    currency = models.CharField(max_length=3, default="IDR")
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "payout batches"

    def __str__(self) -> str:
        return f"#{self.number}"


class Payout(models.Model):
    """What one seller gets in one batch: released escrow less cash it holds already.

    What the bank sent back (`returned_at`, for `return_reason`) is owed again, until another
    payout, `repaid_by`, pays it.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    batch = models.ForeignKey(PayoutBatch, on_delete=models.PROTECT, related_name="payouts")
    seller_id = models.UUIDField(db_index=True)
    bank_code = models.CharField(max_length=3, blank=True, default="")
    bank_name = models.CharField(max_length=60)
    bank_account = models.CharField(max_length=30)
    bank_holder = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=PayoutState, default=PayoutState.PREPARED)
    paid_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    return_reason = models.CharField(max_length=140, blank=True, default="")
    repaid_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="repays"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "seller_id"], name="one_payout_a_batch"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="payout_not_negative"),
            models.CheckConstraint(
                condition=(
                    Q(state="prepared", paid_at__isnull=True)
                    | Q(state="paid", paid_at__isnull=False)
                    | Q(state="returned")
                ),
                name="paid_payout_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(state="returned") ^ Q(returned_at__isnull=True),
                name="returned_payout_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(state="returned") | Q(repaid_by__isnull=True),
                name="repaid_payout_was_returned",
            ),
        ]
        indexes = [
            models.Index(
                fields=["seller_id"],
                condition=Q(state="returned", repaid_by__isnull=True),
                name="payout_to_repay",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.state}"


class PayoutSchedule(models.Model):
    """How often a seller is paid, and from which amount on (rupiah's minor units).

    Without a `seller_id` it is the operator's: the default, and the least for everyone.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    seller_id = models.UUIDField(null=True)
    every = models.CharField(max_length=7, choices=PayoutEvery)
    least_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seller_id"], name="one_payout_schedule_each", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(every__in=PayoutEvery.values, least_minor__gte=0),
                name="payout_schedule_makes_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller_id or 'everyone'} {self.every}"


class PayoutRun(models.Model):
    """A day of the schedule on which sellers were paid, or on which there was nothing to pay."""

    id = models.UUIDField(primary_key=True, default=new_id)
    every = models.CharField(max_length=7, choices=PayoutEvery)
    currency = models.CharField(max_length=3)
    day = models.DateField()
    ran_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["every", "currency", "day"], name="payouts_run_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.every} {self.day}"


class BankEntry(models.Model):
    """A booking on the market's bank account, as the bank's statement (camt.053) has it.

    `amount_minor` is above zero where money came in. `reference` is the bank's own; the same
    booking in another statement is the same row. It matches a payout, a buyer's transfer or what
    the gateway settled, is booked against `account`, or waits for a person.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    reference = models.CharField(max_length=120, unique=True)
    end_to_end_id = models.CharField(max_length=35, blank=True, default="")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    booked_on = models.DateField()
    counterparty = models.CharField(max_length=140, blank=True, default="")
    text = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=9, choices=BankEntryState)
    note = models.CharField(max_length=40, blank=True, default="")
    payout = models.ForeignKey(
        Payout, on_delete=models.PROTECT, null=True, related_name="bank_entries"
    )
    receipt = models.ForeignKey(
        "BankReceipt", on_delete=models.PROTECT, null=True, related_name="bank_entries"
    )
    settlement = models.ForeignKey(
        "Reconciliation", on_delete=models.PROTECT, null=True, related_name="bank_entries"
    )
    account = models.CharField(max_length=30, blank=True, default="")
    taken_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="matched")
                ^ Q(payout__isnull=True, receipt__isnull=True, settlement__isnull=True),
                name="matched_entry_has_its_match",
            ),
            models.CheckConstraint(
                condition=~Q(state="booked") | ~Q(account=""), name="booked_against_an_account"
            ),
        ]
        verbose_name_plural = "bank entries"

    def __str__(self) -> str:
        return f"{self.reference} {self.amount_minor}"
