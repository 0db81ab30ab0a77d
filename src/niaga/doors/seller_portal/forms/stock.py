"""How a seller receives, counts, moves and plans stock.

Each form that books something carries a `key`: sent twice, it books once.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.flows.goods.commands.count_stock import Tally
from niaga.flows.goods.commands.keep_policy import Policy
from niaga.flows.goods.models import SourcingRule, StockPolicy
from niaga.flows.goods.states import MovementReason
from niaga.flows.goods.stock_queries import LocationView
from niaga.flows.goods.stocktaking_queries import CountLineView, PolicyView
from niaga.kernel.ids import new_id

MOST_UNITS = 1_000_000
CAME_IN = ("purchase", "production", "opening", "found", "other")
CORRECTED = ("count", "damaged", "expired", "lost", "found", "sample", "other")


def _key() -> str:
    return new_id().hex


def _reasons(codes: Sequence[str]) -> list[tuple[str, Any]]:
    return [(code, MovementReason(code).label) for code in codes]


class _Booking(forms.Form):
    """A form that books once, about a location."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=_key, required=False)

    def __init__(self, *args: Any, locations: Sequence[LocationView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(str(place.location_id), place.name) for place in locations]
        location = forms.ChoiceField(label=_("Location"), choices=places)
        self.fields = {"location": location, **self.fields}

    def once_key(self) -> str:
        """Return the key under which this form books (a fresh one where it came without)."""
        return str(self.cleaned_data["key"] or new_id())

    def location_id(self) -> UUID:
        """Return the chosen location."""
        return UUID(self.cleaned_data["location"])


class ReceiveForm(_Booking):
    """Goods that came in."""

    quantity = forms.IntegerField(label=_("How many came in?"), min_value=1, max_value=MOST_UNITS)
    why = forms.ChoiceField(label=_("From where?"), choices=_reasons(CAME_IN), required=False)
    reason = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("Such as the supplier's slip.")
    )


class AdjustForm(_Booking):
    """What was counted."""

    on_hand = forms.IntegerField(
        label=_("How many are there?"),
        min_value=0,
        max_value=MOST_UNITS,
        help_text=_("Everything that is there, reserved items included."),
    )
    why = forms.ChoiceField(label=_("Why?"), choices=_reasons(CORRECTED), required=False)
    reason = forms.CharField(label=_("Note"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # It stands beside forms with fields of the same names.
        super().__init__(*args, **{"auto_id": "counted_%s", **kwargs})


class TransferForm(_Booking):
    """Goods that leave for another location."""

    quantity = forms.IntegerField(label=_("How many?"), min_value=1, max_value=MOST_UNITS)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, locations: Sequence[LocationView], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "sent_%s", **kwargs}, locations=locations)
        self.fields["location"].label = _("From")
        places = [(str(place.location_id), place.name) for place in locations]
        to = forms.ChoiceField(
            label=_("To"), choices=places, initial=places[-1][0] if places else ""
        )
        fields = dict(self.fields)
        self.fields = {"location": fields.pop("location"), "destination": to, **fields}


class ArrivalForm(forms.Form):
    """What arrived of a transfer."""

    quantity = forms.IntegerField(label=_("How many arrived?"), min_value=0)


class PolicyForm(forms.Form):
    """What happens when a SKU is sold out or runs low."""

    when_out = forms.ChoiceField(
        label=_("When it is sold out"),
        choices=[
            ("deny", _("Stop selling")),
            ("backorder", _("Sell on: it ships when new stock has come")),
            ("preorder", _("Sell before it is there: it ships from a day on")),
        ],
    )
    most_waiting = forms.IntegerField(
        label=_("At most this many units may wait"),
        required=False,
        min_value=0,
        max_value=MOST_UNITS,
    )
    lead_days = forms.IntegerField(
        label=_("Days until new stock is there"), required=False, min_value=1, max_value=365
    )
    available_date = forms.DateField(
        label=_("Ships from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    alert_at = forms.IntegerField(
        label=_("Warn me when so few are free"),
        required=False,
        min_value=0,
        max_value=MOST_UNITS,
        help_text=_("We write you one mail when it happens. Leave it empty for none."),
    )
    always_hot = forms.BooleanField(
        label=_("Ready for a rush"),
        required=False,
        help_text=_("For flash sales: many can buy it in the same second."),
    )

    @classmethod
    def of(cls, policy: PolicyView) -> "PolicyForm":
        """Return the form with what is decided now."""
        return cls(initial={name: getattr(policy, name) for name in cls.base_fields})

    def policy(self) -> Policy:
        """Return what was decided."""
        data = self.cleaned_data
        ahead = data["when_out"] != StockPolicy.WhenOut.DENY
        return Policy(
            when_out=data["when_out"],
            most_waiting=(data["most_waiting"] or 0) if ahead else 0,
            lead_days=data["lead_days"],
            available_date=data["available_date"],
            alert_at=data["alert_at"],
            always_hot=data["always_hot"],
        )


class SourcingForm(forms.Form):
    """Which location ships."""

    order = forms.ChoiceField(
        label=_("Which location ships?"),
        choices=[
            (SourcingRule.Order.PRIORITY, _("The one with the lowest priority number")),
            (SourcingRule.Order.NEAREST, _("The one nearest to the buyer: province, then island")),
        ],
    )
    one_parcel = forms.BooleanField(
        label=_("Rather one parcel from further away than several parcels"), required=False
    )


class CountStartForm(forms.Form):
    """Where to count."""

    def __init__(self, *args: Any, locations: Sequence[LocationView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"] = forms.ChoiceField(
            label=_("Location"), choices=[(str(p.location_id), p.name) for p in locations]
        )


class CountForm(forms.Form):
    """A page of a count sheet: what was counted, and why it differs."""

    def __init__(self, *args: Any, lines: Sequence[CountLineView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[f"n_{line.sku_id.hex}"] = forms.IntegerField(
                label=_("Counted"),
                initial=line.counted,
                required=False,
                min_value=0,
                max_value=MOST_UNITS,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            )
            self.fields[f"why_{line.sku_id.hex}"] = forms.ChoiceField(
                label=_("Why?"), choices=_reasons(CORRECTED), initial=line.why, required=False
            )
            self.fields[f"note_{line.sku_id.hex}"] = forms.CharField(
                label=_("Note"), initial=line.note, required=False, max_length=200
            )

    def rows(self) -> list[tuple[CountLineView, Mapping[str, forms.BoundField]]]:
        """Return each line with its fields."""
        return [
            (line, {name: self[f"{name}_{line.sku_id.hex}"] for name in ("n", "why", "note")})
            for line in self.lines
        ]

    def tallies(self) -> dict[UUID, Tally]:
        """Return what was written down; empty lines are not counted yet."""
        data = self.cleaned_data
        return {
            line.sku_id: Tally(
                data[f"n_{line.sku_id.hex}"],
                data[f"why_{line.sku_id.hex}"] or "count",
                data[f"note_{line.sku_id.hex}"],
            )
            for line in self.lines
            if data[f"n_{line.sku_id.hex}"] is not None
        }
