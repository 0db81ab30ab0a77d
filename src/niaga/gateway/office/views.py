"""The bank's pages: for clerks who signed in, and for nobody else."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages as flashes
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from niaga.gateway import payer_simulator
from niaga.gateway.authority.commands.order_certificate import approve_order, refuse_order
from niaga.gateway.commands.clear_batch import clear_batch
from niaga.gateway.keys import keyring
from niaga.gateway.office import queries
from niaga.gateway.states import AuthorizationState, BatchState, MessageState
from niaga.kernel.refusal import Refusal

NOTE_LENGTH = 500


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show what is held and what wants attention."""
    return _show(request, "overview", {"overview": queries.overview()})


@login_required
@require_GET
def authorizations(request: HttpRequest) -> HttpResponse:
    """List authorizations by state."""
    state = _chosen(request, AuthorizationState.values)
    page = queries.authorizations(
        state=state, search=request.GET.get("q", "").strip()[:64], page=_page(request)
    )
    tabs = _tabs(AuthorizationState.choices, state)
    return _show(request, "authorizations", {"page": page, "tabs": tabs})


@login_required
@require_GET
def authorization(request: HttpRequest, authorization_id: UUID) -> HttpResponse:
    """Show one authorization with what followed it."""
    found = queries.authorization(authorization_id)
    if found is None:
        raise Http404
    return _show(request, "authorization", {"found": found})


@login_required
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """List what is told to issuers."""
    state = _chosen(request, MessageState.values)
    page = queries.messages(state=state, page=_page(request))
    return _show(request, "messages", {"page": page, "tabs": _tabs(MessageState.choices, state)})


@login_required
@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """List merchants' batches."""
    state = _chosen(request, BatchState.values)
    page = queries.batches(state=state, page=_page(request))
    return _show(request, "batches", {"page": page, "tabs": _tabs(BatchState.choices, state)})


@login_required
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show one batch; a difference is cleared with a note."""
    found = queries.batch(batch_id)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _show(request, "batch", {"found": found, "error": ""})
    note = request.POST.get("note", "").strip()[:NOTE_LENGTH]
    if not note:
        error = _("Please say what you found.")
        return _show(request, "batch", {"found": found, "error": error}, status=422)
    try:
        clear_batch(batch_id=batch_id, note=note, cleared_by=request.user.get_username())
    except Refusal:
        flashes.warning(request, _("This batch is cleared already."))
    else:
        flashes.success(request, _("The difference is cleared."))
    return redirect("batch", batch_id)


@login_required
@require_GET
def certificates(request: HttpRequest) -> HttpResponse:
    """List the certificates somebody wants."""
    return _show(request, "certificates", {"rows": queries.waiting_orders()})


@login_required
@require_POST
def decide(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Issue or refuse a certificate."""
    try:
        if "approve" in request.POST:
            approve_order(keyring=keyring(), order_id=order_id)
            flashes.success(request, _("The certificate is issued."))
        else:
            refuse_order(order_id=order_id)
            flashes.success(request, _("The order is refused."))
    except Refusal:
        flashes.warning(request, _("This order is decided already, or its key is not new."))
    return redirect("certificates")


def payer(request: HttpRequest) -> HttpResponse:
    """Play a payer's bank, where this gateway is one for trying (a simulator, open to anyone)."""
    if not settings.PAYER_SIMULATOR:
        raise Http404
    fields = request.POST if request.method == "POST" else request.GET
    asked = fields.get("code", "").strip()[:512]
    if request.method == "POST":
        try:
            payer_simulator.pay(asked)
        except Refusal:
            flashes.warning(request, _("Not paid: the code is unknown, paid, or too old."))
        else:
            flashes.success(request, _("Paid."))
        return redirect(f"{reverse('payer')}?{urlencode({'code': asked})}")
    context = {"seen": payer_simulator.look_at(asked), "asked": asked}
    status = 422 if asked and not context["seen"] else 200
    return _show(request, "payer_simulator", context, status=status)


def _show(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render(request, f"office/{name}.html", context, status=status)


def _chosen(request: HttpRequest, values: Sequence[str]) -> str:
    state = request.GET.get("state", "")
    return state if state in values else ""


def _tabs(choices: Sequence[tuple[str, Any]], chosen: str) -> list[tuple[str, str, bool, None]]:
    tabs = [("", _("All")), *choices]
    return [(str(label), f"?state={code}", code == chosen, None) for code, label in tabs]


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isdecimal() and len(text) < 6 else 1
