"""What the operator fills in."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.formats import money
from niaga.flows.money.states import OPERATOR_REASONS, HoldOwner
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.stages.aftersales.commands.complain import DECIDED_WITHIN
from niaga.stages.aftersales.commands.hold_money import HoldWish
from niaga.stages.aftersales.hold_queries import HeldPart
from niaga.stages.sharing.commands.make_voucher import VoucherTerms

LARGEST_FILE_BYTES = 2_000_000
LARGEST_STATEMENT_BYTES = 20_000_000
_LONG = {"rows": 4}


class NoteForm(forms.Form):
    """A decision that needs words for the one it strikes."""

    note = forms.CharField(
        label=_("Reason"),
        help_text=_("The company reads this."),
        max_length=1000,
        widget=forms.Textarea(attrs=_LONG),
    )


class ReasonForm(forms.Form):
    """Why an order ends."""

    reason = forms.CharField(
        label=_("Reason"), help_text=_("Buyer and seller read this."), max_length=200
    )


class FindingForm(forms.Form):
    """What was found out about a difference."""

    note = forms.CharField(
        label=_("What you found"),
        help_text=_("For the books: who was wrong, and how it was set right."),
        max_length=500,
        widget=forms.Textarea(attrs=_LONG),
    )


class SettlementForm(forms.Form):
    """Where a difference is booked, and why."""

    account = forms.ChoiceField(label=_("Account"))
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Stays beside the booking for whoever checks the books."),
        max_length=500,
        widget=forms.Textarea(attrs=_LONG),
    )

    def __init__(self, *args: Any, accounts: Sequence[tuple[str, Promise]], **named: Any) -> None:
        super().__init__(*args, **named)
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose an account")), *accounts]


class TaskNoteForm(forms.Form):
    """A word about a task."""

    text = forms.CharField(
        label=_("What did you find out?"), max_length=500, widget=forms.Textarea(attrs=_LONG)
    )


class ReferenceForm(forms.Form):
    """The number of a purchase, or of a transfer."""

    reference = forms.CharField(label=_("Number"), max_length=60)


class ColleagueForm(forms.Form):
    """Who looks after a task from now on."""

    person = forms.ChoiceField(label=_("Colleague"))

    def __init__(self, *args: Any, people: Sequence[tuple[UUID, str]], **named: Any) -> None:
        super().__init__(*args, **named)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(pk), name) for pk, name in people]


class EvidenceForm(forms.Form):
    """What proves that money came."""

    reference = forms.CharField(
        label=_("Evidence"),
        help_text=_("The bank's reference of the transfer, or where you saw it."),
        max_length=48,
    )


class BankFileForm(forms.Form):
    """The bank's file of incoming transfers."""

    file = forms.FileField(
        label=_("Bank file (CSV)"),
        help_text=_("Columns: bank_reference, account_number, amount, received_at."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> str:
        """Return the file's text."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from None
        if "\0" in text:
            raise forms.ValidationError(_("This is not a CSV file."))
        return text


class StatementForm(forms.Form):
    """The bank's statement of account."""

    file = forms.FileField(
        label=_("Bank statement (camt.053)"),
        help_text=_("ISO 20022 XML, version 2 or 8, as your bank gives it each day."),
        widget=forms.FileInput(attrs={"accept": ".xml,application/xml,text/xml"}),
    )

    def clean_file(self) -> bytes:
        """Return the file's bytes."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_STATEMENT_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB: use niaga import camt."))
        content: bytes = file.read()
        return content


class AnswerForm(forms.Form):
    """Words in a complaint."""

    body = forms.CharField(
        label=_("Your answer"),
        help_text=_("Buyer and seller read this."),
        max_length=2000,
        widget=forms.Textarea(attrs=_LONG),
    )


class DecisionForm(forms.Form):
    """How a complaint ends."""

    body = forms.CharField(
        label=_("Your decision"),
        help_text=_("Buyer and seller read this."),
        max_length=2000,
        widget=forms.Textarea(attrs=_LONG),
    )


def instant(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    """Return a field for a moment, to the minute."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=help_text,
        widget=widget,
        input_formats=["%Y-%m-%dT%H:%M"],
    )


def rupiah(label: Any, *, help_text: Any = "", required: bool = False) -> forms.IntegerField:
    """Return a field for an amount in whole rupiah."""
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=required,
        min_value=0,
        max_value=10**12,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class HoldForm(forms.Form):
    """Why money of an order waits: all of it is asked, and the seller reads all of it."""

    part = forms.ChoiceField(label=_("What is held back"), required=False)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[(reason.value, reason.label) for reason in OPERATOR_REASONS]
    )
    owner = forms.ChoiceField(label=_("Who decides"), choices=HoldOwner.choices)
    deadline_at = instant(_("Decided before"))
    evidence = forms.CharField(
        label=_("Evidence"),
        help_text=_("What you saw, where, and when."),
        max_length=500,
        widget=forms.Textarea(attrs=_LONG),
    )

    def __init__(self, *args: Any, parts: Sequence[HeldPart], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        part = self.fields["part"]
        assert isinstance(part, forms.ChoiceField)
        every = (
            (str(held.about_id), f"{held.title or _('Delivery')} · {money(held.amount)}")
            for held in parts
        )
        part.choices = [("", _("All that is in escrow")), *every]
        self.fields["deadline_at"].initial = clock.now() + DECIDED_WITHIN

    def about_id(self) -> UUID | None:
        """Return the chosen part; None for all."""
        part = self.cleaned_data["part"]
        return UUID(part) if part else None

    def wish(self) -> HoldWish:
        """Return what was filled in."""
        said = self.cleaned_data
        return HoldWish(said["reason"], said["evidence"], said["owner"], said["deadline_at"])


class HoldAnswerForm(forms.Form):
    """What the operator answers a seller whose money waits."""

    words = forms.CharField(
        label=_("Your answer"),
        help_text=_("The seller reads this."),
        max_length=1000,
        widget=forms.Textarea(attrs=_LONG),
    )


class VoucherForm(forms.Form):
    """What a voucher promises; amounts in rupiah."""

    code = forms.CharField(
        label=_("Code"),
        max_length=30,
        help_text=_("Letters, digits and hyphens, such as HEMAT-10."),
    )
    seller = forms.ChoiceField(label=_("Whose products"), required=False)
    market_share = forms.DecimalField(
        label=_("Borne by the market (%)"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text=_("The seller bears the rest. Empty: the market bears all of its own vouchers."),
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )
    percent = forms.DecimalField(
        label=_("Percentage off"),
        required=False,
        max_value=100,
        min_value=0,
        decimal_places=2,
        help_text=_("Either this or an amount."),
    )
    amount = rupiah(_("Amount off (Rp)"))
    most = rupiah(_("At most (Rp)"), help_text=_("Caps what a percentage takes off."))
    spend_from = rupiah(_("Spend at least (Rp)"))
    starts_at = instant(_("From"))
    ends_at = instant(_("Until"))
    uses_limit = forms.IntegerField(
        label=_("How often"), required=False, min_value=1, max_value=10**9,
        help_text=_("Empty: without limit."),
    )  # fmt: skip

    def __init__(self, *args: Any, sellers: dict[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seller = self.fields["seller"]
        assert isinstance(seller, forms.ChoiceField)
        seller.choices = [
            ("", _("All products")), *((str(pk), name) for pk, name in sellers.items())
        ]  # fmt: skip
        self.fields["starts_at"].initial = clock.now()

    def terms(self) -> VoucherTerms:
        """Return what was filled in."""
        data = self.cleaned_data
        percent = data["percent"]
        return VoucherTerms(
            code=data["code"],
            percent_bp=None if percent is None else int(percent * 100),
            amount=None if data["amount"] is None else Money.of(data["amount"]),
            most=None if data["most"] is None else Money.of(data["most"]),
            spend_from=Money.of(data["spend_from"] or 0),
            seller_id=UUID(data["seller"]) if data["seller"] else None,
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            uses_limit=data["uses_limit"],
            market_bp=None if data["market_share"] is None else int(data["market_share"] * 100),
        )
