"""A file to be compared; it is read, hashed and forgotten."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 5 * 1024 * 1024


class FileForm(forms.Form):
    """A PDF."""

    pdf = forms.FileField(
        label=_("PDF file"), widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"})
    )

    def clean_pdf(self) -> UploadedFile[bytes]:
        """Refuse what is larger than any document."""
        file: UploadedFile[bytes] = self.cleaned_data["pdf"]
        if file.size is None or file.size > MOST_BYTES:
            raise ValidationError(_("This file is larger than any document of ours."))
        return file

    def content(self) -> bytes:
        """Return the file's bytes."""
        return bytes(self.cleaned_data["pdf"].read())
