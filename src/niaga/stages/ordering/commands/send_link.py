"""A buyer who lost the way back gets the link to the purchase by mail."""

from django.db.models import Q
from django.utils.translation import gettext as _

from niaga.flows.information.mailing import Letter
from niaga.kernel import clock
from niaga.plumbing.command import command
from niaga.stages.ordering import letters
from niaga.stages.ordering.models import Purchase


@command
def send_link(*, reference: str, email: str) -> None:
    """Mail the link to the buyer, if there is a purchase or order of this reference and address.

    Says nothing of whether there is one, and writes at most one such mail an hour for a purchase.
    """
    code = reference.strip().upper()
    known = Q(reference=code) | Q(orders__reference=code)
    purchase = Purchase.objects.filter(known, email__iexact=email.strip()).distinct().first()
    if purchase is not None:
        letters.to_buyer(purchase, _letter, template="link", cause_id=purchase.id, again=_hour())


def _hour() -> str:
    return clock.now().strftime("%Y%m%d%H")


def _letter(purchase: Purchase, language: str) -> Letter:  # noqa: ARG001 - a Compose
    return Letter(
        subject=_("Your way back to %(reference)s") % {"reference": purchase.reference},
        paragraphs=(
            _("Hello %(name)s,") % {"name": purchase.name},
            _("Here is the page of your purchase. Whoever has this link can open it."),
            _("You did not ask for it? Then you need not do anything."),
        ),
        button=(_("See your purchase"), letters.purchase_path(purchase)),
    )
