"""How a seller ships, cancels, answers, and names locations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.flows.goods.commands.keep_location import Place
from niaga.flows.goods.states import SHIPMENT_TRANSITIONS, ShipmentState
from niaga.flows.goods.stock_queries import LocationView
from niaga.parties.regions import find_by_postal_code
from niaga.stages.ordering.queries import LineView

PICKUP_DIGITS = 6
CARRIERS = ("JNE", "J&T Express", "SiCepat", "AnterAja", "POS Indonesia", "Ninja Xpress", "TIKI")


class ReasonForm(forms.Form):
    """Why an order ends."""

    reason = forms.CharField(
        label=_("Reason"), help_text=_("The buyer reads this."), max_length=200
    )


class AnswerForm(forms.Form):
    """Words in a complaint."""

    body = forms.CharField(
        label=_("Your answer"),
        help_text=_("The buyer and the operator read this."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ReceiveReturnForm(forms.Form):
    """Where goods that came back go."""

    place = forms.ChoiceField(label=_("Where do they go?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, locations: Sequence[LocationView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)
        place.choices = [
            *((str(at.location_id), at.name) for at in locations),
            ("nowhere", _("Nowhere: they can't be sold again")),
        ]

    def location_id(self) -> UUID | None:
        """Return where they are on sale again; None for nowhere."""
        place = self.cleaned_data["place"]
        return None if place == "nowhere" else UUID(place)


class AppealForm(forms.Form):
    """Why money should not be held back."""

    words = forms.CharField(
        label=_("Why is this wrong?"),
        help_text=_("The operator reads this and answers you."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class ShipForm(forms.Form):
    """One parcel: how much of each open line, by whom, under which number."""

    carrier = forms.CharField(
        label=_("Carrier"),
        max_length=60,
        widget=forms.TextInput(attrs={"list": "carriers", "autocomplete": "off"}),
    )
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    weight_g = forms.IntegerField(
        label=_("Weight (g)"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_("Empty: what the products weigh."),
    )

    def __init__(
        self, *args: Any, lines: Sequence[LineView], fetched: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if fetched:  # nobody carries it anywhere
            del self.fields["carrier"], self.fields["tracking_number"]
        self.lines = [line for line in lines if line.kind == "goods" and line.open_quantity]
        for line in self.lines:
            self.fields[_name(line.line_id)] = forms.IntegerField(
                label=line.title,
                initial=line.open_quantity,
                required=False,
                min_value=0,
                max_value=line.open_quantity,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    def rows(self) -> list[tuple[LineView, forms.BoundField]]:
        """Return each open line with its field."""
        return [(line, self[_name(line.line_id)]) for line in self.lines]

    def quantities(self) -> dict[UUID, int]:
        """Return the units of each line in the parcel."""
        return {
            line.line_id: self.cleaned_data.get(_name(line.line_id)) or 0 for line in self.lines
        }


def _name(line_id: UUID) -> str:
    return f"units_{line_id.hex}"


class TrackingForm(forms.Form):
    """What the carrier said."""

    state = forms.ChoiceField(label=_("Where is it?"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, now: str, fetched: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = self.fields["state"]
        assert isinstance(state, forms.ChoiceField)
        state.choices = [
            (to, ShipmentState(to).label)
            for to in ShipmentState
            if to in SHIPMENT_TRANSITIONS[now]
            and not (fetched and to == ShipmentState.DELIVERED)  # its code says that
        ]


class PickupForm(forms.Form):
    """The code that a buyer shows."""

    code = forms.CharField(
        label=_("The buyer's code"),
        max_length=9,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_code(self) -> str:
        """Return the code's digits."""
        digits = "".join(sign for sign in self.cleaned_data["code"] if sign.isdigit())
        if len(digits) != PICKUP_DIGITS:
            raise forms.ValidationError(_("The code has six digits."))
        return digits


class LocationForm(forms.Form):
    """A place where stock lies."""

    name = forms.CharField(label=_("Name"), max_length=80)
    postal_code = forms.CharField(
        label=_("Postal code"),
        min_length=5,
        max_length=5,
        help_text=_("City and province follow from it."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=1,
        max_value=99,
        initial=1,
        help_text=_("1 ships first."),
    )

    def clean_postal_code(self) -> str:
        """Return a code that exists."""
        code: str = self.cleaned_data["postal_code"]
        if not find_by_postal_code(code):
            raise forms.ValidationError(_("We do not know this postal code."))
        return code

    def place(self) -> Place:
        """Return what was filled in."""
        data = self.cleaned_data
        region = find_by_postal_code(data["postal_code"])[0]
        return Place(
            data["name"], region.city, region.province, data["postal_code"], data["priority"]
        )
