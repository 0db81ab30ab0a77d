"""A listing goes on sale, or is taken off."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.information.commands.show_product import hide_product, publish_product
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.parties.models import Company
from niaga.parties.states import CompanyState
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.sharing.events import ListingHidden, ListingPublished
from niaga.stages.sharing.models import Offer


@dataclass(eq=False)
class CompanyNotApproved(Refusal):
    """The operator has not let the company sell (`state` says where it stands)."""

    code: ClassVar[str] = "company_not_approved"
    state: str


@dataclass(eq=False)
class NothingToSell(Refusal):
    """No variant in use has a price."""

    code: ClassVar[str] = "nothing_to_sell"
    product_id: UUID


@command
def publish_listing(*, actor: Actor, seller_id: UUID, product_id: UUID) -> None:
    """Put the listing on sale.

    Raises:
        CompanyNotApproved: the operator has not let the company sell.
        NothingToSell: no variant in use has a price.
        ProductUnknown: the product is not the seller's.
        TransitionRefused: it is on sale already.
    """
    state = Company.objects.values_list("state", flat=True).get(pk=seller_id)
    if state != CompanyState.APPROVED:
        raise CompanyNotApproved(state)
    publish_product(seller_id=seller_id, product_id=product_id)
    if not Offer.objects.filter(variant__product_id=product_id, variant__active=True).exists():
        raise NothingToSell(product_id)
    record(ListingPublished(subject_id=product_id, seller_id=seller_id), actor=actor)


@command
def hide_listing(*, actor: Actor, seller_id: UUID, product_id: UUID) -> None:
    """Take the listing off sale; open orders go on.

    Raises:
        ProductUnknown: the product is not the seller's.
        TransitionRefused: it is not on sale.
    """
    hide_product(seller_id=seller_id, product_id=product_id)
    record(ListingHidden(subject_id=product_id, seller_id=seller_id), actor=actor)
