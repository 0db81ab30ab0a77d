"""A buyer's purchase order as a file."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PurchaseOrderForm(forms.Form):
    """A UBL Order; its size and everything in it is judged by who reads it."""

    order = forms.FileField(
        label=_("Purchase order (UBL 2.1 Order, XML)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,application/xml,text/xml"}),
    )

    def content(self, at_most: int) -> bytes:
        """Return the file's bytes, one more than `at_most` where it is larger."""
        return bytes(self.cleaned_data["order"].read(at_most + 1))
