"""Money kept between buyer and seller, why it is kept, and what goes back to the buyer."""

from django.db import models
from django.db.models import F, Q

from niaga.flows.money.models.payment import Payment
from niaga.flows.money.states import (
    AppealWay,
    EscrowState,
    HoldOwner,
    HoldReason,
    HoldState,
    RefundState,
)
from niaga.kernel import clock
from niaga.kernel.ids import new_id

NET_SQL = (
    "(gross_minor - commission_minor - refunded_minor + refunded_commission_minor - withheld_minor)"
)
"""What is a seller's of a part, of the columns of `money_escrow`."""


class Escrow(models.Model):
    """The money of one part of an order (`cause_id`) between buyer and seller.

    A part (`about_id`) is an order line, or the delivery (then it is the order itself).
    `gross_minor` is what reached escrow: what the buyer paid for the part plus `subsidy_minor`,
    the market's own share of a voucher; the commission was fixed at sale. `refunded_*` are the
    shares of these three that were given back since. `commission_tax_minor` is the PPN inside what
    is left of the commission since it was released; none where the market charges none.
    `taxed`: what the buyer paid contains PPN. `withheld_minor` is the seller's income tax (PPh 22)
    that the market keeps for the state since the release.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField()
    about_id = models.UUIDField()
    seller_id = models.UUIDField()
    gross_minor = models.BigIntegerField()
    subsidy_minor = models.BigIntegerField(default=0)
    commission_minor = models.BigIntegerField()
    commission_tax_minor = models.BigIntegerField(default=0, db_default=0)
    taxed = models.BooleanField(default=False, db_default=False)
    withheld_minor = models.BigIntegerField(default=0, db_default=0)
    refunded_minor = models.BigIntegerField(default=0)
    refunded_subsidy_minor = models.BigIntegerField(default=0)
    refunded_commission_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=EscrowState, default=EscrowState.HELD)
    held_at = models.DateTimeField(default=clock.now)
    release_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)  # a hold is open: nothing is released
    released_at = models.DateTimeField(null=True)
    payout = models.ForeignKey(
        "Payout", on_delete=models.PROTECT, null=True, related_name="escrows"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cause_id", "about_id"], name="one_escrow_a_part"),
            models.CheckConstraint(
                condition=Q(commission_minor__gte=0, commission_minor__lte=F("gross_minor")),
                name="commission_within_gross",
            ),
            # What the buyer paid for the part was captured: no more of it can go back.
            models.CheckConstraint(
                condition=Q(
                    refunded_minor__gte=F("refunded_subsidy_minor"),
                    refunded_minor__lte=F("gross_minor")
                    - F("subsidy_minor")
                    + F("refunded_subsidy_minor"),
                ),
                name="never_refund_more_than_captured",
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded_subsidy_minor__gte=0,
                    refunded_subsidy_minor__lte=F("subsidy_minor"),
                    refunded_commission_minor__gte=0,
                    refunded_commission_minor__lte=F("commission_minor"),
                ),
                name="shares_given_back_within_shares",
            ),
            models.CheckConstraint(
                condition=Q(
                    commission_tax_minor__gte=0,
                    commission_tax_minor__lte=F("commission_minor")
                    - F("refunded_commission_minor"),
                ),
                name="tax_within_commission",
            ),
            models.CheckConstraint(
                condition=Q(
                    withheld_minor__gte=0,
                    withheld_minor__lte=F("gross_minor")
                    - F("refunded_minor")
                    - F("commission_minor")
                    + F("refunded_commission_minor"),
                ),
                name="withheld_within_what_is_the_sellers",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["releasable", "paid_out"]) | Q(released_at__isnull=False),
                name="released_escrow_has_instant",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid_out") | Q(payout__isnull=False),
                name="paid_out_escrow_has_payout",
            ),
        ]
        indexes = [
            models.Index(
                fields=["release_at"],
                condition=Q(state="held", frozen_at__isnull=True),
                name="escrow_releasing",
            ),
            models.Index(fields=["seller_id", "state"]),
            models.Index(
                fields=["currency", "seller_id"],
                condition=Q(state="releasable"),
                name="escrow_to_pay_out",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gross_minor} {self.state}"


class EscrowHold(models.Model):
    """Why a part's money is kept longer than delivery and return window alone would.

    The seller reads all of it: a hold without reason, evidence, owner, deadline and a way to
    appeal can't be written. `about_id` is what it came from, such as a complaint.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    escrow = models.ForeignKey(Escrow, on_delete=models.PROTECT, related_name="holds")
    about_id = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=12, choices=HoldReason)
    evidence = models.CharField(max_length=500)
    owner = models.CharField(max_length=12, choices=HoldOwner)
    deadline_at = models.DateTimeField()
    appeal_way = models.CharField(max_length=12, choices=AppealWay)
    state = models.CharField(max_length=8, choices=HoldState, default=HoldState.PLACED)
    held_at = models.DateTimeField()
    appeal = models.CharField(max_length=1000, blank=True, default="")
    appealed_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=1000, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["escrow", "about_id"], name="one_hold_a_part_and_cause"
            ),
            models.CheckConstraint(
                condition=~Q(evidence__regex=r"^\s*$")
                & Q(
                    reason__in=HoldReason.values,
                    owner__in=HoldOwner.values,
                    appeal_way__in=AppealWay.values,
                ),
                name="hold_says_why_who_and_how_to_appeal",
            ),
            models.CheckConstraint(
                condition=Q(deadline_at__gt=F("held_at")), name="hold_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(state="appealed")
                | (Q(appealed_at__isnull=False) & ~Q(appeal__regex=r"^\s*$")),
                name="appeal_has_words",
            ),
            models.CheckConstraint(
                condition=Q(state="lifted") ^ Q(ended_at__isnull=True),
                name="lifted_hold_has_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.state}"


class Refund(models.Model):
    """Money given back to the buyer for one order (`cause_id`); an order may have several."""

    id = models.UUIDField(primary_key=True, default=new_id)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    cause_id = models.UUIDField(db_index=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=4, choices=RefundState, default=RefundState.DUE)
    due_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="refund_of_something"
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent") ^ models.Q(sent_at__isnull=True),
                name="sent_refund_has_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.state}"


class RefundPart(models.Model):
    """A refund's share of one part of the order: who gives what of it back.

    The buyer gets `paid_minor`, the market its voucher's share `subsidy_minor`; the market gives
    up `commission_minor`, the tax withheld `withheld_minor`, and the seller the rest. `quantity`
    counts units where units were named.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="parts")
    escrow = models.ForeignKey(Escrow, on_delete=models.PROTECT, related_name="refunds")
    quantity = models.PositiveIntegerField(default=0)
    paid_minor = models.BigIntegerField()
    subsidy_minor = models.BigIntegerField(default=0)
    commission_minor = models.BigIntegerField(default=0)
    withheld_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund", "escrow"], name="a_part_once_in_a_refund"),
            models.CheckConstraint(
                condition=Q(
                    paid_minor__gte=0,
                    subsidy_minor__gte=0,
                    commission_minor__gte=0,
                    withheld_minor__gte=0,
                    withheld_minor__lte=F("paid_minor")
                    + F("subsidy_minor")
                    - F("commission_minor"),
                ),
                name="refund_part_within_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paid_minor} of {self.refund_id}"


class SellerDebt(models.Model):
    """What a seller was paid already and has to give back: set off against its next payout."""

    id = models.UUIDField(primary_key=True, default=new_id)
    seller_id = models.UUIDField()
    cause_id = models.UUIDField(db_index=True)  # the refunded order
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="debts")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    made_at = models.DateTimeField()
    payout = models.ForeignKey("Payout", on_delete=models.PROTECT, null=True, related_name="debts")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="debt_of_something"),
        ]
        indexes = [
            models.Index(
                fields=["seller_id"], condition=Q(payout__isnull=True), name="debt_to_be_netted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"
