"""Tasks: what a machine can't decide, whose it is, and how it ended."""

from collections.abc import Callable
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import (
    ColleagueForm,
    TaskNoteForm,
)
from niaga.doors.back_office.page import ask, go, show
from niaga.doors.back_office.task_facts import about, abouts_of, facts_of
from niaga.doors.back_office.words import TASK_KINDS
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.page import Word, chosen, found, page_number, tabs
from niaga.kernel.actor import Actor
from niaga.parties.queries import operators, person_names
from niaga.plumbing.commands.tasks import give_task, note_task, take_task
from niaga.plumbing.task_queries import task_view, tasks_page
from niaga.plumbing.task_states import TaskState


@operator_only
def tasks(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show tasks, those that wait first; by state, kind, and mine."""
    state = chosen(request, "state", TaskState.values)
    kind = chosen(request, "kind", list(TASK_KINDS))
    mine = request.GET.get("mine") == "yes"
    page = tasks_page(
        state=state,
        kind=kind,
        owner_id=actor.person_id if mine else None,
        page=page_number(request),
    )
    context = {
        "page": page,
        "tabs": tabs(request, TaskState.choices, page.by_state, state),
        "abouts": abouts_of(page.rows),
        "kind": kind,
        "kinds": TASK_KINDS,
        "mine": mine,
        "me": actor.person_id,
        "names": person_names({row.owner_id for row in page.rows if row.owner_id}),
    }
    return show(request, "tasks", context)


@operator_only
def task(request: HttpRequest, actor: Actor, task_id: UUID) -> HttpResponse:
    """Show a task with what it is about, and let anybody note something."""
    shown = found(task_view(task_id))
    form = TaskNoteForm(answers(request))
    if form.is_bound and form.is_valid():
        note_task(actor=actor, task_id=task_id, text=form.cleaned_data["text"])
        return go("task", task_id)
    people = {note.author_id for note in shown.notes} | {shown.owner_id}
    context = {
        "task": shown,
        "about": about(shown.kind, shown.subject_id),
        "kinds": TASK_KINDS,
        "me": actor.person_id,
        "names": person_names(filter(None, people)),
        "form": form,
    }
    return show(request, "task", context, status=422 if form.errors else 200)


@operator_only
def take(request: HttpRequest, actor: Actor, task_id: UUID) -> HttpResponse:
    """Ask, then make the task the operator's own."""

    def act(_form: Confirmation) -> Word:
        take_task(actor=actor, task_id=task_id)
        return _("You look after it now.")

    words = (
        _("Look after this task?"),
        _("Others see that it is yours."),
        _("I look after it"),
    )
    return _ask(request, task_id, words, Confirmation(answers(request)), act)


@operator_only
def give(request: HttpRequest, actor: Actor, task_id: UUID) -> HttpResponse:
    """Ask to whom, then give one's own task to a colleague."""
    colleagues = [(pk, name) for pk, name in operators().items() if pk != actor.person_id]

    def act(form: ColleagueForm) -> Word:
        person_id = UUID(form.cleaned_data["person"])
        give_task(actor=actor, task_id=task_id, person_id=person_id)
        return _("It is %(name)s's now.") % {"name": dict(colleagues)[person_id]}

    words = (_("Give this task to a colleague?"), "", _("Give it"))
    return _ask(request, task_id, words, ColleagueForm(answers(request), people=colleagues), act)


def _ask[F: Form](
    request: HttpRequest,
    task_id: UUID,
    words: tuple[Word, Word, Word],
    form: F,
    act: Callable[[F], Word],
) -> HttpResponse:
    shown = found(task_view(task_id))
    title, text, button = words
    question = Question(
        title=title,
        text=text,
        button=button,
        back=reverse("office:task", args=[task_id]),
        facts=facts_of(shown.kind, shown.subject_id),
    )
    return ask(request, question, form, act)
