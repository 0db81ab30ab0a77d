"""A product file into the market: read, plan, import, then its pictures.

The terminal and a seller's upload page call it alike; it is no command, since it reads files.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal
from uuid import UUID

from niaga.flows.information.commands.keep_media import add_media
from niaga.flows.information.models import Media
from niaga.flows.information.pictures import PictureRefused, store_picture
from niaga.kernel.actor import Actor
from niaga.stages.sharing.commands.import_products import (
    ImportPlan,
    import_products,
    plan_import,
)
from niaga.stages.sharing.product_files import ProductDraft, RefusedRow, read_products

type Mode = Literal["check", "strict", "valid"]
type Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did (or, only checked, would do)."""

    created: int
    rewritten: int
    kept_out: int
    refused: tuple[RefusedRow, ...]


def import_file(
    file: BinaryIO,
    *,
    size: int,
    seller_id: UUID,
    mode: Mode,
    tell: Tell,
    default_category: str = "",
    folder: Path | None = None,
) -> ImportReport:
    """Import the products of a CSV (`size` bytes, seekable) for a seller.

    `check` writes nothing, `strict` nothing when any row is refused, `valid` the products none
    of whose rows is. Pictures are files below `folder`; without a folder they are left out.

    Raises:
        FileUnreadable: the file is no table of products.
        CompanyNotApproved: the operator has not let the company sell.
    """
    plan, total = _read(file, size, folder, seller_id, default_category, tell)
    known = sum(1 for _, product_id in plan.drafts if product_id)
    kept_out = total - len(plan.drafts)
    if mode == "check" or (mode == "strict" and plan.refused):
        wanted = len(plan.drafts) if mode == "check" else 0
        known = known if mode == "check" else 0
        return ImportReport(wanted - known, known, total - wanted, plan.refused)
    actor = Actor("seller", seller_id=seller_id)
    done = import_products(
        actor=actor,
        seller_id=seller_id,
        plan=plan,
        progress=lambda n: tell("Writing products", n, len(plan.drafts)),
    )
    drafts = [draft for draft, _ in plan.drafts]
    if folder is not None:
        _store_pictures(actor, folder, drafts, done.product_ids, tell)
    return ImportReport(done.created, done.rewritten, kept_out, plan.refused)


def _read(
    file: BinaryIO,
    size: int,
    folder: Path | None,
    seller_id: UUID,
    default_category: str,
    tell: Tell,
) -> tuple[ImportPlan, int]:
    drafts: list[ProductDraft] = []
    refused: list[RefusedRow] = []
    total = 0
    for read in read_products(file, default_category=default_category):
        total += 1
        tell("Reading bytes", file.tell(), size)
        missing = _missing_pictures(read.draft, folder) if read.draft and folder else ()
        refused += (*read.refused, *missing)
        if read.draft and not missing:
            drafts.append(read.draft)
    plan = plan_import(seller_id, drafts)
    refused = sorted([*refused, *plan.refused], key=lambda row: row.line)
    return ImportPlan(plan.drafts, tuple(refused)), total


def _missing_pictures(draft: ProductDraft, folder: Path) -> tuple[RefusedRow, ...]:
    return tuple(
        RefusedRow(draft.line, "picture", "no_such_file", name)
        for name in draft.pictures
        if _inside(folder, name) is None
    )


def _inside(folder: Path, name: str) -> Path | None:
    """Return the file of that name below `folder`, None where there is none."""
    path = (folder / name.replace("\x00", "")).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


def _store_pictures(
    actor: Actor,
    folder: Path,
    drafts: list[ProductDraft],
    product_ids: tuple[UUID, ...],
    tell: Tell,
) -> None:
    """Store the drafts' pictures; a product that has pictures already keeps those."""
    assert actor.seller_id is not None
    have = set(
        Media.objects.filter(product_id__in=product_ids).values_list("product_id", flat=True)
    )
    wanted = list(_wanted(folder, drafts, product_ids, have))
    for done, (product_id, path, alt) in enumerate(wanted, start=1):
        try:
            with path.open("rb") as file:
                stored = store_picture(file)
        except PictureRefused:
            continue  # the product stands without it
        add_media(
            actor=actor,
            seller_id=actor.seller_id,
            product_id=product_id,
            file=stored.file,
            thumbnail=stored.thumbnail,
            alt=alt,
        )
        tell("Storing pictures", done, len(wanted))


def _wanted(
    folder: Path, drafts: list[ProductDraft], product_ids: tuple[UUID, ...], have: set[UUID]
) -> Iterator[tuple[UUID, Path, str]]:
    for draft, product_id in zip(drafts, product_ids, strict=True):
        for name in draft.pictures[:12] if product_id not in have else ():
            path = _inside(folder, name)
            if path is not None:
                yield product_id, path, draft.description.name_id
