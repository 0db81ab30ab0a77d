"""Products that many buy at once: which lie in buckets, and which the operator puts there."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.page import ask, show
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import number
from niaga.doors.look.page import Word, found, language
from niaga.flows.goods.commands.heat_stock import BUCKETS, HOT_FROM, keep_hot, let_cool
from niaga.kernel.actor import Actor
from niaga.stages.sharing.rush_queries import RushRow, rush_row
from niaga.stages.sharing.rush_queries import rush as rush_rows


@operator_only
def rush(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show what many buy now, and what lies in buckets."""
    context = {"rows": rush_rows(language()), "buckets": BUCKETS, "hot_from": HOT_FROM}
    return show(request, "rush", context)


@operator_only
def keep(request: HttpRequest, actor: Actor, sku_id: UUID) -> HttpResponse:
    """Ask, then make a product ready for a rush."""
    row = found(rush_row(sku_id, language()))

    def act(_form: Confirmation) -> Word:
        keep_hot(actor=actor, sku_id=sku_id)
        return _("%(product)s is ready for a rush.") % {"product": row.product}

    question = Question(
        title=_("Make this ready for a rush?"),
        text=_("Its stock is dealt out, so that many can buy it in the same second, until you end"
               " it. What buyers see stays the same."),
        button=_("Make it ready"),
        back=reverse("office:rush"),
        facts=_facts(row),
    )  # fmt: skip
    return ask(request, question, Confirmation(answers(request)), act)


@operator_only
def end(request: HttpRequest, actor: Actor, sku_id: UUID) -> HttpResponse:
    """Ask, then let a product calm down."""
    row = found(rush_row(sku_id, language()))

    def act(_form: Confirmation) -> Word:
        let_cool(actor=actor, sku_id=sku_id)
        return _("%(product)s calms down when nobody hurries for it.") % {"product": row.product}

    question = Question(
        title=_("Is the rush over?"),
        text=_("Its stock is gathered again once fewer buy it. Nothing that is promised changes."),
        button=_("Yes, it is over"),
        back=reverse("office:rush"),
        facts=_facts(row),
    )
    return ask(request, question, Confirmation(answers(request)), act)


def _facts(row: RushRow) -> tuple[tuple[Word, str], ...]:
    return (
        (_("Product"), row.product),
        (_("Seller"), row.seller),
        (_("Free"), number(row.free)),
        (_("Orders in the last hour"), number(row.orders)),
    )
