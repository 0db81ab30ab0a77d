"""What a buyer writes about a quotation."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AskQuotationForm(forms.Form):
    """What the seller should know."""

    note = forms.CharField(
        label=_("What should the seller know?"),
        help_text=_("When you need it, where it goes, what price you have in mind."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DeclineQuotationForm(forms.Form):
    """Why not."""

    words = forms.CharField(
        label=_("Why not?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
