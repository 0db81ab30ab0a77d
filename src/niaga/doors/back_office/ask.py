"""Ask first, then act: the one way in which the operator changes something."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from niaga.doors.back_office.page import Question, Word, show_question
from niaga.doors.look.forms import add_refusal
from niaga.kernel.refusal import Refusal


def ask[F: Form](
    request: HttpRequest, question: Question, form: F, act: Callable[[F], Word]
) -> HttpResponse:
    """Show the question; on a good answer act, say what `act` returns, and go back.

    A refusal is shown on the same page, which then stands beside what the thing has become.
    """
    if request.method == "POST" and form.is_valid():
        try:
            done = act(form)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, str(done))
            return redirect(question.back)
    return show_question(request, question, form)


def answers(request: HttpRequest) -> QueryDict | None:
    """Return what a form is bound to: the posted answers, or nothing while it is only shown."""
    return request.POST if request.method == "POST" else None
