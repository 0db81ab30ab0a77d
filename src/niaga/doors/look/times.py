"""Another time for a booking: the form that buyers and sellers choose it in."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.formats import clock_time, hour
from niaga.flows.goods.offering_queries import OpenSlot


class TimeForm(forms.Form):
    """One of the times that are open."""

    slot = forms.ChoiceField(label=_("New time"))

    def __init__(self, *args: Any, slots: Sequence[OpenSlot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["slot"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (str(slot.slot_id), f"{clock_time(slot.starts_at)} - {hour(slot.ends_at)}")
            for slot in slots
        ]

    def slot_id(self) -> UUID:
        """Return the chosen time."""
        return UUID(self.cleaned_data["slot"])
