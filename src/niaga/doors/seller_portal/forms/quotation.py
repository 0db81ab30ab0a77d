"""What a seller quotes."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.kernel.money import CURRENCIES, Money
from niaga.plumbing.days import today
from niaga.stages.sharing.commands.answer_quotation import DEAREST
from niaga.stages.sharing.quotation_queries import QuotationView, QuotedLine

USUAL_DAYS = 14


class OfferForm(forms.Form):
    """A price for each line, the last day, and words."""

    until = forms.DateField(
        label=_("The prices hold until"), widget=forms.DateInput(attrs={"type": "date"})
    )
    words = forms.CharField(
        label=_("A word to the buyer"),
        help_text=_("It stands on the quotation, too."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, quotation: QuotationView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quotation = quotation
        self.fields["until"].initial = _in_days(USUAL_DAYS)
        currency = CURRENCIES[quotation.currency]
        decimals = currency.exponent if currency.step_minor == 1 else 0
        for line in quotation.lines:
            self.fields[_name(line.line_id)] = forms.DecimalField(
                label=_("Price for one"),
                min_value=0,
                max_value=Money(DEAREST, quotation.currency).major,
                decimal_places=decimals,
                initial=round(line.list_price.major, decimals)
                if decimals
                else int(line.list_price.major),
                widget=forms.NumberInput(attrs={"inputmode": "decimal" if decimals else "numeric"}),
            )

    def rows(self) -> list[tuple[QuotedLine, forms.BoundField]]:
        """Return each line with the field of its price."""
        return [(line, self[_name(line.line_id)]) for line in self.quotation.lines]

    def prices(self) -> dict[UUID, int]:
        """Return each line's price in minor units."""
        currency = self.quotation.currency
        return {
            line.line_id: Money.of(self.cleaned_data[_name(line.line_id)], currency).minor
            for line in self.quotation.lines
        }


class NotQuotedForm(forms.Form):
    """Why a seller does not quote."""

    words = forms.CharField(
        label=_("A word to the buyer"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _in_days(days: int) -> date:
    return today() + timedelta(days=days)


def _name(line_id: UUID) -> str:
    return f"price_{line_id.hex}"
