"""People, companies and where they are."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.parties.states import CompanyState, SellerTier


class PersonManager(BaseUserManager["Person"]):
    """Makes people for Django's authentication; the e-mail address is the log-in."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "Person":
        """Return a new person; the address is kept in lower case."""
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str, **fields: object) -> "Person":
        """Return a new operator with every right."""
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True, **fields}
        )


class Person(AbstractBaseUser, PermissionsMixin):
    """Someone who signs in: a buyer, a member of a company, an operator (`is_staff`).

    `tax_number` is the NPWP or NIK (16 digits) that invoices to this person name; empty for none.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True, default="")
    phone = models.CharField(max_length=20, blank=True, default="")
    language = models.CharField(max_length=5, default="id")
    tax_number = models.CharField(max_length=16, blank=True, default="")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tax_number__regex=r"^(\d{16})?$"),
                name="tax_number_has_16_digits",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name, or the address where no name is known."""
        return str(self)


class Company(models.Model):
    """A registered company that sells: its legal identity, its shopfront, its bank account.

    `nib` is the business identification number (13 digits, OSS), `npwp` the tax number (16
    digits, PMK-112/2022), `taxable` whether it is a PKP and so charges PPN.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    legal_name = models.CharField(max_length=120)
    nib = models.CharField(max_length=13, unique=True)
    npwp = models.CharField(max_length=16)
    taxable = models.BooleanField(default=False)
    email = models.EmailField()
    phone = models.CharField(max_length=20)
    street = models.CharField(max_length=200)
    village = models.CharField(max_length=80)
    district = models.CharField(max_length=80)
    city = models.CharField(max_length=80)
    province = models.CharField(max_length=80)
    postal_code = models.CharField(max_length=5)
    bank_name = models.CharField(max_length=60)
    bank_account = models.CharField(max_length=30)
    bank_holder = models.CharField(max_length=120)
    tagline_id = models.CharField(max_length=160, blank=True, default="")
    tagline_en = models.CharField(max_length=160, blank=True, default="")
    story_id = models.TextField(blank=True, default="")
    story_en = models.TextField(blank=True, default="")
    colour = models.CharField(max_length=7, default="#7a4b2a")
    logo = models.ImageField(upload_to="companies/", blank=True)
    banner = models.ImageField(upload_to="companies/", blank=True)
    commission_bp = models.PositiveIntegerField(default=250)
    tier = models.CharField(max_length=8, choices=SellerTier, default=SellerTier.REGULAR)
    state = models.CharField(max_length=10, choices=CompanyState, default=CompanyState.SUBMITTED)
    decision_note = models.TextField(blank=True, default="")
    registered_at = models.DateTimeField(default=clock.now)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "companies"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(nib__regex=r"^\d{13}$"), name="nib_has_13_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(npwp__regex=r"^\d{16}$"), name="npwp_has_16_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=CompanyState.values), name="company_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved") | models.Q(approved_at__isnull=False),
                name="approved_company_has_instant",
            ),
            models.CheckConstraint(
                condition=models.Q(commission_bp__lte=5000), name="commission_at_most_half"
            ),
        ]
        indexes = [models.Index(fields=["state", "registered_at"])]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person may act for a company."""

    class Role(models.TextChoices):
        OWNER = "owner"
        STAFF = "staff"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=5, choices=Role, default=Role.OWNER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "company"], name="one_membership_each"),
        ]

    def __str__(self) -> str:
        return f"{self.person} @ {self.company}"


class Address(models.Model):
    """An address in a person's book, in Indonesia's administrative words."""

    id = models.UUIDField(primary_key=True, default=new_id)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(max_length=40, blank=True, default="")
    recipient = models.CharField(max_length=120)
    phone = models.CharField(max_length=20)
    street = models.CharField(max_length=200)
    village = models.CharField(max_length=80)
    district = models.CharField(max_length=80)
    city = models.CharField(max_length=80)
    province = models.CharField(max_length=80)
    postal_code = models.CharField(max_length=5)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(is_default=True),
                name="one_default_address_each",
            ),
            models.CheckConstraint(
                condition=models.Q(postal_code__regex=r"^\d{5}$"),
                name="postal_code_has_5_digits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}, {self.city}"
