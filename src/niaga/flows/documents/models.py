"""Issued documents: their content is written once; the PDF is derived from it and sealed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel import clock
from niaga.kernel.ids import new_id


class Document(models.Model):
    """One issued document of an order (`cause_id`), about one thing in it (`about_id`).

    `content` is the whole document as data; a trigger refuses to change or delete it, until its
    years of keeping are over: it is emptied then, once and for good, and `redacted_at` says when.
    The PDF can be made again from it until then and is the same to the byte. `content_sha256` is
    the hash of the content's canonical JSON, `template` the version of the templates it is
    printed with, `xml` the same document for programs (empty where its kind has none). A credit
    note `corrects` an invoice; a trigger refuses to credit more than was invoiced.
    """

    class Kind(models.TextChoices):
        QUOTATION = "quotation", _("Quotation")
        ORDER_CONFIRMATION = "order_confirmation", _("Order confirmation")
        PRO_FORMA = "pro_forma", _("Pro forma invoice")
        DELIVERY_NOTE = "delivery_note", _("Delivery note")
        INVOICE = "invoice", _("Invoice")
        RECEIPT = "receipt", _("Receipt")
        CREDIT_NOTE = "credit_note", _("Credit note")
        RETURN_SLIP = "return_slip", _("Return slip")
        COMMISSION_INVOICE = "commission_invoice", _("Commission invoice")
        COMMISSION_CREDIT = "commission_credit", _("Credit note on commission")
        PAYOUT_ADVICE = "payout_advice", _("Payout advice")
        WITHHOLDING_PROOF = "withholding_proof", _("Withholding proof")

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
    content_sha256 = models.CharField(max_length=64, blank=True, default="")
    xml = models.TextField(blank=True, default="")
    template = models.PositiveSmallIntegerField(default=1)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="corrections"
    )
    issued_at = models.DateTimeField(default=clock.now)
    pdf_path = models.CharField(max_length=200, blank=True, default="")
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="")
    rendered_at = models.DateTimeField(null=True)
    redacted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seller_id", "kind", "year", "serial"], name="serial_once_a_series"
            ),
            models.UniqueConstraint(
                fields=["seller_id", "kind", "number"], name="number_once_a_kind"
            ),
            models.UniqueConstraint(fields=["kind", "about_id"], name="one_document_about_it"),
            models.CheckConstraint(
                condition=models.Q(corrects__isnull=True) | models.Q(kind="credit_note"),
                name="only_a_credit_note_corrects",
            ),
            models.CheckConstraint(
                condition=models.Q(rendered_at__isnull=True) ^ ~models.Q(pdf_sha256=""),
                name="rendered_document_has_hash",
            ),
            models.CheckConstraint(
                condition=models.Q(redacted_at__isnull=True) | models.Q(content={}, xml=""),
                name="redacted_document_is_empty",
            ),
        ]
        indexes = [
            models.Index(fields=["seller_id", "-issued_at"]),
            models.Index(
                fields=["year", "id"],
                condition=models.Q(redacted_at__isnull=True),
                name="documents_with_contents",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(redacted_at__isnull=False) & ~models.Q(pdf_path=""),
                name="files_of_redacted_documents",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Draft(models.Model):
    """A document that programs will read, before it is issued; it is gone once it was.

    It has no number. `content` is what it will say; `rule` and `message` tell why it was not
    issued, empty while it waits to be judged (`judged_at` is when it was). A refused draft is a
    task (`DRAFT_TASK`).
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    seller_id = models.UUIDField()
    series_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=Document.Kind)
    cause_id = models.UUIDField(db_index=True)
    about_id = models.UUIDField()
    corrects = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, related_name="drafted_corrections"
    )
    total_minor = models.BigIntegerField(null=True)
    content = models.JSONField()
    rule = models.CharField(max_length=40, blank=True, default="")
    message = models.TextField(blank=True, default="")
    drafted_at = models.DateTimeField(default=clock.now)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "about_id"], name="one_draft_about_it"),
            models.CheckConstraint(
                condition=models.Q(rule="") | models.Q(judged_at__isnull=False),
                name="refused_draft_was_judged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.cause_id}"


class Seal(models.Model):
    """A printed document's link in its seller's chain; append-only.

    `hash` is the SHA-256 of the link's other values in canonical JSON, `previous_hash` among
    them, so no link can be changed, left out or put between without every later one showing it.
    `certificate` is the SHA-256 of the certificate that signed the PDF.
    """

    document = models.OneToOneField(
        Document, on_delete=models.PROTECT, primary_key=True, related_name="seal"
    )
    seller_id = models.UUIDField()
    position = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)
    xml_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64, db_index=True)
    certificate = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller_id", "position"], name="one_link_a_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.hash}"


class DailyRoot(models.Model):
    """The heads of all chains at the end of a day, under one published hash; append-only.

    `heads` is `[[seller, position, hash], ...]`; `root` covers them, the day and the root before.
    """

    day = models.DateField(primary_key=True)
    heads = models.JSONField()
    previous_root = models.CharField(max_length=64, blank=True)
    root = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.day} {self.root}"


class DocumentStyle(models.Model):
    """How a seller's documents look and are numbered, within limits.

    `language` is the documents' language, empty for the buyer's; `patterns` maps a kind to its
    number's pattern, where it is not the usual one; `has_certificate` says that the seller signs
    with a certificate of its own; `syntax` is what programs read in its invoices and credit notes.
    """

    class Syntax(models.TextChoices):
        UBL = "ubl", _("UBL 2.1")
        CII = "cii", _("CII, as a Factur-X PDF")

    seller_id = models.UUIDField(primary_key=True)
    accent = models.CharField(max_length=7, default="#8a3320")
    shows_logo = models.BooleanField(default=True)
    footer_text = models.CharField(max_length=200, blank=True, default="")
    payment_terms = models.CharField(max_length=300, blank=True, default="")
    language = models.CharField(max_length=2, blank=True, default="")
    patterns = models.JSONField(default=dict)
    has_certificate = models.BooleanField(default=False)
    syntax = models.CharField(max_length=3, choices=Syntax, default=Syntax.UBL)

    def __str__(self) -> str:
        return str(self.seller_id)


class Logo(models.Model):
    """A logo as documents print it, kept by its hash: documents name it and stay small."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    png = models.BinaryField()

    def __str__(self) -> str:
        return self.sha256


class Bundle(models.Model):
    """Documents somebody asked for as one ZIP, and how far it is made.

    `owner` says whose it is (`person:ID`, `seller:ID` or `operator:ID`); `form` whether the ZIP
    holds them to be read or, invoices, as Coretax imports them.
    """

    class Form(models.TextChoices):
        PDF = "pdf"
        CORETAX = "coretax"

    id = models.UUIDField(primary_key=True, default=new_id)
    owner = models.CharField(max_length=60, db_index=True)
    form = models.CharField(max_length=7, choices=Form, default=Form.PDF)
    document_ids = models.JSONField()
    done = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=200, blank=True, default="")
    asked_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.done}/{len(self.document_ids)}"
