"""Offers, vouchers, commission plans, quotations and baskets."""

from datetime import date, datetime, timedelta

from django.db import models
from django.utils.timezone import localtime

from niaga.flows.goods.models import Slot
from niaga.flows.information.models import Category, Variant
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.parties.models import Company, Person
from niaga.parties.states import SellerTier
from niaga.stages.sharing.states import QuotationState


class Offer(models.Model):
    """The price at which a seller sells a variant now; tax-inclusive, whole settlement steps."""

    class Tax(models.TextChoices):
        STANDARD = "standard"
        EXEMPT = "exempt"

    variant = models.OneToOneField(
        Variant, primary_key=True, on_delete=models.CASCADE, related_name="offer"
    )
    seller = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="offers")
    price_minor = models.BigIntegerField()
    compare_at_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="IDR")
    tax = models.CharField(max_length=8, choices=Tax, default=Tax.STANDARD)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_minor__gte=0), name="price_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(compare_at_minor__isnull=True)
                | models.Q(compare_at_minor__gt=models.F("price_minor")),
                name="compare_at_above_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.price_minor} {self.currency}"


class Voucher(models.Model):
    """A code that takes something off the basket, or (`seller` set) off that seller's lines.

    `market_bp` is the part that the market bears, in basis points; the sellers bear the rest.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent"
        FIXED = "fixed"

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.CharField(max_length=30, unique=True)
    kind = models.CharField(max_length=7, choices=Kind)
    percent_bp = models.PositiveIntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)
    most_minor = models.BigIntegerField(null=True)
    spend_from_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="IDR")
    seller = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, blank=True)
    market_bp = models.PositiveIntegerField(default=10_000)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    uses_limit = models.PositiveIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(uses_limit__isnull=True)
                | models.Q(uses__lte=models.F("uses_limit")),
                name="voucher_not_overused",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="percent", percent_bp__gt=0, percent_bp__lte=10000)
                | models.Q(kind="fixed", amount_minor__gt=0),
                name="voucher_takes_something_off",
            ),
            models.CheckConstraint(
                condition=models.Q(market_bp__lte=10_000), name="voucher_borne_within_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CommissionPlan(models.Model):
    """What the market takes of a sale, for whom and from when.

    It is `rate_bp` basis points and `fee_minor` of each line, then at least `least_minor` and at
    most `most_minor` of it; never more than the seller is paid for the line. The amounts are in
    `currency`: lines in another one follow the rate alone.

    The plan of a seller goes before that of a tier, a tier's before that of a category alone, a
    deeper category before a higher one, the newer of two equals before the older. Without any, the
    seller's own rate holds. A line keeps the plan and the amount of the moment it was sold.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=80)
    rate_bp = models.PositiveIntegerField()
    fee_minor = models.BigIntegerField(default=0, db_default=0)
    least_minor = models.BigIntegerField(default=0, db_default=0)
    most_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, default="IDR", db_default="IDR")
    seller = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True)
    tier = models.CharField(max_length=8, choices=SellerTier, blank=True, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rate_bp__lte=5000), name="plan_takes_at_most_half"
            ),
            models.CheckConstraint(
                condition=models.Q(fee_minor__gte=0, least_minor__gte=0)
                & (
                    models.Q(most_minor__isnull=True)
                    | models.Q(most_minor__gt=0, most_minor__gte=models.F("least_minor"))
                ),
                name="plan_caps_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gte=models.F("starts_at")),
                name="plan_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Quotation(models.Model):
    """What a buyer asked one seller to quote, and the prices that were offered.

    They hold before `valid_until`, line by line. `note` is what the buyer wrote, `answer` what the
    seller (or who declined) wrote.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="quotations")
    seller = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="quotations")
    state = models.CharField(max_length=8, choices=QuotationState, default=QuotationState.ASKED)
    note = models.CharField(max_length=500, blank=True, default="")
    answer = models.CharField(max_length=500, blank=True, default="")
    currency = models.CharField(max_length=3, default="IDR")
    asked_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "seller"],
                condition=models.Q(state="asked"),
                name="one_asked_quotation_a_seller",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="offered") | models.Q(valid_until__isnull=False),
                name="offered_quotation_has_an_end",
            ),
            models.CheckConstraint(
                condition=models.Q(state="asked") | models.Q(answered_at__isnull=False),
                name="answered_quotation_has_instant",
            ),
        ]
        indexes = [models.Index(fields=["seller", "state", "-asked_at"])]

    def __str__(self) -> str:
        return f"{self.state} {self.id}"


def last_day(valid_until: datetime) -> date:
    """Return the last whole day of prices that hold before an instant."""
    return localtime(valid_until - timedelta(microseconds=1)).date()


class QuotationLine(models.Model):
    """So many of a variant at `price_minor` each, which was `list_price_minor` when asked.

    Prices include PPN. `order_id` is the order that was placed at this price: it is taken once.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    quotation = models.ForeignKey(Quotation, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT)
    quantity = models.PositiveIntegerField()
    list_price_minor = models.BigIntegerField()
    price_minor = models.BigIntegerField(null=True)
    order_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_minor__isnull=True) | models.Q(price_minor__gt=0),
                name="quoted_price_above_zero",
            ),
            models.CheckConstraint(
                condition=models.Q(order_id__isnull=True) | models.Q(price_minor__isnull=False),
                name="ordered_at_a_quoted_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant_id}"


class Basket(models.Model):
    """What a buyer gathered; a guest's basket is known by its id alone (in a signed cookie)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, null=True, related_name="basket"
    )
    touched_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.id)


class BasketLine(models.Model):
    """A variant, how many, and for a service the slot.

    `purchase_order` is the number of the buyer's own order that it came with; empty for none.
    `quoted` gives it a quoted price while that holds, for exactly the quoted quantity.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE)
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, null=True)
    quantity = models.PositiveIntegerField()
    purchase_order = models.CharField(max_length=60, blank=True, default="", db_default="")
    quoted = models.ForeignKey(QuotationLine, on_delete=models.SET_NULL, null=True)
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["basket", "variant", "slot"],
                name="basket_line_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, quantity__lte=999),
                name="basket_quantity_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant_id}"
