"""A company registers, waits for the operator, and asks again when it was refused."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from niaga.doors.look.access import SellerDesk, person_of, seller_only
from niaga.doors.look.ask import answers
from niaga.doors.look.forms import add_refusal
from niaga.doors.seller_portal.forms.company import CompanyForm, company_initial
from niaga.doors.seller_portal.page import go, show
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.parties.commands.register_company import register_company
from niaga.parties.commands.resubmit_company import resubmit_company
from niaga.parties.models import Membership
from niaga.parties.seller_queries import own_company
from niaga.parties.states import CompanyState


def register(request: HttpRequest) -> HttpResponse:
    """Take a registration; who is not signed in is shown how to begin."""
    person = person_of(request)
    if person is None:
        return render(request, "seller_portal/welcome.html")
    if Membership.objects.filter(person=person).exists():
        return go("standing")
    if request.method == "POST" and "find" in request.POST:
        form = CompanyForm(initial=request.POST.dict())
        return render(request, "seller_portal/register.html", {"form": form})
    form = CompanyForm(answers(request), initial={"email": person.email})
    if request.method == "POST" and form.is_valid():
        try:
            register_company(actor=Actor("seller", person.id), details=form.details())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Thank you. The operator looks at your registration."))
            return go("standing")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "seller_portal/register.html", {"form": form}, status=status)


@seller_only
def standing(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show where the company stands; a refused one may mend its registration."""
    company = own_company(desk.company_id)
    initial = company_initial(company.details)
    finding = request.method == "POST" and "find" in request.POST
    form = (
        CompanyForm(initial=request.POST.dict())
        if finding
        else CompanyForm(answers(request), initial=initial)
    )
    if form.is_bound and form.is_valid():
        try:
            resubmit_company(actor=desk.actor, company_id=desk.company_id, details=form.details())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Thank you. The operator looks at it again."))
            return go("standing")
    context = {"company": company, "form": form, "states": CompanyState}
    return show(request, desk, "standing", context, 422 if form.is_bound and form.errors else 200)


@login_required
@require_GET
def regions(request: HttpRequest) -> HttpResponse:
    """Give the select of a postal code's villages, for a form that is being filled in."""
    form = CompanyForm(initial={"postal_code": request.GET.get("postal_code", "")})
    return render(request, "look/region.html", {"form": form})
