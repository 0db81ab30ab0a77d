"""A seller chooses how its documents look and are numbered."""

import re
from dataclasses import asdict, dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.documents.models import DocumentStyle
from niaga.flows.documents.numbers import checked_patterns
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command


@dataclass(frozen=True, slots=True)
class StyleChoice:
    """What a seller may choose; `accent` is #rrggbb, `language` id, en or empty (the buyer's).

    `syntax` is ubl or cii, what programs read in its invoices and credit notes;
    `patterns` maps kinds to number patterns; a missing or empty one means the usual one.
    """

    accent: str
    shows_logo: bool
    footer_text: str
    payment_terms: str
    language: str
    has_certificate: bool
    syntax: str
    patterns: dict[str, str]


@dataclass(eq=False)
class StyleInvalid(Refusal):
    """A choice is outside of its limits."""

    field: str

    code: ClassVar[str] = "document_style_invalid"


@command
def change_style(*, seller_id: UUID, choice: StyleChoice) -> None:
    """Dress the seller's documents from the next one on; issued ones stay as they are.

    Raises:
        StyleInvalid: the colour is no colour, or the language or syntax none of the two.
        PatternInvalid, PatternTaken: see `numbers.py`.
    """
    if not re.fullmatch(r"#[0-9a-f]{6}", choice.accent):
        raise StyleInvalid("accent")
    if choice.language not in {"", "id", "en"}:
        raise StyleInvalid("language")
    if choice.syntax not in DocumentStyle.Syntax.values:
        raise StyleInvalid("syntax")
    values = asdict(choice) | {"patterns": checked_patterns(choice.patterns)}
    DocumentStyle.objects.update_or_create(pk=seller_id, defaults=values)
