"""Reviews, complaints and returns, each tied to the order line it speaks of."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.flows.information.models import Product
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.parties.models import Company, Person
from niaga.stages.aftersales.states import ComplaintState, ReturnState
from niaga.stages.ordering.models import OrderLine


class Review(models.Model):
    """What the buyer of a delivered line says of it; one a line."""

    id = models.UUIDField(primary_key=True, default=new_id)
    line = models.OneToOneField(OrderLine, on_delete=models.PROTECT, related_name="review")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews")
    seller = models.ForeignKey(Company, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    author = models.CharField(max_length=120)
    stars = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120, blank=True, default="")
    body = models.TextField(blank=True, default="")
    language = models.CharField(max_length=5, default="id")
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stars__gte=1, stars__lte=5), name="one_to_five_stars"
            ),
        ]
        indexes = [models.Index(fields=["product", "-written_at"])]

    def __str__(self) -> str:
        return f"{self.stars} {self.title}"


class Complaint(models.Model):
    """Something is wrong with a line: buyer, seller and operator all see it."""

    class Reason(models.TextChoices):
        DAMAGED = "damaged", _("Arrived damaged")
        WRONG_ITEM = "wrong_item", _("Wrong item")
        NOT_AS_DESCRIBED = "not_as_described", _("Not as described")
        MISSING = "missing", _("Something is missing")
        NOT_ARRIVED = "not_arrived", _("Has not arrived")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=new_id)
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="complaints")
    seller = models.ForeignKey(Company, on_delete=models.PROTECT)
    reason = models.CharField(max_length=20, choices=Reason)
    state = models.CharField(max_length=9, choices=ComplaintState, default=ComplaintState.OPEN)
    opened_at = models.DateTimeField(default=clock.now)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=~models.Q(state="resolved"),
                name="one_open_complaint_a_line",
            ),
            models.CheckConstraint(
                condition=models.Q(state="resolved") ^ models.Q(resolved_at__isnull=True),
                name="resolved_complaint_has_instant",
            ),
        ]
        indexes = [models.Index(fields=["seller", "state", "-opened_at"])]

    def __str__(self) -> str:
        return f"{self.reason} {self.state}"


class ComplaintMessage(models.Model):
    """One word in a complaint's conversation."""

    id = models.UUIDField(primary_key=True, default=new_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="messages")
    role = models.CharField(max_length=10)
    author = models.CharField(max_length=120)
    body = models.TextField()
    written_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.role}: {self.body[:40]}"


class Return(models.Model):
    """Units of a line that the buyer sends back because of a complaint.

    `location_id` is where they went into stock again (none: nowhere, they can't be sold), and
    `refund_id` what the buyer was given back for them.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="returns")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="returns")
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=ReturnState, default=ReturnState.AGREED)
    agreed_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    location_id = models.UUIDField(null=True)
    refund_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["complaint"],
                condition=models.Q(state="agreed"),
                name="one_open_return_a_complaint",
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="a_return_has_units"),
            models.CheckConstraint(
                condition=models.Q(state="agreed") ^ models.Q(ended_at__isnull=False),
                name="ended_return_has_instant",
            ),
            models.CheckConstraint(
                condition=models.Q(state="received")
                | models.Q(location_id__isnull=True, refund_id__isnull=True),
                name="only_what_came_back_moves_stock_or_money",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.state}"
