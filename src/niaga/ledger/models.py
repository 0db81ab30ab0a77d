"""Accounts, journal entries and their immutable transfers; holds and how they ended."""

from django.db import models

from niaga.kernel.ids import new_id


class Account(models.Model):
    """One account: a `kind` of the chart (see `chart.py`), an owner where it has one."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=30)
    owner_id = models.UUIDField(null=True)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "owner_id", "currency"],
                name="one_account_each",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.owner_id or ''} {self.currency}"


class JournalEntry(models.Model):
    """Why money moved: what kind of step, for which cause (an opaque id), when."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=40)
    cause_id = models.UUIDField()
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [
            # A step happens once for its cause: a second posting of it is a bug, not a choice.
            models.UniqueConstraint(fields=["kind", "cause_id"], name="one_entry_per_step"),
        ]
        indexes = [models.Index(fields=["cause_id"])]
        verbose_name_plural = "journal entries"

    def __str__(self) -> str:
        return f"{self.kind} {self.cause_id}"


class Transfer(models.Model):
    """One movement: `amount_minor` debited to one account and credited to another."""

    id = models.UUIDField(primary_key=True, default=new_id)
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="transfers")
    # Indexed below together with the key: an account's lines are read in their order.
    debit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="debits", db_index=False
    )
    credit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="credits", db_index=False
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="transfer_moves_something"
            ),
            models.CheckConstraint(
                condition=~models.Q(debit=models.F("credit")), name="transfer_between_two_accounts"
            ),
        ]
        indexes = [
            models.Index(fields=["debit", "id"], name="transfer_debited"),
            models.Index(fields=["credit", "id"], name="transfer_credited"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"


class CarriedBalance(models.Model):
    """An account's balance carried forward: what it was after all lines up to `through_id`.

    `balance_minor` is debits less credits, `lines` how many they are. It saves adding up an old
    account's lines again and again; it is derived from them, and the audit compares.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="carried", db_index=False
    )
    through_id = models.UUIDField(db_index=True)
    balance_minor = models.BigIntegerField()
    lines = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "through_id"], name="carried_once"),
        ]

    def __str__(self) -> str:
        return f"{self.balance_minor} through {self.through_id}"


class Hold(models.Model):
    """An amount set aside: a transfer that may still happen, once, in whole or in part."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=40)
    cause_id = models.UUIDField()
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="held_debits")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="held_credits")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    held_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="hold_sets_something_aside"
            ),
            models.CheckConstraint(
                condition=~models.Q(debit=models.F("credit")), name="hold_between_two_accounts"
            ),
        ]
        indexes = [models.Index(fields=["cause_id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor} {self.currency}"


class HoldEnd(models.Model):
    """How a hold ended: posted by an entry, voided or expired; its key lets it end only once."""

    class Outcome(models.TextChoices):
        POSTED = "posted"
        VOIDED = "voided"
        EXPIRED = "expired"

    hold = models.OneToOneField(
        Hold, on_delete=models.PROTECT, primary_key=True, related_name="end"
    )
    outcome = models.CharField(max_length=7, choices=Outcome)
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(outcome="posted", entry__isnull=False)
                    | models.Q(outcome__in=["voided", "expired"], entry__isnull=True)
                ),
                name="posted_by_an_entry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hold_id} {self.outcome}"
