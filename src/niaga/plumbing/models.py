"""Tables of the plumbing: events and deliveries, idempotency, gapless numbers, tasks."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from niaga.kernel.ids import new_id
from niaga.plumbing.task_states import TaskState


class StoredEvent(models.Model):
    """One domain event, append-only (a trigger refuses UPDATE, DELETE and TRUNCATE)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    type = models.CharField(max_length=60)
    flow = models.CharField(max_length=12)
    audience = ArrayField(models.CharField(max_length=10))
    subject_id = models.UUIDField()
    payload = models.JSONField()
    actor_role = models.CharField(max_length=10)
    actor_person_id = models.UUIDField(null=True)
    actor_seller_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject_id", "occurred_at", "id"])]

    def __str__(self) -> str:
        return f"{self.type} {self.subject_id}"


class OutboxEntry(models.Model):
    """Events of one command that have reactions, until the relay has made their deliveries."""

    event_ids = ArrayField(models.UUIDField())
    event_types = ArrayField(models.TextField())
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return ", ".join(self.event_types)


class Delivery(models.Model):
    """One reaction's share of one event: due, done, or dead after the last try."""

    class State(models.TextChoices):
        DUE = "due"
        DONE = "done"
        DEAD = "dead"

    event = models.ForeignKey(StoredEvent, on_delete=models.PROTECT, related_name="deliveries")
    reaction = models.CharField(max_length=120)
    state = models.CharField(max_length=4, choices=State, default=State.DUE)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "reaction"], name="one_delivery_each"),
            models.CheckConstraint(
                condition=models.Q(state="done") ^ models.Q(done_at__isnull=True),
                name="delivery_done_has_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="due"), name="delivery_due"),
            models.Index(fields=["id"], condition=models.Q(state="dead"), name="delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.reaction} {self.state}"


class OnceRecord(models.Model):
    """A command that ran under an idempotency key, with what went in and what came out."""

    actor = models.CharField(max_length=60)
    command = models.CharField(max_length=60)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "command", "key"], name="once_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.command} {self.key}"


class Counter(models.Model):
    """The last number given in one gapless series; moved only by the issuing transaction."""

    series = models.CharField(primary_key=True, max_length=120)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series}: {self.last}"


class Task(models.Model):
    """Something a person must decide: what it is about (`kind`, `subject_id`), whose it is.

    It ends with a reason. What is to be done, and what follows, is known to who opened it.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=30)
    subject_id = models.UUIDField()
    state = models.CharField(max_length=5, choices=TaskState, default=TaskState.OPEN)
    owner_id = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id"], name="one_task_about_each"),
            models.CheckConstraint(
                condition=models.Q(owner_id__isnull=True, taken_at__isnull=True)
                | models.Q(owner_id__isnull=False, taken_at__isnull=False),
                name="taken_by_a_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="taken") | models.Q(owner_id__isnull=False),
                name="a_taken_task_is_somebodys",
            ),
            models.CheckConstraint(
                condition=models.Q(state="done", done_at__isnull=False) & ~models.Q(reason="")
                | ~models.Q(state="done") & models.Q(done_at__isnull=True, reason=""),
                name="done_with_words",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "opened_at"],
                condition=~models.Q(state="done"),
                name="task_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class TaskNote(models.Model):
    """What somebody found out about a task."""

    id = models.UUIDField(primary_key=True, default=new_id)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="notes")
    author_id = models.UUIDField()
    text = models.CharField(max_length=500)
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["noted_at", "id"]

    def __str__(self) -> str:
        return self.text[:60]
