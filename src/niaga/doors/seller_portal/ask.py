"""Ask first, then act: how a seller does what cannot be undone."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from niaga.doors.look.access import SellerDesk
from niaga.doors.look.forms import add_refusal
from niaga.doors.seller_portal.page import Question, Word, show
from niaga.kernel.refusal import Refusal


def ask[F: Form](
    request: HttpRequest, desk: SellerDesk, question: Question, form: F, act: Callable[[F], Word]
) -> HttpResponse:
    """Show the question; on a good answer act, say what `act` returns, and go back.

    A refusal is shown on the same page.
    """
    if request.method == "POST" and form.is_valid():
        try:
            done = act(form)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, str(done))
            return redirect(question.back)
    context = {"question": question, "form": form}
    return show(request, desk, "question", context, 422 if form.errors else 200)


def answers(request: HttpRequest) -> QueryDict | None:
    """Return what a form is bound to: the posted answers, or nothing while it is only shown."""
    return request.POST if request.method == "POST" else None
