"""What the pages of every door share: tabs, and what an address asks for."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.formats import query

type Word = str | Promise
type Tab = tuple[Word, str, bool, int | None]


def found[T](thing: T | None) -> T:
    """Return the thing.

    Raises:
        Http404: there is none, or it is not for this visitor's eyes.
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

    def tab(code: str, label: Word, count: int) -> Tab:
        address = query(request, **{name: code or None, "page": None})
        return label, address, code == current, count

    return [
        tab("", _("All"), sum(counts.values())),
        *(tab(code, label, counts.get(code, 0)) for code, label in choices),
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
