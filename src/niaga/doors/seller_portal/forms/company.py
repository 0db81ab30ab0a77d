"""How a company registers, is reached and is paid."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.place import PlaceForm, region_value
from niaga.parties.commands.describe_company import BankAccount, Shopfront
from niaga.parties.commands.register_company import CompanyDetails
from niaga.parties.regions import Region

_DIGITS = {"inputmode": "numeric", "autocomplete": "off"}


class ColourInput(forms.TextInput):
    """A colour always has a value, so HTML knows no `required` here."""

    input_type = "color"

    def use_required_attribute(self, initial: Any) -> bool:  # noqa: ARG002 - Django's signature
        """Say that it has none."""
        return False


class CompanyForm(PlaceForm):
    """All that the operator needs to know of a company."""

    name = forms.CharField(
        label=_("Shop name"), max_length=80, help_text=_("Buyers see this everywhere.")
    )
    legal_name = forms.CharField(
        label=_("Legal name"),
        max_length=120,
        help_text=_("As in the deed, such as PT Kopi Nusantara."),
    )
    nib = forms.CharField(
        label="NIB",
        max_length=24,
        help_text=_("Business identification number (OSS), 13 digits."),
        widget=forms.TextInput(attrs=_DIGITS),
    )
    npwp = forms.CharField(
        label="NPWP",
        max_length=24,
        help_text=_("Tax number, 15 or 16 digits."),
        widget=forms.TextInput(attrs=_DIGITS),
    )
    taxable = forms.BooleanField(
        label=_("We are a PKP: we charge PPN"),
        required=False,
        help_text=_("Tick this when your company is registered for value added tax."),
    )
    email = forms.EmailField(label=_("E-mail for orders"))
    phone = forms.CharField(
        label=_("Telephone"), max_length=20, widget=forms.TextInput(attrs={"type": "tel"})
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    bank_name = forms.CharField(label=_("Bank"), max_length=60)
    bank_account = forms.RegexField(
        r"^[\d .-]{5,30}$", label=_("Account number"), widget=forms.TextInput(attrs=_DIGITS)
    )
    bank_holder = forms.CharField(label=_("Account holder"), max_length=120)

    def details(self) -> CompanyDetails:
        """Return what was filled in."""
        data = self.cleaned_data
        place: Region = data["place"]
        names = set(CompanyDetails.__slots__) - {"village", "district", "city", "province"}
        return CompanyDetails(
            **{name: data[name] for name in names},
            village=place.village,
            district=place.district,
            city=place.city,
            province=place.province,
        )


def company_initial(details: CompanyDetails) -> dict[str, Any]:
    """Return what the form shows of a company that registered before."""
    shown = {name: getattr(details, name) for name in CompanyDetails.__slots__}
    return {**shown, "region": region_value(details.village, details.district)}


class ShopfrontForm(forms.Form):
    """What the shop's page says."""

    tagline_id = forms.CharField(label=_("Tagline (Indonesian)"), max_length=160, required=False)
    tagline_en = forms.CharField(label=_("Tagline (English)"), max_length=160, required=False)
    story_id = forms.CharField(
        label=_("Story (Indonesian)"), max_length=5000, required=False, widget=forms.Textarea
    )
    story_en = forms.CharField(
        label=_("Story (English)"), max_length=5000, required=False, widget=forms.Textarea
    )
    colour = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$",
        label=_("Colour of the shop"),
        widget=ColourInput,
    )
    email = forms.EmailField(label=_("E-mail for orders"))
    phone = forms.CharField(
        label=_("Telephone"), max_length=20, widget=forms.TextInput(attrs={"type": "tel"})
    )

    def front(self) -> Shopfront:
        """Return what was filled in."""
        return Shopfront(**self.cleaned_data)


class BankForm(forms.Form):
    """Where the company is paid."""

    bank_name = forms.CharField(label=_("Bank"), max_length=60)
    bank_account = forms.RegexField(
        r"^[\d .-]{5,30}$", label=_("Account number"), widget=forms.TextInput(attrs=_DIGITS)
    )
    bank_holder = forms.CharField(label=_("Account holder"), max_length=120)

    def account(self) -> BankAccount:
        """Return what was filled in."""
        return BankAccount(**self.cleaned_data)
