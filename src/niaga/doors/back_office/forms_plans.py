"""What the operator fills in about commissions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.doors.back_office.forms import instant, rupiah
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.parties.states import SellerTier
from niaga.stages.sharing.commands.make_plan import MOST_BP, PlanTerms


class PlanForm(forms.Form):
    """What the market takes, for whom and from when."""

    name = forms.CharField(label=_("Name"), max_length=80)
    rate = forms.DecimalField(
        label=_("Commission (%)"),
        min_value=0,
        max_value=MOST_BP // 100,
        decimal_places=2,
        help_text=_("Of what a line was sold for."),
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )
    fee = rupiah(_("Fixed fee (Rp)"), help_text=_("Of each line, on top of the percentage."))
    least = rupiah(
        _("At least (Rp)"), help_text=_("Of each line, never more than it was sold for.")
    )
    most = rupiah(_("At most (Rp)"), help_text=_("Of each line. Empty: without a cap."))
    seller = forms.ChoiceField(label=_("Seller"), required=False)
    tier = forms.ChoiceField(
        label=_("Tier"), required=False, choices=[("", _("All tiers")), *SellerTier.choices]
    )
    category = forms.ChoiceField(
        label=_("Category"), required=False, help_text=_("With all categories below it.")
    )
    starts_at = instant(_("Valid from"))
    ends_at = instant(_("Until"), required=False, help_text=_("Empty: until you end it."))

    def __init__(
        self,
        *args: Any,
        sellers: Mapping[UUID, str],
        shelves: Mapping[UUID, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer("seller", _("All sellers"), sellers)
        self._offer("category", _("All categories"), shelves)
        self.fields["starts_at"].initial = clock.now()

    def _offer(self, name: str, everything: Any, choices: Mapping[UUID, str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", everything), *((str(pk), label) for pk, label in choices.items())]

    def terms(self) -> PlanTerms:
        """Return what was filled in."""
        said = self.cleaned_data
        return PlanTerms(
            name=said["name"],
            rate_bp=int(said["rate"] * 100),
            seller_id=UUID(said["seller"]) if said["seller"] else None,
            category_id=UUID(said["category"]) if said["category"] else None,
            tier=said["tier"],
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            fee=Money.of(said["fee"] or 0),
            least=Money.of(said["least"] or 0),
            most=None if said["most"] is None else Money.of(said["most"]),
        )


class TierForm(forms.Form):
    """How the market ranks a seller."""

    tier = forms.ChoiceField(label=_("Tier"), choices=SellerTier.choices)

    def __init__(self, *args: Any, now: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].initial = now
