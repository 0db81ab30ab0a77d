"""Small tables that a seller uploads, and how its parcels are numbered."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 5 * 1024 * 1024


class SmallTableForm(forms.Form):
    """A CSV file of 5 MB at most."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("UTF-8, comma or semicolon, 5 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> bytes:
        """Return the file's content."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return bytes(file.read())


class PrefixForm(forms.Form):
    """The seller's own GS1 company prefix."""

    gs1_prefix = forms.CharField(
        label=_("GS1 company prefix"),
        max_length=12,
        required=False,
        help_text=_("Leave it empty to use the market's."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
