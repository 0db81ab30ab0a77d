"""The market's books beside those of others; differences become tasks."""

from django.db import models

from niaga.flows.money.states import ReconciliationState
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
                condition=models.Q(since__lt=models.F("until")), name="period_has_a_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d} {self.state}"


class ReconciliationDifference(models.Model):
    """A movement on which the two books do not agree; None: that side has no such movement.

    Each is a task (`DIFFERENCE_TASK`) until somebody found out why.
    """

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
