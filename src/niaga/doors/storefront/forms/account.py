"""What a person says of themself: profile and addresses."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.place import PlaceForm, region_value
from niaga.parties.buyer_queries import AddressView
from niaga.parties.commands.keep_address import PostalAddress
from niaga.parties.regions import Region


class ProfileForm(forms.Form):
    """Name, telephone, tax number, language."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=20,
        required=False,
        help_text=_("For the courier, such as 0812 3456 7890."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    tax_number = forms.CharField(
        label=_("NPWP or NIK"),
        max_length=24,
        required=False,
        help_text=_("Printed on your invoices, for your tax office. Nobody needs it to buy."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of these pages, and of the mails we send you."),
    )


class AddressForm(PlaceForm):
    """An address of the book."""

    label = forms.CharField(
        label=_("Label"), max_length=40, required=False, help_text=_("Such as Home or Office.")
    )
    recipient = forms.CharField(
        label=_("Recipient"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    is_default = forms.BooleanField(label=_("Deliver here unless I say otherwise"), required=False)

    def postal_address(self) -> PostalAddress:
        """Return what was filled in."""
        data = self.cleaned_data
        place: Region = data["place"]
        return PostalAddress(
            recipient=data["recipient"],
            phone=data["phone"],
            street=data["street"],
            village=place.village,
            district=place.district,
            city=place.city,
            province=place.province,
            postal_code=data["postal_code"],
        )


def address_initial(address: AddressView) -> dict[str, object]:
    """Return what the form shows of an address that is in the book."""
    return {
        "label": address.label,
        "recipient": address.recipient,
        "phone": address.phone,
        "street": address.street,
        "postal_code": address.postal_code,
        "region": region_value(address.village, address.district),
        "is_default": address.is_default,
    }
