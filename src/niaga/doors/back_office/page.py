"""What every page of the back office shares: its frame, and how it asks."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.ask import Question, ask_first
from niaga.doors.look.page import Word
from niaga.plumbing.task_queries import tasks_waiting

TASKS = "office:tasks"
# heading -> (label, name of the page, icon, count)
MENU: tuple[tuple[Word, tuple[tuple[Word, str, str, int], ...]], ...] = (
    (
        "",
        (
            (_("Overview"), "office:home", "layout-dashboard", 0),
            (_("Tasks"), TASKS, "clipboard-list", 0),
        ),
    ),
    (
        _("Market"),
        (
            (_("Companies"), "office:companies", "store", 0),
            (_("Orders"), "office:orders", "package", 0),
            (_("Complaints"), "office:complaints", "message-circle", 0),
            (_("Vouchers"), "office:vouchers", "ticket-percent", 0),
            (_("Commission"), "office:plans", "percent", 0),
            (_("Rush"), "office:rush", "zap", 0),
        ),
    ),
    (
        _("Money"),
        (
            (_("Payments"), "office:payments", "credit-card", 0),
            (_("Cards"), "office:cards", "wallet", 0),
            (_("Refunds"), "office:refunds", "undo-2", 0),
            (_("Held back"), "office:holds", "lock", 0),
            (_("Payouts"), "office:payouts", "banknote", 0),
            (_("Reconciliation"), "office:reconciliation", "list-checks", 0),
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


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Return the page `back_office/<template>.html` inside the door's frame."""
    name = f"back_office/{template}.html"
    waiting = tasks_waiting()
    frame = {"side": _menu(waiting), "tasks_waiting": waiting}
    return render(request, name, {**context, **frame}, status=status)


def _menu(waiting: int) -> tuple[tuple[Word, tuple[tuple[Word, str, str, int], ...]], ...]:
    """Return the menu with the number of tasks that wait."""
    return tuple(
        (
            heading,
            tuple(
                (label, page, symbol, waiting if page == TASKS else count)
                for label, page, symbol, count in links
            ),
        )
        for heading, links in MENU
    )


def ask[F: Form](
    request: HttpRequest, question: Question, form: F, act: Callable[[F], Word]
) -> HttpResponse:
    """Ask the operator, then act (see `look.ask`)."""
    return ask_first(request, question, form, act, partial(show, request, "question"))


def go(name: str, *args: Any) -> HttpResponse:
    """Lead to another page of this door."""
    return redirect(f"office:{name}", *args)
