"""Purchases, orders and their lines: snapshots of what was agreed, not of what is listed now."""

from django.db import models

from niaga.flows.information.models import Product, Variant
from niaga.flows.money.models import Payment
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.parties.models import Company, Person
from niaga.stages.ordering.states import OrderState
from niaga.stages.sharing.models import CommissionPlan, Voucher


class Purchase(models.Model):
    """What a buyer places and pays at once; it holds one order per seller.

    `token` opens the guest's own page; `recipient` ... `postal_code` are empty when nothing is
    shipped.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    reference = models.CharField(max_length=16, unique=True)
    token = models.CharField(max_length=40)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    email = models.EmailField()
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20)
    language = models.CharField(max_length=5)
    recipient = models.CharField(max_length=120, blank=True, default="")
    street = models.CharField(max_length=200, blank=True, default="")
    village = models.CharField(max_length=80, blank=True, default="")
    district = models.CharField(max_length=80, blank=True, default="")
    city = models.CharField(max_length=80, blank=True, default="")
    province = models.CharField(max_length=80, blank=True, default="")
    postal_code = models.CharField(max_length=5, blank=True, default="")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT)
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, null=True)
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    placed_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["person", "-placed_at"])]

    def __str__(self) -> str:
        return self.reference


class Order(models.Model):
    """One seller's part of a purchase.

    total = items - discount + delivery; prices include PPN, `tax_minor` is the PPN inside the
    total. `purchase_order` is the buyer's own number, empty for none. `subsidy_minor` is the part
    of the discount that the market bears; the commission was fixed at sale.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    reference = models.CharField(max_length=16, unique=True)
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="orders")
    seller = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(max_length=14, choices=OrderState, default=OrderState.PLACED)
    delivery_name = models.CharField(max_length=60, blank=True, default="")
    delivery_kind = models.CharField(max_length=6, blank=True, default="")
    buyer_note = models.CharField(max_length=300, blank=True, default="")
    purchase_order = models.CharField(max_length=60, blank=True, default="", db_default="")
    currency = models.CharField(max_length=3)
    items_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    subsidy_minor = models.BigIntegerField(default=0)
    delivery_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    commission_minor = models.BigIntegerField(default=0)
    placed_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase", "seller"], name="one_order_a_seller"),
            models.CheckConstraint(
                condition=models.Q(
                    total_minor=models.F("items_minor")
                    - models.F("discount_minor")
                    + models.F("delivery_minor")
                ),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(subsidy_minor__lte=models.F("discount_minor")),
                name="subsidy_within_discount",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="cancelled") | models.Q(cancelled_at__isnull=False),
                name="cancelled_order_has_instant",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["delivered", "completed"])
                | models.Q(delivered_at__isnull=False),
                name="delivered_order_has_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "state", "-placed_at"]),
            models.Index(fields=["state", "-placed_at"]),
        ]

    def __str__(self) -> str:
        return self.reference


class OrderLine(models.Model):
    """One variant in an order, with the words and prices of the moment it was agreed.

    `shipped_quantity` counts what left the seller (shipped, performed, granted);
    `delivered_quantity` what reached the buyer; `charged_quantity` what a card was asked to pay;
    `refunded_quantity` the units whose price was given back. `subsidy_minor` (the market's part of
    the discount) and `commission_minor` are the line's own of the order's.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT)
    kind = models.CharField(max_length=7)
    sku = models.CharField(max_length=60)
    title_id = models.CharField(max_length=140)
    title_en = models.CharField(max_length=140)
    options = models.JSONField(default=dict)
    picture = models.CharField(max_length=200, blank=True, default="")
    slot_starts_at = models.DateTimeField(null=True)
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    subsidy_minor = models.BigIntegerField(default=0)
    commission_minor = models.BigIntegerField(default=0)
    commission_plan = models.ForeignKey(CommissionPlan, on_delete=models.PROTECT, null=True)
    tax_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    refunded_quantity = models.PositiveIntegerField(default=0)
    shipped_quantity = models.PositiveIntegerField(default=0)
    delivered_quantity = models.PositiveIntegerField(default=0)
    charged_quantity = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(refunded_quantity__lte=models.F("quantity")),
                name="never_refund_more_units_than_ordered",
            ),
            models.CheckConstraint(
                condition=models.Q(charged_quantity__lte=models.F("quantity")),
                name="never_charge_more_than_ordered",
            ),
            models.CheckConstraint(
                condition=models.Q(shipped_quantity__lte=models.F("quantity"))
                & models.Q(delivered_quantity__lte=models.F("shipped_quantity")),
                name="never_ship_more_than_ordered",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    total_minor=models.F("unit_price_minor") * models.F("quantity")
                    - models.F("discount_minor")
                ),
                name="line_total_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


class Charge(models.Model):
    """What of an order a card pays at once: the units of a parcel, a service, a download.

    total = items - discount + delivery; the other amounts are this part's share of the order's.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="charges")
    items_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField()
    delivery_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    subsidy_minor = models.BigIntegerField()
    commission_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    total_minor=models.F("items_minor")
                    - models.F("discount_minor")
                    + models.F("delivery_minor")
                ),
                name="charge_total_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.total_minor} of {self.order_id}"


class ChargeLine(models.Model):
    """The units of one order line in a charge, and their share of the line's discount."""

    id = models.UUIDField(primary_key=True, default=new_id)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="charges")
    quantity = models.PositiveIntegerField()
    discount_minor = models.BigIntegerField()
    subsidy_minor = models.BigIntegerField(default=0)
    commission_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["charge", "line"], name="a_line_once_in_a_charge"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.line_id}"
