"""How often sellers are paid, as operator and sellers fill it in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.flows.money.payout_schedule import Terms
from niaga.flows.money.states import PayoutEvery
from niaga.kernel.money import Money


class ScheduleForm(forms.Form):
    """How often, and from which amount of rupiah on."""

    every = forms.ChoiceField(label=_("How often"), choices=PayoutEvery.choices)
    least = forms.IntegerField(
        label=_("From (Rp)"),
        help_text=_("Less than this waits for the next time."),
        min_value=0,
        max_value=10**12,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def terms(self) -> Terms:
        """Return what was filled in."""
        every = PayoutEvery(self.cleaned_data["every"])
        return Terms(every, Money.of(self.cleaned_data["least"]))


class OwnScheduleForm(ScheduleForm):
    """As above; a seller may also leave it to the market."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = self.fields["every"]
        assert isinstance(every, forms.ChoiceField)
        every.choices = [("", _("As the market does")), *PayoutEvery.choices]
        every.required = False

    def follows(self) -> bool:
        """Say whether the seller leaves it to the market."""
        return not self.cleaned_data["every"]


def filled(terms: Terms) -> dict[str, Any]:
    """Return the terms as a form's first contents."""
    return {"every": terms.every.value, "least": int(terms.least.major)}
