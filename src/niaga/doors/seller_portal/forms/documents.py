"""How a seller's documents look and are numbered."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.forms import refusal_words
from niaga.doors.seller_portal.forms.company import ColourInput
from niaga.flows.documents.commands.change_style import StyleChoice
from niaga.flows.documents.models import Document, DocumentStyle
from niaga.flows.documents.numbers import (
    PATTERNS,
    PatternInvalid,
    PatternTaken,
    check_pattern,
    checked_patterns,
)
from niaga.flows.documents.rendering.content import MARKETS_OWN, Kind

OWN_KINDS: tuple[Kind, ...] = tuple(kind for kind in PATTERNS if kind not in MARKETS_OWN)


class StyleForm(forms.Form):
    """The look; each kind's pattern is a field of its own, `pattern_KIND`."""

    accent = forms.CharField(
        label=_("Accent colour"),
        widget=ColourInput(),
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Choose a colour."))],
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("The buyer's")), ("id", "Bahasa Indonesia"), ("en", "English")],
        required=False,
    )
    footer_text = forms.CharField(
        label=_("Line at the foot"), max_length=200, required=False,
        help_text=_("Such as opening hours, or thanks."),
    )  # fmt: skip
    payment_terms = forms.CharField(
        label=_("Payment terms"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Printed on whatever names an amount."),
    )
    shows_logo = forms.BooleanField(label=_("Print the shop's logo"), required=False)
    has_certificate = forms.BooleanField(
        label=_("Sign with a certificate in my company's name"),
        required=False,
        help_text=_("The market certifies your company's key; without it the market signs."),
    )
    syntax = forms.ChoiceField(
        label=_("For programs"),
        choices=DocumentStyle.Syntax.choices,
        required=False,
        help_text=_("How invoices and credit notes are written for programs, inside the PDF."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in OWN_KINDS:
            self.fields[f"pattern_{kind}"] = forms.CharField(
                label=Document.Kind(kind).label,
                max_length=60,
                required=False,
                widget=forms.TextInput(
                    attrs={"placeholder": PATTERNS[kind], "spellcheck": "false"}
                ),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse patterns that make no good numbers, each beside its own field."""
        for kind, pattern in self.patterns().items():
            try:
                check_pattern(pattern)
            except PatternInvalid as refusal:
                self.add_error(f"pattern_{kind}", refusal_words(refusal)[1])
        if not self.errors:
            try:
                checked_patterns(self.patterns())
            except PatternTaken as refusal:
                raise ValidationError(refusal_words(refusal)[1]) from None
        return self.cleaned_data

    def patterns(self) -> dict[str, str]:
        """Return the patterns that were written, by kind."""
        written = {kind: self.cleaned_data.get(f"pattern_{kind}", "") for kind in OWN_KINDS}
        return {kind: pattern.strip() for kind, pattern in written.items() if pattern.strip()}

    def choice(self) -> StyleChoice:
        """Return what was chosen."""
        chosen = self.cleaned_data
        return StyleChoice(
            accent=chosen["accent"].lower(),
            shows_logo=chosen["shows_logo"],
            footer_text=chosen["footer_text"],
            payment_terms=chosen["payment_terms"],
            language=chosen["language"],
            has_certificate=chosen["has_certificate"],
            syntax=chosen["syntax"] or DocumentStyle.Syntax.UBL,
            patterns=self.patterns(),
        )


def style_initial(style: DocumentStyle) -> dict[str, Any]:
    """Return the form's first values."""
    patterns = {f"pattern_{kind}": pattern for kind, pattern in style.patterns.items()}
    return {
        "accent": style.accent,
        "language": style.language,
        "footer_text": style.footer_text,
        "payment_terms": style.payment_terms,
        "shows_logo": style.shows_logo,
        "has_certificate": style.has_certificate,
        "syntax": style.syntax,
        **patterns,
    }
