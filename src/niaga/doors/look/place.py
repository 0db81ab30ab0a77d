"""Where something is: an Indonesian postal code, and which of its villages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.parties.regions import Region, find_by_postal_code

_SEPARATOR = " | "


def region_value(village: str, district: str) -> str:
    """Return the value of the choice that names a village."""
    return _SEPARATOR.join((village, district))


class PlaceForm(forms.Form):
    """A postal code and the village it names; city and province follow from them.

    The macro `forms.place` shows both fields: the button `find` (a POST that carries it is not
    to be acted on) lists the villages of the code; with JavaScript they are listed while typing.
    """

    postal_code = forms.CharField(
        label=_("Postal code"),
        min_length=5,
        max_length=5,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    region = forms.ChoiceField(label=_("Village, district, city"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region = self.fields["region"]
        assert isinstance(region, forms.ChoiceField)
        choices = [
            (region_value(r.village, r.district), f"{r.village}, {r.district}, {r.city}")
            for r in find_by_postal_code(str(self["postal_code"].value() or "").strip())
        ]
        empty = _("Choose …") if choices else _("Enter the postal code first")
        region.choices = [("", empty), *choices]

    def clean(self) -> dict[str, Any]:
        """Find the region; put it under `place`."""
        data = super().clean() or {}
        code = data.get("postal_code", "")
        regions = find_by_postal_code(code)
        if code and not regions:
            self.add_error("postal_code", _("We do not know this postal code."))
        elif code and "region" in data:
            data["place"] = next((r for r in regions if _is(r, data["region"])), None)
            if data["place"] is None:
                self.add_error("region", _("Choose the village of your address."))
        return data


def _is(region: Region, value: str) -> bool:
    return region_value(region.village, region.district) == value
