"""What a visitor sends to the basket."""

from django import forms


class Addition(forms.Form):
    """A thing for the basket; a service comes with the time it is booked for."""

    variant = forms.UUIDField()
    slot = forms.UUIDField(required=False)
    quantity = forms.IntegerField(min_value=1, max_value=999)


class Quantity(forms.Form):
    """How many of a line."""

    quantity = forms.IntegerField(min_value=1, max_value=999)
