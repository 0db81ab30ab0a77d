"""What a buyer fills in after ordering: cancel, find again, review, complain, answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.words import BUYER_REASONS
from niaga.stages.aftersales.models import Complaint

STARS = (
    (5, _("Excellent")),
    (4, _("Good")),
    (3, _("All right")),
    (2, _("Poor")),
    (1, _("Bad")),
)


class CancelForm(forms.Form):
    """Why a buyer no longer wants it."""

    reason = forms.ChoiceField(
        label=_("Why?"), choices=BUYER_REASONS.items(), widget=forms.Select()
    )


class GiveUpForm(forms.Form):
    """What the seller keeps of a cancelled booking, as its buyer was shown it."""

    shown_minor = forms.IntegerField(widget=forms.HiddenInput())


class FindForm(forms.Form):
    """What a buyer knows of an order."""

    reference = forms.CharField(
        label=_("Number"),
        help_text=_("As in your mail, such as NG-7F3K-9Q2M."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("The address you ordered with."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ReviewForm(forms.Form):
    """What a buyer says of a thing."""

    stars = forms.TypedChoiceField(
        label=_("Your rating"), choices=STARS, coerce=int, widget=forms.RadioSelect
    )
    title = forms.CharField(label=_("In a few words"), max_length=120, required=False)
    body = forms.CharField(
        label=_("Your review"),
        help_text=_("What should others know? Your name is shortened to the first and an initial."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ComplaintForm(forms.Form):
    """What is wrong."""

    reason = forms.ChoiceField(
        label=_("What is wrong?"), choices=Complaint.Reason.choices, widget=forms.RadioSelect
    )
    body = forms.CharField(
        label=_("Tell the seller"),
        help_text=_("Say what arrived, what you expected, and what you would like to be done."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class AnswerForm(forms.Form):
    """Words in a complaint."""

    body = forms.CharField(
        label=_("Your message"),
        help_text=_("The seller and the operator read this."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ResolveForm(forms.Form):
    """The last word of a complaint."""

    body = forms.CharField(
        label=_("A last word"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
