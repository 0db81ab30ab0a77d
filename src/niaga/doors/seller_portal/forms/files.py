"""What a seller uploads: pictures, digital goods, product tables; and bookable times."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from niaga.kernel import clock
from niaga.plumbing import days
from niaga.stages.sharing.own_product_queries import OwnVariant

MOST_PICTURE_BYTES = 8 * 1024 * 1024
MOST_FILE_BYTES = 200 * 1024 * 1024
MOST_TABLE_BYTES = 20 * 1024 * 1024
MOST_DAYS = 92
WEEKDAYS = (
    ("0", _("Mon")), ("1", _("Tue")), ("2", _("Wed")), ("3", _("Thu")),
    ("4", _("Fri")), ("5", _("Sat")), ("6", _("Sun")),
)  # fmt: skip


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class PicturesField(forms.FileField):
    """One or more pictures of 8 MB at most each."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the list of files."""
        many = data if isinstance(data, list | tuple) else [data]
        clean_one = super().clean
        files = [clean_one(one, initial) for one in many if one or self.required]
        for file in files:
            if file.size > MOST_PICTURE_BYTES:
                raise forms.ValidationError(
                    _("%(name)s is larger than 8 MB."), params={"name": file.name}
                )
        return files


class PicturesForm(forms.Form):
    """Pictures to hang up."""

    pictures = PicturesField(
        label=_("Pictures"),
        help_text=_("JPEG, PNG or WebP, 8 MB at most each; square ones look best."),
        widget=_ManyFiles(attrs={"accept": "image/jpeg,image/png,image/webp", "multiple": True}),
    )


class PictureForm(forms.Form):
    """One picture for the shopfront."""

    pictures = PicturesField(
        label=_("Picture"),
        help_text=_("JPEG, PNG or WebP, 8 MB at most."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


class FileForm(forms.Form):
    """A digital good's file."""

    file = forms.FileField(label=_("File"), help_text=_("200 MB at most."), max_length=120)

    def clean_file(self) -> UploadedFile[bytes]:
        """Return a file that is not too large."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than 200 MB."))
        return file


class TableForm(forms.Form):
    """A table of products."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("UTF-8, comma or semicolon, 20 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    category = forms.ChoiceField(label=_("Category for rows that name none"), required=False)

    def __init__(self, *args: Any, categories: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category = self.fields["category"]
        assert isinstance(category, forms.ChoiceField)
        category.choices = [("", "—"), *categories]

    def clean_file(self) -> UploadedFile[bytes]:
        """Return a file that is not too large."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_TABLE_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return file


class SlotsForm(forms.Form):
    """Times to open: on some weekdays of a range, one after the other within the hours."""

    sku = forms.ChoiceField(label=_("Service"))
    from_date = forms.DateField(
        label=_("From day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until_date = forms.DateField(
        label=_("Until day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    weekdays = forms.MultipleChoiceField(
        label=_("On"), choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple, initial=list("01234")
    )
    from_time = forms.TimeField(
        label=_("From"),
        initial="09:00",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    until_time = forms.TimeField(
        label=_("Until"),
        initial="17:00",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    duration_min = forms.IntegerField(
        label=_("Length (minutes)"), min_value=5, max_value=24 * 60, initial=60
    )
    capacity = forms.IntegerField(label=_("Places each"), min_value=1, max_value=1000, initial=1)

    def __init__(self, *args: Any, variants: Sequence[OwnVariant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sku = self.fields["sku"]
        assert isinstance(sku, forms.ChoiceField)
        sku.choices = [(str(v.variant_id), v.options_text or v.sku) for v in variants if v.active]
        today = days.today()
        self.fields["from_date"].initial = today + timedelta(days=1)
        self.fields["until_date"].initial = today + timedelta(days=14)

    def clean(self) -> dict[str, Any]:
        """Check that the ranges go forwards and are not endless."""
        data = super().clean() or {}
        first, last = data.get("from_date"), data.get("until_date")
        if first and last and not first <= last <= first + timedelta(days=MOST_DAYS):
            self.add_error("until_date", _("Choose a day within three months after the first."))
        begin, end = data.get("from_time"), data.get("until_time")
        if begin and end and end <= begin:
            self.add_error("until_time", _("This must be later than the beginning."))
        if not self.errors and not self.starts():
            self.add_error("until_time", _("No time of that length fits in."))
        return data

    def starts(self) -> tuple[str, ...]:
        """Return the instants at which times begin, in the market's time zone, none in the past."""
        data = self.cleaned_data
        zone, length = get_current_timezone(), timedelta(minutes=data["duration_min"])
        found = []
        day = data["from_date"]
        while day <= data["until_date"]:
            at = datetime.combine(day, data["from_time"], zone)
            end = datetime.combine(day, data["until_time"], zone)
            while str(day.weekday()) in data["weekdays"] and at + length <= end:
                if at > clock.now():
                    found.append(at.isoformat())
                at += length
            day += timedelta(days=1)
        return tuple(found)
