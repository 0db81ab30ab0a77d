"""Catalogue, search index and mails. `seller_id` is the company, opaque here."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel import clock
from niaga.kernel.ids import new_id


class Category(models.Model):
    """A shelf of the market; `path` is the slugs from the top, such as `fashion/batik`."""

    id = models.UUIDField(primary_key=True, default=new_id)
    path = models.CharField(max_length=120, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    name_id = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    picture = models.ImageField(upload_to="categories/", blank=True)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.path


class Attribute(models.Model):
    """A typed property that products of a category (and below it) may state."""

    class Kind(models.TextChoices):
        TEXT = "text"
        NUMBER = "number"
        CHOICE = "choice"
        BOOLEAN = "boolean"

    id = models.UUIDField(primary_key=True, default=new_id)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="attributes")
    code = models.SlugField(max_length=40)
    name_id = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    kind = models.CharField(max_length=7, choices=Kind)
    unit = models.CharField(max_length=12, blank=True, default="")
    choices = models.JSONField(default=list, blank=True)  # [[code, name_id, name_en], ...]
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["category", "code"], name="attribute_code_once"),
        ]

    def __str__(self) -> str:
        return self.code


class Product(models.Model):
    """What a seller shows: words in two languages, attributes, pictures, variants."""

    class Kind(models.TextChoices):
        GOODS = "goods", _("Goods")
        DIGITAL = "digital", _("Digital")
        SERVICE = "service", _("Service")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        HIDDEN = "hidden", _("Hidden")

    id = models.UUIDField(primary_key=True, default=new_id)
    seller_id = models.UUIDField()
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    slug = models.SlugField(max_length=90, unique=True)
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.GOODS)
    name_id = models.CharField(max_length=140)
    name_en = models.CharField(max_length=140, blank=True, default="")
    description_id = models.TextField(blank=True, default="")
    description_en = models.TextField(blank=True, default="")
    brand = models.CharField(max_length=60, blank=True, default="")
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["seller_id", "state", "created_at"])]

    def __str__(self) -> str:
        return self.name_id


class Variant(models.Model):
    """One sellable form of a product: its SKU, options, weight and GTIN."""

    id = models.UUIDField(primary_key=True, default=new_id)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    seller_id = models.UUIDField()
    sku = models.CharField(max_length=60)
    options = models.JSONField(default=dict, blank=True)  # {"size": "M", "colour": "Merah"}
    gtin = models.CharField(max_length=14, blank=True, default="")
    weight_g = models.PositiveIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=1)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller_id", "sku"], name="sku_once_a_seller"),
        ]

    def __str__(self) -> str:
        return self.sku


class Media(models.Model):
    """A picture of a product: full size and card size."""

    id = models.UUIDField(primary_key=True, default=new_id)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="media")
    file = models.CharField(max_length=200)
    thumbnail = models.CharField(max_length=200)
    alt = models.CharField(max_length=160, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name_plural = "media"

    def __str__(self) -> str:
        return self.file


class ListingCard(models.Model):
    """The search index: one row a product, with all that lists, facets and cards need.

    A projection; reactions rewrite it from the catalogue, the offer, the stock and the reviews.
    """

    product = models.OneToOneField(
        Product, primary_key=True, on_delete=models.CASCADE, related_name="card"
    )
    seller_id = models.UUIDField()
    seller_name = models.CharField(max_length=80)
    seller_slug = models.CharField(max_length=60)
    city = models.CharField(max_length=80)
    category_paths = ArrayField(models.CharField(max_length=120))  # every ancestor and itself
    kind = models.CharField(max_length=7)
    slug = models.CharField(max_length=90)
    name_id = models.CharField(max_length=140)
    name_en = models.CharField(max_length=140)
    picture = models.CharField(max_length=200, blank=True, default="")
    brand = models.CharField(max_length=60, blank=True, default="")
    price_minor = models.BigIntegerField()
    price_max_minor = models.BigIntegerField()
    compare_at_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="IDR")
    rating_sum = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    sold_count = models.PositiveIntegerField(default=0)
    in_stock = models.BooleanField(default=True)
    listed = models.BooleanField(default=True)  # hidden ones keep their stars and counts
    facets = ArrayField(models.CharField(max_length=120), default=list)  # "roast=medium", ...
    words = SearchVectorField()
    listed_at = models.DateTimeField()

    class Meta:
        indexes = [
            GinIndex(fields=["words"]),
            GinIndex(fields=["category_paths"]),
            GinIndex(fields=["facets"]),
            GinIndex(fields=["name_id"], name="card_name_id_trgm", opclasses=["gin_trgm_ops"]),
            GinIndex(fields=["name_en"], name="card_name_en_trgm", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["seller_id", "-listed_at"]),
            models.Index(fields=["-listed_at"]),
        ]

    def __str__(self) -> str:
        return self.name_id


class CatalogueVersion(models.Model):
    """One row: a number that grows whenever a list of products may look different."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_catalogue_version"),
        ]

    def __str__(self) -> str:
        return str(self.version)


class Mail(models.Model):
    """One e-mail: written by a reaction, sent by a job, kept for the operator to see."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(db_index=True)
    dedupe_key = models.CharField(max_length=140, unique=True)
    to = models.EmailField()
    language = models.CharField(max_length=5)
    template = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="sent") ^ models.Q(sent_at__isnull=True),
                name="sent_mail_has_instant",
            ),
        ]
        indexes = [models.Index(fields=["-created_at"])]

    def __str__(self) -> str:
        return f"{self.template} -> {self.to}"
