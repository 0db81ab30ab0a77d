"""A person's account: orders, addresses, profile."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from niaga.doors.look.access import buyer_of, person_of
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Word, chosen, found, language, page_number, tabs, words
from niaga.doors.storefront.asking import ask
from niaga.doors.storefront.forms.account import AddressForm, ProfileForm, address_initial
from niaga.doors.storefront.page import go, show
from niaga.kernel.refusal import Refusal
from niaga.parties.buyer_queries import AddressView, address_of, addresses_of
from niaga.parties.commands.describe_person import describe_person
from niaga.parties.commands.keep_address import forget_address, keep_address
from niaga.parties.models import Person
from niaga.stages.ordering.queries import orders_page
from niaga.stages.ordering.states import OrderState

RECENT = 4
A_YEAR_S = 365 * 24 * 3600


def _person(request: HttpRequest) -> Person:
    return found(person_of(request))


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show what waits for the visitor, and the newest orders."""
    person = _person(request)
    page = orders_page(language=language(), person_id=person.id)
    context = {"person": person, "page": page, "recent": page.rows[:RECENT]}
    return show(request, "account", context)


@login_required
def orders(request: HttpRequest) -> HttpResponse:
    """Show the visitor's orders, by state."""
    person = _person(request)
    state = chosen(request, "state", OrderState.values)
    page = orders_page(
        language=language(),
        person_id=person.id,
        state=state,
        words=words(request),
        page=page_number(request),
    )
    links = tabs(request, OrderState.choices, page.by_state, state)
    return show(request, "account_orders", {"person": person, "page": page, "tabs": links})


@login_required
def addresses(request: HttpRequest) -> HttpResponse:
    """Show the address book."""
    person = _person(request)
    return show(request, "addresses", {"person": person, "addresses": addresses_of(person.id)})


@login_required
def address_new(request: HttpRequest) -> HttpResponse:
    """Write a new address into the book."""
    person = _person(request)
    return _address_page(request, {"recipient": person.name, "phone": person.phone}, None)


@login_required
def address(request: HttpRequest, address_id: UUID) -> HttpResponse:
    """Change an address of the book."""
    known = found(address_of(_person(request).id, address_id))
    return _address_page(request, address_initial(known), known)


def _address_page(
    request: HttpRequest, initial: dict[str, object], known: AddressView | None
) -> HttpResponse:
    """Take an address; `?postal_code=` gives its villages, the button `find` shows them."""
    if "postal_code" in request.GET:
        form = AddressForm(initial={"postal_code": request.GET["postal_code"]})
        return render(request, "look/region.html", {"form": form})
    if "find" in request.POST:
        form = AddressForm(initial=request.POST.dict())
    else:
        form = AddressForm(answers(request), initial=initial)
    if form.is_bound and form.is_valid():
        try:
            keep_address(
                actor=buyer_of(request),
                address=form.postal_address(),
                label=form.cleaned_data["label"],
                address_id=known.address_id if known else None,
                make_default=form.cleaned_data["is_default"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The address is in your book."))
            return go("addresses")
    context = {"person": _person(request), "form": form, "address": known}
    return show(request, "address", context, 422 if form.is_bound and form.errors else 200)


@login_required
def remove(request: HttpRequest, address_id: UUID) -> HttpResponse:
    """Ask, then take an address out of the book."""
    known = found(address_of(_person(request).id, address_id))

    def act(_form: Confirmation) -> Word:
        forget_address(actor=buyer_of(request), address_id=address_id)
        return _("The address was removed.")

    question = Question(
        title=_("Remove this address?"),
        text=_("Orders that were sent there keep it."),
        button=_("Remove the address"),
        back=reverse("addresses"),
        facts=((_("Recipient"), known.recipient), (_("Address"), ", ".join(known.lines))),
        danger=True,
    )
    return ask(request, question, Confirmation(answers(request)), act)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change name, telephone, tax number and language."""
    person = _person(request)
    known = ("name", "phone", "tax_number", "language")
    initial = {name: getattr(person, name) for name in known}
    form = ProfileForm(answers(request), initial=initial)
    if form.is_bound and form.is_valid():
        try:
            describe_person(actor=buyer_of(request), **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return _in_language(request, form.cleaned_data["language"])
    context = {"person": person, "form": form}
    return show(request, "profile", context, 422 if form.errors else 200)


def _in_language(request: HttpRequest, chosen_language: str) -> HttpResponse:
    """Lead back to the profile, in the language that was just chosen."""
    with translation.override(chosen_language):
        messages.success(request, _("Saved."))
    response = go("profile")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen_language,
        max_age=A_YEAR_S,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    return response
