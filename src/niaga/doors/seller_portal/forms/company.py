"""How a company registers, is reached and is paid."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.parties.commands.describe_company import BankAccount, Shopfront
from niaga.parties.commands.register_company import CompanyDetails
from niaga.parties.regions import Region, find_by_postal_code

_DIGITS = {"inputmode": "numeric", "autocomplete": "off"}
_SEPARATOR = " | "


def region_choices(postal_code: str) -> list[tuple[str, str]]:
    """Return the villages of a postal code as choices."""
    return [
        (_region_value(r), f"{r.village}, {r.district}, {r.city}")
        for r in find_by_postal_code(postal_code.strip())
    ]


def _region_value(region: Region) -> str:
    return _SEPARATOR.join((region.village, region.district))


def find_region(postal_code: str, value: str) -> Region | None:
    """Return the region that a choice names, or None."""
    every = find_by_postal_code(postal_code)
    return next((r for r in every if _region_value(r) == value), None)


class CompanyForm(forms.Form):
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
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postal_code = forms.CharField(
        label=_("Postal code"),
        min_length=5,
        max_length=5,
        widget=forms.TextInput(attrs={**_DIGITS, "autocomplete": "postal-code"}),
    )
    region = forms.ChoiceField(label=_("Village, district, city"), required=False)
    bank_name = forms.CharField(label=_("Bank"), max_length=60)
    bank_account = forms.RegexField(
        r"^[\d .-]{5,30}$", label=_("Account number"), widget=forms.TextInput(attrs=_DIGITS)
    )
    bank_holder = forms.CharField(label=_("Account holder"), max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = str(self["postal_code"].value() or "")
        region = self.fields["region"]
        assert isinstance(region, forms.ChoiceField)
        found = region_choices(code)
        region.choices = [("", _("Choose …") if found else _("Give the postal code first")), *found]

    def clean(self) -> dict[str, Any]:
        """Find the region of the postal code."""
        data = super().clean() or {}
        code = data.get("postal_code", "")
        if code and not find_by_postal_code(code):
            self.add_error("postal_code", _("We do not know this postal code."))
        elif code and "region" in data:
            data["place"] = find_region(code, data["region"])
            if data["place"] is None:
                self.add_error("region", _("Choose the village of your address."))
        return data

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
    return {**shown, "region": _SEPARATOR.join((details.village, details.district))}


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
        widget=forms.TextInput(attrs={"type": "color"}),
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
