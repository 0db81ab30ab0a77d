"""People and companies, to look at; Django's and allauth's own tables beside them."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group

from niaga.parties.models import Address, Company, Membership, Person
from niaga.plumbing.admin import show

# One way to sign in for everybody: with the market's rate limits and second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.unregister([Group, EmailAddress])

show(EmailAddress, "email", "user", "verified", "primary", search=["email"], joins=["user"])
show(
    Person, "email", "name", "is_staff", "is_active", "date_joined",
    search=["email", "name"], filters=["is_staff", "is_active"], when="date_joined",
    secret=["password", "tax_number"],
)  # fmt: skip
show(
    Company, "name", "legal_name", "nib", "city", "state", "registered_at",
    search=["name", "legal_name", "nib"], filters=["state", "taxable"], when="registered_at",
)  # fmt: skip
show(Membership, "person", "company", "role", search=["person__email"], joins=["person", "company"])
show(Address, "recipient", "city", "province", "person", search=["recipient"], joins=["person"])
