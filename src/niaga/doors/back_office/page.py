"""What every page of the back office shares: its menu, its tabs, what the address asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.formats import query

type Word = str | Promise
type Tab = tuple[Word, str, bool, int | None]

# heading -> (label, name of the page, icon, count)
MENU: tuple[tuple[Word, tuple[tuple[Word, str, str, int], ...]], ...] = (
    ("", ((_("Overview"), "office:home", "layout-dashboard", 0),)),
    (
        _("Market"),
        (
            (_("Companies"), "office:companies", "store", 0),
            (_("Orders"), "office:orders", "package", 0),
            (_("Complaints"), "office:complaints", "message-circle", 0),
            (_("Vouchers"), "office:vouchers", "ticket-percent", 0),
        ),
    ),
    (
        _("Money"),
        (
            (_("Payments"), "office:payments", "credit-card", 0),
            (_("Refunds"), "office:refunds", "undo-2", 0),
            (_("Payouts"), "office:payouts", "banknote", 0),
            (_("Ledger"), "office:money", "scale", 0),
        ),
    ),
    (
        _("Records"),
        (
            (_("Documents"), "office:documents", "file-text", 0),
            (_("Mails"), "office:mails", "mail", 0),
            (_("Events"), "office:events", "activity", 0),
            (_("Audit"), "office:audit", "shield-check", 0),
            (_("All tables"), "admin:index", "layers", 0),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Question:
    """What the operator is asked before something happens; `facts` say to what."""

    title: Word
    text: Word
    button: Word
    back: str
    facts: tuple[tuple[Word, Any], ...] = ()
    danger: bool = False


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Return the page `back_office/<template>.html` inside the door's frame."""
    name = f"back_office/{template}.html"
    return render(request, name, {**context, "side": MENU}, status=status)


def show_question(request: HttpRequest, question: Question, form: BaseForm) -> HttpResponse:
    """Return the page that asks; 422 when the answer was not understood."""
    status = 422 if form.errors else 200
    return show(request, "question", {"question": question, "form": form}, status)


def go(name: str, *args: Any) -> HttpResponse:
    """Lead to another page of this door."""
    return redirect(f"office:{name}", *args)


def found[T](thing: T | None) -> T:
    """Return the thing.

    Raises:
        Http404: there is none.
    """
    if thing is None:
        raise Http404
    return thing


def tabs(
    request: HttpRequest,
    choices: Iterable[tuple[str, Word]],
    counts: Mapping[str, int],
    current: str,
    name: str = "state",
) -> list[Tab]:
    """Return tabs for `ui.tabs`: everything first, then one a state, each with its count."""
    everything: Tab = (
        _("All"), query(request, **{name: None, "page": None}), not current, sum(counts.values())
    )  # fmt: skip
    return [
        everything,
        *(
            (
                label,
                query(request, **{name: code, "page": None}),
                code == current,
                counts.get(code, 0),
            )
            for code, label in choices
        ),
    ]


def chosen(request: HttpRequest, name: str, allowed: Iterable[str]) -> str:
    """Return what the address asks for under `name`, or nothing when it is not allowed."""
    value = request.GET.get(name, "")
    return value if value in allowed else ""


def words(request: HttpRequest) -> str:
    """Return what is searched for."""
    return request.GET.get("q", "")[:100].replace("\0", "")


def page_number(request: HttpRequest) -> int:
    """Return the page that is asked for; the first when that is no number."""
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def identifier(request: HttpRequest, name: str) -> UUID | None:
    """Return the identifier under `name`, or None when there is none or it is none."""
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def language() -> str:
    """Return the visitor's language, `id` or `en`."""
    return "en" if (translation.get_language() or "id").startswith("en") else "id"
