"""The checkout form: who buys, where it goes, how it comes and how it is paid."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.place import PlaceForm, region_value
from niaga.flows.money.methods import methods_on_offer
from niaga.parties.buyer_queries import AddressView
from niaga.parties.commands.keep_address import PostalAddress
from niaga.parties.regions import Region, find_by_postal_code

NEW = "new"
DELIVERY = "delivery-"


class CheckoutForm(PlaceForm):
    """Everything the buyer says on the way to an order; `deliveries` come beside it.

    `key` makes placing happen once, `parcel` says that something is shipped, and
    `expected_total_minor` is the total that stood on the page.
    """

    use_required_attribute = False  # a kept address hides the fields of a new one

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("For the confirmation and the link to your order."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=20,
        help_text=_("Such as 0812 3456 7890."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    kept = forms.ChoiceField(required=False)
    recipient = forms.CharField(
        label=_("Recipient, if it is somebody else"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "shipping name"}),
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    keep = forms.BooleanField(label=_("Keep this address in my book"), required=False)
    voucher = forms.CharField(label=_("Voucher"), max_length=30, required=False)
    method = forms.ChoiceField(
        label=_("How do you want to pay?"),
        error_messages={
            "required": _("Choose how to pay."),
            "invalid_choice": _("Choose how to pay."),
        },
    )
    note = forms.CharField(
        label=_("Note to the sellers"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    parcel = forms.BooleanField(required=False, widget=forms.HiddenInput)
    expected_total_minor = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, addresses: Sequence[AddressView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.addresses = {str(a.address_id): a for a in addresses}
        kept, method = self.fields["kept"], self.fields["method"]
        assert isinstance(kept, forms.ChoiceField)
        assert isinstance(method, forms.ChoiceField)
        method.choices = [(m.code, m.label) for m in methods_on_offer()]
        kept.choices = [(code, code) for code in (*self.addresses, NEW)]
        needed = bool(self["parcel"].value()) and self.chosen_address is None
        for name in ("street", "postal_code"):
            self.fields[name].required = needed
        region = self.fields["region"]
        assert isinstance(region, forms.ChoiceField)
        if len(self.regions) == 1:  # nothing to choose: the one village is the answer
            [only] = self.regions
            value = region_value(only.village, only.district)
            region.choices = [(value, f"{only.village}, {only.district}, {only.city}")]

    @property
    def chosen_address(self) -> AddressView | None:
        """The address of the book that the buyer ticked."""
        return self.addresses.get(str(self["kept"].value() or ""))

    @property
    def regions(self) -> tuple[Region, ...]:
        """The villages of the postal code as it stands in the form."""
        return find_by_postal_code(str(self["postal_code"].value() or "").strip())

    @property
    def province(self) -> str | None:
        """Where parcels go as far as the form says now, finished or not."""
        if self.chosen_address:
            return self.chosen_address.province
        return self.regions[0].province if self.regions else None

    def clean(self) -> dict[str, Any]:
        """Look for the village only where a new address is wanted."""
        if self.chosen_address or not self.cleaned_data.get("parcel"):
            return self.cleaned_data
        return super().clean()

    def address(self) -> dict[str, str] | None:
        """Return the address as `place_order` wants it; None where nothing is shipped."""
        data, kept = self.cleaned_data, self.chosen_address
        if not data["parcel"]:
            return None
        place: Any = kept or data["place"]
        return {
            "recipient": kept.recipient if kept else data["recipient"] or data["name"],
            "street": kept.street if kept else data["street"],
            "village": place.village,
            "district": place.district,
            "city": place.city,
            "province": place.province,
            "postal_code": place.postal_code,
        }

    def address_to_keep(self) -> PostalAddress | None:
        """Return the new address where the buyer wants it in the book."""
        address = self.address() if self.cleaned_data["keep"] and not self.chosen_address else None
        return PostalAddress(phone=self.cleaned_data["phone"], **address) if address else None


def chosen_deliveries(data: Mapping[str, str]) -> dict[str, str]:
    """Return the delivery code chosen for each seller id among what was sent."""
    found = {}
    for name, code in data.items():
        seller = name.removeprefix(DELIVERY)
        if name.startswith(DELIVERY) and code and _is_id(seller):
            found[seller] = code.replace("\0", "")[:40]
    return found


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
