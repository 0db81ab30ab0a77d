"""What a seller says of services and digital goods: calendars, licence keys."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from niaga.doors.seller_portal.forms.files import WEEKDAYS
from niaga.flows.goods.commands.keep_calendar import CalendarTerms, DayOff, Hours
from niaga.flows.goods.models import Calendar
from niaga.stages.sharing.own_product_queries import OwnVariant

MOST_KEYS_BYTES = 5 * 1024 * 1024


def _hour(**kwargs: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(widget=widget, required=False, **kwargs)


class SkuForm(forms.Form):
    """A form about one of a product's variants."""

    def __init__(self, *args: Any, variants: Sequence[OwnVariant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(v.variant_id), v.options_text or v.sku) for v in variants if v.active]
        only = len(choices) == 1
        self.fields = {
            "sku": forms.ChoiceField(
                label=_("Variant"),
                choices=choices,
                initial=choices[0][0] if only else None,
                widget=forms.HiddenInput if only else forms.Select,
            ),
            **self.fields,
        }


class KeysForm(SkuForm):
    """Licence keys, pasted or from a file."""

    keys = forms.CharField(
        label=_("Licence keys, one a line"),
        required=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        help_text=_("Text or CSV, 5 MB at most: the first column counts."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def clean_file(self) -> str:
        """Return the file's text."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is None:
            return ""
        if (file.size or 0) > MOST_KEYS_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        try:
            return str(file.read(), "utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from None

    def clean(self) -> dict[str, Any]:
        """Check that there is something."""
        data = super().clean() or {}
        if not self.errors and not self.texts():
            self.add_error("keys", _("Enter at least one key."))
        return data

    def texts(self) -> list[str]:
        """Return the keys of box and file, as they stand."""
        said = self.cleaned_data
        rows = csv.reader(io.StringIO(said.get("file", "")), delimiter=_delimiter(said["file"]))
        found = [*said.get("keys", "").splitlines(), *(row[0] if row else "" for row in rows)]
        return [text for text in (line.strip() for line in found) if text]


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","


class CalendarForm(SkuForm):
    """When a service can be booked, and until when a booking may change."""

    zone = forms.ChoiceField(label=_("Time zone"), choices=Calendar.Zone.choices)
    duration_min = forms.IntegerField(
        label=_("Length (minutes)"), min_value=5, max_value=24 * 60, initial=60
    )
    buffer_min = forms.IntegerField(
        label=_("Break after each (minutes)"), min_value=0, max_value=24 * 60, initial=0
    )
    capacity = forms.IntegerField(label=_("Places each"), min_value=1, max_value=1000, initial=1)
    resource = forms.CharField(
        label=_("Person or room"),
        max_length=80,
        required=False,
        help_text=_("Services that name the same one are never booked at the same time."),
    )
    lead_h = forms.IntegerField(
        label=_("Can be booked until (hours before)"), min_value=0, max_value=720, initial=2
    )
    horizon_days = forms.IntegerField(
        label=_("Can be booked ahead (days)"), min_value=1, max_value=180, initial=28
    )
    change_h = forms.IntegerField(
        label=_("Buyers may move it until (hours before)"), min_value=0, max_value=720, initial=24
    )
    cancel_h = forms.IntegerField(
        label=_("Buyers may cancel until (hours before)"), min_value=0, max_value=720, initial=24
    )
    late_fee_percent = forms.IntegerField(
        label=_("Cancelled later, you keep (percent of the price)"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=_("Empty: buyers can't cancel later. They read this before they book."),
    )
    exceptions = forms.CharField(
        label=_("Other days"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "2026-12-25 Natal"}),
        help_text=_("One a line: the day, then hours such as 09:00-12:00 (none: closed), a note."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, label in WEEKDAYS:
            for n in (1, 2):
                self.fields[f"opens_{day}_{n}"] = _hour(label=label)
                self.fields[f"closes_{day}_{n}"] = _hour(label=label)

    def week(self) -> list[tuple[Any, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """Return each weekday with its two spans of hours."""
        return [
            (label, [(self[f"opens_{day}_{n}"], self[f"closes_{day}_{n}"]) for n in (1, 2)])
            for day, label in WEEKDAYS
        ]

    def clean_exceptions(self) -> tuple[DayOff, ...]:
        """Return the days that differ, each once."""
        days: dict[date, DayOff] = {}
        for number, line in enumerate(self.cleaned_data["exceptions"].splitlines(), start=1):
            if not line.strip():
                continue
            off = read_day(line)
            if off is None or off.day in days:
                raise forms.ValidationError(
                    _("Line %(line)s is not understood, or its day stands here twice."),
                    params={"line": number},
                )
            days[off.day] = off
        return tuple(days.values())

    def clean(self) -> dict[str, Any]:
        """Check that hours go forwards, do not overlap, and that there are some."""
        data = super().clean() or {}
        for day, _label in WEEKDAYS:
            end = None
            for n in (1, 2):
                opens, closes = data.get(f"opens_{day}_{n}"), data.get(f"closes_{day}_{n}")
                if (opens is None) != (closes is None):
                    self.add_error(f"closes_{day}_{n}", _("Enter both hours, or none."))
                elif opens and closes and (closes <= opens or (end and opens < end)):
                    self.add_error(f"closes_{day}_{n}", _("These hours do not go forwards."))
                end = closes or end
        if not self.errors and not self._weekly():
            self.add_error(None, _("Enter the hours of at least one weekday."))
        return data

    def _weekly(self) -> tuple[tuple[int, Hours], ...]:
        data = self.cleaned_data
        return tuple(
            (int(day), Hours(data[f"opens_{day}_{n}"], data[f"closes_{day}_{n}"]))
            for day, _label in WEEKDAYS
            for n in (1, 2)
            if data.get(f"opens_{day}_{n}")
        )

    def terms(self) -> CalendarTerms:
        """Return what the calendar says."""
        data = self.cleaned_data
        same = ("zone", "duration_min", "buffer_min", "capacity", "lead_h", "horizon_days",
                "change_h", "cancel_h", "late_fee_percent", "exceptions", "resource")  # fmt: skip
        return CalendarTerms(**{name: data[name] for name in same}, weekly=self._weekly())


def read_day(line: str) -> DayOff | None:
    """Return what a line says: `2026-12-24 09:00-12:00 note`; None when it says nothing."""
    day, _space, rest = line.strip().partition(" ")
    hours, _space, note = rest.strip().partition(" ")
    try:
        on = date.fromisoformat(day)
        opens, dash, closes = hours.partition("-")
        if not dash or not hours[:1].isdigit():
            return DayOff(on, None, rest.strip()[:80])
        span = Hours(*(datetime.strptime(h, "%H:%M").time() for h in (opens, closes)))  # noqa: DTZ007 - an hour of any day
    except ValueError:
        return None
    return DayOff(on, span, note.strip()[:80]) if span.opens < span.closes else None


def calendar_initial(terms: CalendarTerms) -> dict[str, Any]:
    """Return what the form shows of a calendar."""
    hours: dict[str, Any] = {}
    spans: dict[int, int] = {}
    for day, span in terms.weekly:
        n = spans[day] = spans.get(day, 0) + 1
        hours |= {f"opens_{day}_{n}": span.opens, f"closes_{day}_{n}": span.closes}
    days = []
    for off in terms.exceptions:
        span_text = f" {off.hours.opens:%H:%M}-{off.hours.closes:%H:%M}" if off.hours else ""
        days.append(f"{off.day}{span_text} {off.note}".strip())
    same = ("zone", "duration_min", "buffer_min", "capacity", "lead_h", "horizon_days",
            "change_h", "cancel_h", "late_fee_percent", "resource")  # fmt: skip
    shown = {name: getattr(terms, name) for name in same}
    return {**shown, **hours, "exceptions": "\n".join(days)}


def first_calendar() -> dict[str, Any]:
    """Return the hours that stand in an empty form: workdays from nine to five."""
    return {f"{what}_{day}_1": hour for day in range(5)
            for what, hour in (("opens", "09:00"), ("closes", "17:00"))}  # fmt: skip
