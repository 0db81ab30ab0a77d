"""Who is at the door: the actor behind a request, and who may come in."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from niaga.kernel.actor import Actor
from niaga.parties.models import Membership, Person
from niaga.parties.states import CompanyState


@dataclass(frozen=True, slots=True)
class SellerDesk:
    """The company a member works for now, and the actor to name in commands."""

    company_id: UUID
    name: str
    slug: str
    state: str
    actor: Actor


def person_of(request: HttpRequest) -> Person | None:
    """Return who is signed in."""
    return request.user if request.user.is_authenticated else None


def buyer_of(request: HttpRequest) -> Actor:
    """Return the visitor as a buyer, signed in or guest."""
    person = person_of(request)
    return Actor("buyer", person.id) if person else Actor.guest()


def operator_only[**P](
    view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let only operators in; the view gets the actor as its second argument."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        person = person_of(request)
        if person is None:
            return redirect_to_login(request.get_full_path())
        if not person.is_staff:
            raise PermissionDenied
        return view(request, Actor("operator", person.id), *args, **kwargs)

    return guarded


def seller_only[**P](
    view: Callable[Concatenate[HttpRequest, SellerDesk, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let only members of a company in; the view gets their desk as its second argument.

    Someone without a company is led to registration. One statement.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        person = person_of(request)
        if person is None:
            return redirect_to_login(request.get_full_path())
        membership = (
            Membership.objects.filter(person=person)
            .select_related("company")
            .order_by("company__registered_at")
            .first()
        )
        if membership is None:
            return redirect("seller:register")
        company = membership.company
        desk = SellerDesk(
            company.id,
            company.name,
            company.slug,
            company.state,
            Actor("seller", person.id, company.id),
        )
        return view(request, desk, *args, **kwargs)

    return guarded


def is_selling(desk: SellerDesk) -> bool:
    """Say whether the operator let the company in."""
    return desk.state == CompanyState.APPROVED
