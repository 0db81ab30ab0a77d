"""Companies: who asks to be let in, and the operator's decision."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import NoteForm
from niaga.doors.back_office.page import ask, show
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.page import Word, chosen, found, page_number, tabs, words
from niaga.doors.look.timeline import rows
from niaga.flows.information.timeline import timeline
from niaga.kernel.actor import Actor
from niaga.parties.commands.decide_company import (
    approve_company,
    refuse_company,
    suspend_company,
)
from niaga.parties.queries import CompanyView, companies_page, company_view
from niaga.parties.states import CompanyState


@operator_only
def companies(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show all companies, by state."""
    state = chosen(request, "state", CompanyState.values)
    page = companies_page(state=state, words=words(request), page=page_number(request))
    links = tabs(request, CompanyState.choices, page.by_state, state)
    return show(request, "companies", {"page": page, "tabs": links})


@operator_only
def company(request: HttpRequest, actor: Actor, company_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Show one company with all it said of itself and what was decided."""
    return show(
        request,
        "company",
        {
            "company": found(company_view(company_id)),
            "rows": rows(timeline([company_id], audience="operator"), viewer="operator"),
        },
    )


@operator_only
def approve(request: HttpRequest, actor: Actor, company_id: UUID) -> HttpResponse:
    """Ask, then let the company sell."""
    company = found(company_view(company_id))

    def act(_form: Confirmation) -> Word:
        approve_company(actor=actor, company_id=company_id)
        return _("%(name)s may sell now.") % {"name": company.about.name}

    question = _question(
        company,
        title=_("Approve %(name)s?"),
        text=_("Its published products appear on the market at once."),
        button=_("Approve"),
    )
    return ask(request, question, Confirmation(answers(request)), act)


@operator_only
def refuse(request: HttpRequest, actor: Actor, company_id: UUID) -> HttpResponse:
    """Ask for the reason, then keep the company out."""
    return _with_note(
        request,
        found(company_view(company_id)),
        title=_("Refuse %(name)s?"),
        text=_("The company stays out and reads your reason."),
        button=_("Refuse"),
        act=lambda note: refuse_company(actor=actor, company_id=company_id, note=note),
        done=_("%(name)s was refused."),
    )


@operator_only
def suspend(request: HttpRequest, actor: Actor, company_id: UUID) -> HttpResponse:
    """Ask for the reason, then take the company off the market."""
    return _with_note(
        request,
        found(company_view(company_id)),
        title=_("Suspend %(name)s?"),
        text=_("Its products leave the market at once; open orders go on."),
        button=_("Suspend"),
        act=lambda note: suspend_company(actor=actor, company_id=company_id, note=note),
        done=_("%(name)s was suspended."),
    )


def _with_note(
    request: HttpRequest,
    company: CompanyView,
    *,
    title: str,
    text: str,
    button: str,
    act: Callable[[str], None],
    done: str,
) -> HttpResponse:
    def decide(form: NoteForm) -> Word:
        act(form.cleaned_data["note"])
        return done % {"name": company.about.name}

    question = _question(company, title=title, text=text, button=button, danger=True)
    return ask(request, question, NoteForm(answers(request)), decide)


def _question(
    company: CompanyView, *, title: str, text: str, button: str, danger: bool = False
) -> Question:
    about = company.about
    return Question(
        title=title % {"name": about.name},
        text=text,
        button=button,
        back=reverse("office:company", args=[about.company_id]),
        facts=(
            (_("Legal name"), about.legal_name),
            ("NIB", about.nib),
            ("NPWP", company.npwp),
            (_("State"), about.label),
        ),
        danger=danger,
    )
