"""How a seller delivers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.doors.seller_portal.words import DELIVERIES
from niaga.flows.goods.commands.keep_delivery import DeliveryTerms, Zone
from niaga.flows.goods.stock_queries import DeliveryView
from niaga.kernel.money import Money
from niaga.parties.regions import provinces

MOST_RUPIAH = 100_000_000


def _provinces() -> list[tuple[str, str]]:
    return [(name, name) for name in provinces()]


class _Days(forms.Form):
    days_min = forms.IntegerField(label=_("Days, at least"), min_value=0, max_value=60, initial=1)
    days_max = forms.IntegerField(label=_("Days, at most"), min_value=0, max_value=60, initial=3)

    def clean(self) -> dict[str, Any]:
        """Check that the days go forwards."""
        data = super().clean() or {}
        least, most = data.get("days_min"), data.get("days_max")
        if least is not None and most is not None and most < least:
            self.add_error("days_max", _("This must not be below the least."))
        return data


class DeliveryForm(_Days):
    """One way to deliver."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("Buyers choose by it."))
    kind = forms.ChoiceField(label=_("Priced"), choices=list(DELIVERIES.items()))
    flat = forms.IntegerField(
        label=_("Price (Rp)"),
        min_value=0,
        max_value=MOST_RUPIAH,
        required=False,
        help_text=_("For one price only."),
    )
    position = forms.IntegerField(label=_("Priority"), min_value=1, max_value=99, initial=1)
    active = forms.BooleanField(label=_("Offer it to buyers"), required=False, initial=True)
    field_order = ("name", "kind", "flat", "position", "days_min", "days_max", "active")


class ZoneForm(_Days):
    """Prices of a zone; a row without a name counts for nothing."""

    name = forms.CharField(label=_("Zone"), max_length=60, required=False)
    first_kg = forms.IntegerField(
        label=_("First kg (Rp)"), min_value=0, max_value=MOST_RUPIAH, required=False
    )
    extra_kg = forms.IntegerField(
        label=_("Each further kg (Rp)"), min_value=0, max_value=MOST_RUPIAH, required=False
    )
    provinces = forms.MultipleChoiceField(
        label=_("Provinces"),
        choices=_provinces,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: everywhere else."),
    )
    field_order = ("name", "first_kg", "extra_kg", "days_min", "days_max", "provinces")

    def clean(self) -> dict[str, Any]:
        """Ask for the prices of a zone that has a name."""
        data = super().clean()
        if data.get("name"):
            for name in ("first_kg", "extra_kg"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Please fill this in."))
        return data


ZoneRows = forms.formset_factory(ZoneForm, extra=0, min_num=1, max_num=20)


def delivery_initial(service: DeliveryView) -> dict[str, Any]:
    """Return what the form shows of a service."""
    return {
        "name": service.name,
        "kind": service.kind,
        "flat": int(service.flat.major),
        "position": service.position,
        "days_min": service.days_min,
        "days_max": service.days_max,
        "active": service.active,
    }


def zones_initial(service: DeliveryView) -> list[dict[str, Any]]:
    """Return what the rows show of a service's zones."""
    return [
        {
            "name": zone.name,
            "first_kg": int(zone.first_kg.major),
            "extra_kg": int(zone.extra_kg.major),
            "days_min": zone.days_min,
            "days_max": zone.days_max,
            "provinces": list(zone.provinces),
        }
        for zone in service.zones
    ]


def delivery_terms(form: DeliveryForm, rows: Any) -> DeliveryTerms:
    """Return what was filled in; both forms are valid."""
    data = form.cleaned_data
    zones = [row.cleaned_data for row in rows if row.cleaned_data.get("name")]
    return DeliveryTerms(
        name=data["name"],
        kind=data["kind"],
        flat=Money.of(data["flat"] or 0),
        days_min=data["days_min"],
        days_max=data["days_max"],
        position=data["position"],
        active=data["active"],
        zones=tuple(
            Zone(
                zone["name"],
                tuple(zone["provinces"]),
                Money.of(zone["first_kg"]),
                Money.of(zone["extra_kg"]),
                zone["days_min"],
                zone["days_max"],
            )
            for zone in zones
        ),
    )


class QuoteForm(forms.Form):
    """What would it cost to send this there?"""

    weight_g = forms.IntegerField(label=_("Weight (g)"), min_value=1, max_value=1_000_000)
    province = forms.ChoiceField(label=_("Province"), choices=_provinces)
