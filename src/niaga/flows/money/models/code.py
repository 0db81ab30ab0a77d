"""Codes that a buyer may pay by, and how far the market has heard what came in."""

from django.db import models

from niaga.flows.money.models.payment import Payment
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class PayCode(models.Model):
    """A QRIS code or account number by which a payment may be paid until `expires_at`.

    A payment keeps those it had before the buyer chose another way: money may still come in by
    them. `content` is empty until the gateway has issued it; `xid` is all the gateway knows.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="codes")
    kind = models.CharField(max_length=15)  # the payment method's code
    xid = models.CharField(max_length=27, unique=True)
    content = models.CharField(max_length=512, default="")
    remote_id = models.CharField(max_length=22, default="")
    expires_at = models.DateTimeField()
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "kind", "expires_at"], name="one_code_each_time"
            ),
        ]
        indexes = [
            models.Index(
                fields=["content"], condition=~models.Q(content=""), name="code_by_content"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.content or self.xid}"


class GatewayFeed(models.Model):
    """The number of the gateway's last receipt that is taken, and until when all are; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    after = models.PositiveBigIntegerField(default=0)
    heard_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_feed")]

    def __str__(self) -> str:
        return f"after {self.after}"
