"""Ask first, then act: how something is done that cannot be undone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Word
from niaga.kernel.refusal import Refusal

# A door's own page `question`: from its context and status to the response.
type QuestionPage = Callable[[Mapping[str, Any], int], HttpResponse]


@dataclass(frozen=True, slots=True)
class Question:
    """What the visitor is asked before something happens; `facts` say to what.

    `back` is the path of the page that the answer leads to, whether yes or no.
    """

    title: Word
    text: Word
    button: Word
    back: str
    facts: tuple[tuple[Word, Any], ...] = ()
    danger: bool = False


class Confirmation(Form):
    """Nothing but the wish itself."""


def ask_first[F: Form](
    request: HttpRequest,
    question: Question,
    form: F,
    act: Callable[[F], Word],
    page: QuestionPage,
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
    return page({"question": question, "form": form}, 422 if form.errors else 200)


def answers(request: HttpRequest) -> QueryDict | None:
    """Return what a form is bound to: the posted answers, or nothing while it is only shown."""
    return request.POST if request.method == "POST" else None
