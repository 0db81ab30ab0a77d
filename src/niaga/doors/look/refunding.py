"""Giving money back: choose what, see what it does to each side, then do it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niaga.doors.look.ask import answers
from niaga.doors.look.formats import money
from niaga.doors.look.forms import add_refusal
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import CURRENCIES, Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.once import once
from niaga.stages.ordering.commands.refund_order import RefundDone, refund_as_shown
from niaga.stages.ordering.refund_draft import RefundKind, RefundWish
from niaga.stages.ordering.refund_queries import (
    RefundableLine,
    RefundPreview,
    RefundSheet,
    refund_preview,
)

KINDS: Mapping[RefundKind, Any] = {
    "all": gettext_lazy("All that is left"),
    "lines": gettext_lazy("Some of the units"),
    "delivery": gettext_lazy("The delivery"),
    "amount": gettext_lazy("An amount"),
}


class RefundForm(forms.Form):
    """What to give back and why; `shown` is what the preview came to, in minor units."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What goes back?"), widget=forms.RadioSelect, initial="all"
    )
    amount = forms.DecimalField(label=gettext_lazy("Amount"), required=False, min_value=0)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The buyer reads this."),
        max_length=200,
    )
    key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)
    shown = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sheet: RefundSheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [
            (code, label) for code, label in KINDS.items() if code != "delivery" or sheet.delivery
        ]
        decimals = _decimals(sheet.currency)
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount (%(currency)s)") % {"currency": _unit(sheet.currency)},
            required=False,
            min_value=0,
            max_value=10**12,
            decimal_places=decimals,
            widget=forms.NumberInput(attrs={"inputmode": "decimal" if decimals else "numeric"}),
        )
        for line in sheet.lines:
            if line.left:
                self.fields[_name(line.line_id)] = forms.IntegerField(
                    label=line.title,
                    required=False,
                    min_value=0,
                    max_value=line.left,
                    widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                )

    def clean(self) -> dict[str, Any]:
        """Ask for the figure that the choice needs."""
        data = self.cleaned_data
        if data.get("kind") == "amount" and not data.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("Enter an amount above zero."))
        wrong_units = any(name.startswith("units_") for name in self.errors)
        if data.get("kind") == "lines" and not self.quantities() and not wrong_units:
            self.add_error("kind", _("Choose how many units go back."))
        return data

    def rows(self) -> list[tuple[RefundableLine, forms.BoundField | None]]:
        """Return each line with its field; None where all its units went back already."""
        return [
            (line, self[_name(line.line_id)] if line.left else None) for line in self.sheet.lines
        ]

    def quantities(self) -> dict[UUID, int]:
        """Return the units of each line that go back."""
        units = {
            line.line_id: self.cleaned_data.get(_name(line.line_id)) or 0
            for line in self.sheet.lines
        }
        return {line_id: many for line_id, many in units.items() if many}

    def wish(self) -> RefundWish:
        """Return what was chosen."""
        kind: RefundKind = self.cleaned_data["kind"]
        amount = self.cleaned_data["amount"]
        return RefundWish(
            kind,
            self.quantities() if kind == "lines" else {},
            Money.of(amount, self.sheet.currency) if kind == "amount" else None,
        )


def refund(
    request: HttpRequest,
    actor: Actor,
    sheet: RefundSheet,
    back: str,
    page: Callable[[Mapping[str, Any], int], HttpResponse],
) -> HttpResponse:
    """Show what can go back; on `step=look` what that does; on `step=do` do it and go `back`.

    Each step is a form of its own, so that it works without scripts; a refused one keeps what was
    filled in.
    """
    form = RefundForm(answers(request), sheet=sheet)
    step = request.POST.get("step", "")
    preview: RefundPreview | None = None
    if form.is_bound and form.is_valid() and step != "edit":
        try:
            if step == "do":
                return _done(request, _do(actor, form), back)
            preview = refund_preview(sheet.order_id, form.wish())
        except Refusal as refusal:
            add_refusal(form, refusal)
    titles = {line.line_id: line.title for line in sheet.lines}
    context = {"sheet": sheet, "form": form, "preview": preview, "titles": titles, "back": back}
    return page(context, 422 if form.errors else 200)


def _do(actor: Actor, form: RefundForm) -> RefundDone:
    return once(
        key=str(form.cleaned_data["key"] or new_id()),
        of=refund_as_shown,
        result=RefundDone,
        actor=actor,
        body={
            "order_id": form.sheet.order_id,
            "wish": form.wish(),
            "shown_minor": form.cleaned_data["shown"],
            "reason": form.cleaned_data["reason"],
        },
    )


def _done(request: HttpRequest, done: RefundDone, back: str) -> HttpResponse:
    amount = money(Money(done.paid_minor, done.currency))
    messages.success(request, _("%(amount)s goes back to the buyer.") % {"amount": amount})
    return redirect(back)


def _name(line_id: UUID) -> str:
    return f"units_{line_id.hex}"


def _decimals(currency: str) -> int:
    """Return how many decimals an amount is entered with: nobody pays sen."""
    known = CURRENCIES[currency]
    return known.exponent if known.step_minor == 1 else 0


def _unit(currency: str) -> str:
    return "Rp" if currency == "IDR" else currency
