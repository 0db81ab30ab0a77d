"""Tables of the authority: its status lists' lengths, nonces, certificates and orders."""

from django.db import models
from django.db.models import Q

from niaga.gateway.models import HASH_LENGTH
from niaga.kernel.ids import new_id


class Issuer(models.Model):
    """How many places of an authority's status list are given out."""

    thumbprint = models.CharField(primary_key=True, max_length=HASH_LENGTH)
    next_index = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.thumbprint


class Nonce(models.Model):
    """A nonce that waits for its answer; answered once, its row is gone."""

    nonce = models.CharField(primary_key=True, max_length=32)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.nonce


class Certificate(models.Model):
    """A leaf that was issued; of a cardholder's only the pseudonym is known."""

    thumbprint = models.CharField(primary_key=True, max_length=HASH_LENGTH)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+")
    index = models.PositiveIntegerField()
    key_fingerprint = models.CharField(max_length=HASH_LENGTH, unique=True)
    role = models.CharField(max_length=10)
    use = models.CharField(max_length=9)
    subject = models.CharField(max_length=270)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "index"], name="one_certificate_per_index"),
        ]
        indexes = [models.Index(fields=["subject"])]

    def __str__(self) -> str:
        return f"{self.role} {self.use} {self.subject}"


class CertificateOrder(models.Model):
    """A merchant's or gateway's wish for a certificate, until somebody decides."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ISSUED = "issued"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id)
    role = models.CharField(max_length=10)
    use = models.CharField(max_length=9)
    address = models.CharField(max_length=270)
    name = models.CharField(max_length=120)
    public_key = models.BinaryField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    chain = models.JSONField(null=True)
    ordered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="issued") ^ Q(chain__isnull=True), name="issued_has_a_chain"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.use} {self.address} {self.state}"
