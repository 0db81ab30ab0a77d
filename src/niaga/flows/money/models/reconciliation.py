"""The market's books beside those of others; differences become tasks."""

from django.db import models
from django.db.models import Q

from niaga.flows.money.states import DifferenceState, ReconciliationState
from niaga.kernel.ids import new_id


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
                condition=Q(since__lt=models.F("until")), name="period_has_a_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d} {self.state}"


class ReconciliationRun(models.Model):
    """A day's orders, ledger, gateway and bank beside each other; a day may be run again.

    `totals` has for each kind of thing how many there were, how many differ, and what each side
    says together, in minor units. Until the bank's statement has come, it says nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    day = models.DateField()
    currency = models.CharField(max_length=3)
    ran_at = models.DateTimeField()
    bank_heard = models.BooleanField()
    compared = models.PositiveIntegerField()
    differing = models.PositiveIntegerField()
    opened = models.PositiveIntegerField()
    gone = models.PositiveIntegerField()
    totals = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(differing__gte=models.F("opened")), name="what_was_opened_differs"
            ),
        ]
        indexes = [models.Index(fields=["-ran_at"], name="latest_runs")]

    def __str__(self) -> str:
        return f"{self.day} {self.currency}"


class ReconciliationDifference(models.Model):
    """Something on which the sides do not agree; None: that side does not speak of it.

    `reconciliation` found it movement by movement with the gateway (then `reference` is the
    gateway's id), or a day's run did, from `run` to the last one that has `seen` it, or the bank's
    statement as it came in. Each is a task (`DIFFERENCE_TASK`). What was settled was booked
    against `account`: `settled_minor` above zero where the market has more than the books said.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    reconciliation = models.ForeignKey(
        Reconciliation, on_delete=models.PROTECT, null=True, related_name="differences"
    )
    run = models.ForeignKey(
        ReconciliationRun, on_delete=models.PROTECT, null=True, related_name="found"
    )
    seen = models.ForeignKey(
        ReconciliationRun, on_delete=models.PROTECT, null=True, related_name="last_seen"
    )
    day = models.DateField()
    problem = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    about_id = models.UUIDField(null=True)
    reference = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    orders_minor = models.BigIntegerField(null=True)
    ledger_minor = models.BigIntegerField(null=True)
    gateway_minor = models.BigIntegerField(null=True)
    bank_minor = models.BigIntegerField(null=True)
    state = models.CharField(max_length=7, choices=DifferenceState, default=DifferenceState.OPEN)
    account = models.CharField(max_length=30, blank=True, default="")
    settled_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about_id"],
                condition=Q(state="open", about_id__isnull=False),
                name="one_open_difference_each",
            ),
            models.CheckConstraint(
                condition=Q(state="settled") ^ Q(account="", settled_minor=0),
                name="settled_against_an_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.problem} {self.kind} {self.reference}"
