"""Issued documents: their content is written once; the PDF is derived from it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel import clock
from niaga.kernel.ids import new_id


class Document(models.Model):
    """One issued document of an order (`cause_id`), about one thing in it (`about_id`).

    `content` is the whole document as data; a trigger refuses to change or delete it. The PDF
    can be made again from it at any time and is then the same to the byte.
    """

    class Kind(models.TextChoices):
        ORDER_CONFIRMATION = "order_confirmation", _("Order confirmation")
        DELIVERY_NOTE = "delivery_note", _("Delivery note")
        INVOICE = "invoice", _("Invoice")
        RECEIPT = "receipt", _("Receipt")
        CREDIT_NOTE = "credit_note", _("Credit note")

    id = models.UUIDField(primary_key=True, default=new_id)
    seller_id = models.UUIDField()
    kind = models.CharField(max_length=20, choices=Kind)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=60)
    cause_id = models.UUIDField(db_index=True)
    about_id = models.UUIDField()
    total_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    content = models.JSONField()
    issued_at = models.DateTimeField(default=clock.now)
    pdf_path = models.CharField(max_length=200, blank=True, default="")
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="")
    rendered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seller_id", "kind", "year", "serial"], name="serial_once_a_series"
            ),
            models.UniqueConstraint(fields=["kind", "about_id"], name="one_document_about_it"),
            models.CheckConstraint(
                condition=models.Q(rendered_at__isnull=True) ^ ~models.Q(pdf_sha256=""),
                name="rendered_document_has_hash",
            ),
        ]
        indexes = [models.Index(fields=["seller_id", "-issued_at"])]

    def __str__(self) -> str:
        return self.number
