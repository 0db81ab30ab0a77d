"""Commission plans: what the market takes, for whom and from when; and a seller's tier."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms_plans import PlanForm, TierForm
from niaga.doors.back_office.page import ask, go, show
from niaga.doors.back_office.words import VOUCHER_STANDINGS
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import moment, money, percent
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Word, chosen, found, language, page_number, tabs
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.parties.commands.rank_company import rank_company
from niaga.parties.queries import company_names, company_view
from niaga.stages.sharing.commands.make_plan import end_plan, make_plan
from niaga.stages.sharing.plan_queries import plan_view, plans_page, shelf_names


@operator_only
def plans(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show all plans, the newest start first."""
    standing = chosen(request, "standing", VOUCHER_STANDINGS)
    page = plans_page(standing=standing, page=page_number(request), language=language())
    links = tabs(request, VOUCHER_STANDINGS.items(), page.by_state, standing, "standing")
    return show(request, "plans", {"page": page, "tabs": links, "standings": VOUCHER_STANDINGS})


@operator_only
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Make a plan."""
    form = PlanForm(answers(request), sellers=company_names(), shelves=shelf_names(language()))
    if form.is_bound and form.is_valid():
        try:
            make_plan(actor=actor, terms=form.terms())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The plan holds for new sales from its start on."))
            return go("plans")
    return show(request, "plan_new", {"form": form}, 422 if form.errors else 200)


@operator_only
def end(request: HttpRequest, actor: Actor, plan_id: UUID) -> HttpResponse:
    """Ask, then end a plan now."""
    plan = found(plan_view(plan_id, language=language()))

    def act(_form: Confirmation) -> Word:
        end_plan(actor=actor, plan_id=plan_id)
        return _("%(name)s has ended.") % {"name": plan.name}

    question = Question(
        title=_("End the plan %(name)s?") % {"name": plan.name},
        text=_("New sales follow the next plan that fits; what was sold keeps its commission."),
        button=_("End the plan"),
        back=reverse("office:plans"),
        facts=(
            (_("Commission"), percent(plan.rate_bp)),
            (_("Fixed fee"), money(plan.fee) if plan.fee else ""),
            (_("At least"), money(plan.least) if plan.least else ""),
            (_("At most"), money(plan.most) if plan.most else ""),
            (_("Seller"), plan.seller_name),
            (_("Tier"), plan.tier_label),
            (_("Category"), plan.category_name),
            (_("From"), moment(plan.starts_at)),
        ),
        danger=True,
    )
    return ask(request, question, Confirmation(answers(request)), act)


@operator_only
def rank(request: HttpRequest, actor: Actor, company_id: UUID) -> HttpResponse:
    """Ask for a company's tier."""
    company = found(company_view(company_id))

    def act(form: TierForm) -> Word:
        rank_company(actor=actor, company_id=company_id, tier=form.cleaned_data["tier"])
        return _("The tier is kept.")

    question = Question(
        title=_("Which tier has %(name)s?") % {"name": company.about.name},
        text=_("Commission plans of that tier hold for its new sales."),
        button=_("Keep the tier"),
        back=reverse("office:company", args=[company_id]),
        facts=((_("Now"), company.tier_label),),
    )
    return ask(request, question, TierForm(answers(request), now=company.tier), act)
