"""Agreeing that goods go back, at the doors of the seller and the operator."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niaga.doors.look.ask import Question, answers
from niaga.doors.look.page import Word
from niaga.kernel.actor import Actor
from niaga.stages.aftersales.commands.take_back import agree_return
from niaga.stages.aftersales.queries import ComplaintView


class AgreeReturnForm(forms.Form):
    """How many units go back, and how."""

    quantity = forms.IntegerField(
        label=gettext_lazy("How many go back?"),
        min_value=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    body = forms.CharField(
        label=gettext_lazy("How do they go back?"),
        help_text=gettext_lazy("Where to send them and who pays for it. The buyer reads this."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].initial = most
        self.fields["quantity"].widget.attrs["max"] = most


def agreement(
    request: HttpRequest, actor: Actor, complaint: ComplaintView, *, author: str, back: str
) -> tuple[Question, AgreeReturnForm, Callable[[AgreeReturnForm], Word]]:
    """Return what is asked before a return is agreed, its form, and how it is done."""

    def act(form: AgreeReturnForm) -> Word:
        agree_return(
            actor=actor,
            complaint_id=complaint.about.complaint_id,
            quantity=form.cleaned_data["quantity"],
            words=form.cleaned_data["body"],
            author=author,
        )
        return _("Agreed. The buyer gets a return slip by mail.")

    question = Question(
        title=_("Take the goods back?"),
        text=_(
            "The buyer prints a return slip and sends them. The money goes back once they came."
        ),
        button=_("Agree to the return"),
        back=back,
        facts=(
            (_("Order"), complaint.about.order_reference),
            (_("Product"), complaint.about.product_title),
            (_("Reason"), complaint.about.reason_label),
        ),
    )
    return question, AgreeReturnForm(answers(request), most=complaint.returnable), act
