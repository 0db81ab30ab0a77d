"""The market's memory: events, what failed to follow them, and the audit."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niaga.doors.back_office.page import ask, go, show
from niaga.doors.back_office.words import CHECKS, EVENT_TITLES
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.page import Word, chosen, identifier
from niaga.doors.look.words import FLOWS, ROLES
from niaga.kernel.actor import Actor
from niaga.plumbing.audit import check_names
from niaga.plumbing.commands.audit_market import audit_market
from niaga.plumbing.commands.retry_deliveries import retry_deliveries
from niaga.plumbing.outbox import event_names
from niaga.plumbing.queries import (
    count_dead_deliveries,
    dead_deliveries,
    events_page,
    last_audit,
)


@operator_only
def events(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show the newest events, by flow, type or what they are about."""
    flow, kind = chosen(request, "flow", FLOWS), chosen(request, "kind", event_names())
    subject_id = identifier(request, "subject")
    page = events_page(
        flow=flow, kind=kind, subject_id=subject_id, before=identifier(request, "before")
    )
    return show(
        request,
        "events",
        {
            "page": page,
            "flow": flow,
            "kind": kind,
            "subject_id": subject_id,
            "flows": FLOWS,
            "kinds": event_names(),
            "titles": EVENT_TITLES,
            "roles": ROLES,
            "dead": count_dead_deliveries(),
        },
    )


@operator_only
def dead(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show what should have followed an event and failed."""
    context = {
        "rows": dead_deliveries(),
        "count": count_dead_deliveries(),
        "titles": EVENT_TITLES,
    }
    return show(request, "dead", context)


@operator_only
def retry(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Ask, then let dead deliveries be tried again."""

    def act(_form: Confirmation) -> Word:
        n = retry_deliveries(actor=actor)
        said = ngettext("%(n)s delivery is tried again.", "%(n)s deliveries are tried again.", n)
        return said % {"n": n}

    question = Question(
        title=_("Try all dead deliveries again?"),
        text=_("Fix the cause first; each is tried up to twelve times."),
        button=_("Try again"),
        back=reverse("office:dead"),
        facts=((_("Dead deliveries"), str(count_dead_deliveries())),),
    )
    return ask(request, question, Confirmation(answers(request)), act)


@operator_only
def audit(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show what the last audit found; a POST runs it now."""
    if request.method == "POST":
        violations = audit_market(actor=actor)
        if violations:
            count = len(violations)
            said = ngettext("%(n)s thing disagrees.", "%(n)s things disagree.", count)
            messages.error(request, said % {"n": count})
        else:
            messages.success(request, _("Everything agrees."))
        return go("audit")
    context = {"audit": last_audit(), "checks": {name: CHECKS[name] for name in check_names()}}
    return show(request, "audit", context)
