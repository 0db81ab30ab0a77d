"""How the shop asks before it acts."""

from collections.abc import Callable
from functools import partial

from django.forms import Form
from django.http import HttpRequest, HttpResponse

from niaga.doors.look.ask import Question, ask_first
from niaga.doors.look.page import Word
from niaga.doors.storefront.page import show


def ask[F: Form](
    request: HttpRequest, question: Question, form: F, act: Callable[[F], Word]
) -> HttpResponse:
    """Ask the buyer, then act (see `look.ask`)."""
    return ask_first(request, question, form, act, partial(show, request, "question"))
