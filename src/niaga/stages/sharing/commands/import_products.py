"""Many products of a file are listed at once, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from niaga.flows.goods.commands.change_stock import adjust_stock, receive_stock
from niaga.flows.goods.models import Location
from niaga.flows.information.models import Product, Variant
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.parties.models import Company
from niaga.parties.states import CompanyState
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.sharing.commands.list_product import write_listing
from niaga.stages.sharing.commands.show_listing import CompanyNotApproved
from niaga.stages.sharing.events import ProductsImported
from niaga.stages.sharing.indexing import index_products
from niaga.stages.sharing.product_files import ProductDraft, RefusedRow


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What importing would do: drafts with the product they rewrite, and what stands against."""

    drafts: tuple[tuple[ProductDraft, UUID | None], ...]
    refused: tuple[RefusedRow, ...]


@dataclass(frozen=True, slots=True)
class ImportedProducts:
    """What was written; `product_ids` in the drafts' order."""

    product_ids: tuple[UUID, ...]
    created: int
    rewritten: int


def plan_import(seller_id: UUID, drafts: Sequence[ProductDraft]) -> ImportPlan:
    """Find which drafts rewrite one of the seller's products: those that know its SKUs.

    Refused are SKUs that stand twice in the file (`twice`) or belong to another product
    (`taken`), and another kind than the product has (`fixed`). One statement.
    """
    skus = [v.sku for draft in drafts for v in draft.description.variants]
    owners = {
        sku: (product_id, kind)
        for sku, product_id, kind in Variant.objects.filter(
            seller_id=seller_id, sku__in=skus
        ).values_list("sku", "product_id", "product__kind")
    }
    planned: list[tuple[ProductDraft, UUID | None]] = []
    refused: list[RefusedRow] = []
    seen: set[str] = set()
    claimed: set[UUID] = set()
    for draft in drafts:
        mine = [v.sku for v in draft.description.variants]
        known = dict.fromkeys(owners[sku] for sku in mine if sku in owners)
        twice = next((sku for sku in mine if sku in seen), None)
        seen.update(mine)
        owner, kind = next(iter(known), (None, ""))
        if twice is not None:
            refused.append(RefusedRow(draft.line, "sku", "twice", twice))
        elif len(known) > 1 or owner in claimed:
            refused.append(RefusedRow(draft.line, "sku", "taken", mine[0]))
        elif owner is not None and kind != draft.description.kind:
            refused.append(RefusedRow(draft.line, "kind", "fixed", draft.description.kind))
        else:
            planned.append((draft, owner))
            if owner is not None:
                claimed.add(owner)
    return ImportPlan(tuple(planned), tuple(refused))


@command
def import_products(
    *,
    actor: Actor,
    seller_id: UUID,
    plan: ImportPlan,
    progress: Callable[[int], None] | None = None,
) -> ImportedProducts:
    """List the planned products: words, variants, prices, stock, cards; all or none of them.

    Stock goes to the seller's first location (made from the company's address where there is
    none): received for a new variant, counted anew for a known one. Stated stock of digital
    goods and services means nothing. `progress` is told how many products are done.

    Raises:
        CompanyNotApproved: the operator has not let the company sell.
    """
    company = Company.objects.get(pk=seller_id)
    if company.state != CompanyState.APPROVED:
        raise CompanyNotApproved(company.state)
    location_id = _first_location(company)
    ids: list[UUID] = []
    publish: list[UUID] = []
    for done, (draft, product_id) in enumerate(plan.drafts, start=1):
        listed = write_listing(
            actor=actor,
            seller_id=seller_id,
            description=draft.description,
            prices=draft.prices,
            product_id=product_id,
        )
        ids.append(listed.product_id)
        if draft.publish and draft.prices:
            publish.append(listed.product_id)
        if draft.description.kind == Product.Kind.GOODS:
            for sku, quantity in draft.stock.items():
                sku_id = listed.variant_ids[sku]
                _stock(actor, seller_id, sku_id, location_id, quantity, fresh=product_id is None)
        if progress:
            progress(done)
    Product.objects.filter(pk__in=publish).update(state=Product.State.PUBLISHED)
    index_products(ids)
    record(ProductsImported(subject_id=seller_id, products=len(ids)), actor=actor)
    rewritten = sum(1 for _, product_id in plan.drafts if product_id)
    return ImportedProducts(tuple(ids), len(ids) - rewritten, rewritten)


def _first_location(company: Company) -> UUID:
    found = Location.objects.filter(seller_id=company.id).order_by("priority", "id").first()
    found = found or Location.objects.create(
        id=new_id(),
        seller_id=company.id,
        name=company.city,
        city=company.city,
        province=company.province,
        postal_code=company.postal_code,
    )
    return found.id


def _stock(
    actor: Actor, seller_id: UUID, sku_id: UUID, location_id: UUID, quantity: int, *, fresh: bool
) -> None:
    if not fresh:
        adjust_stock(
            actor=actor,
            seller_id=seller_id,
            sku_id=sku_id,
            location_id=location_id,
            on_hand=quantity,
            reason="import",
        )
    elif quantity:
        receive_stock(
            actor=actor,
            seller_id=seller_id,
            sku_id=sku_id,
            location_id=location_id,
            quantity=quantity,
            reason="import",
        )
