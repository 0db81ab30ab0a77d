"""How long the contents of documents are kept, and the "no" once they are deleted.

Indonesia's law on tax procedures (UU KUP, article 28(11)) asks for ten years after the tax year;
what is kept longer than it must be is personal data kept without a reason.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from niaga.kernel.refusal import Refusal
from niaga.plumbing.days import year_of

LEAST_YEARS = 10
MOST_YEARS = 100


@dataclass(eq=False)
class DocumentRedacted(Refusal):
    """Its contents were deleted: it can no longer be read, sent or corrected."""

    number: str
    redacted_at: datetime

    code: ClassVar[str] = "document_redacted"


@dataclass(eq=False)
class DocumentKept(Refusal):
    """Its years of keeping are not over, it is not sealed, or a draft still corrects it."""

    document_id: UUID

    code: ClassVar[str] = "document_kept"


def require_contents(number: str, redacted_at: datetime | None) -> None:
    """Let a document pass that still says something.

    Raises:
        DocumentRedacted: its contents were deleted.
    """
    if redacted_at:
        raise DocumentRedacted(number, redacted_at)


def may_be_redacted(*, sealed_at: datetime, at: datetime) -> bool:
    """Say whether at `at` ten whole years are over since the year in which it was sealed.

    It is sealed once it is printed, minutes after it was issued; that instant is under its hash.
    """
    return year_of(at) > year_of(sealed_at) + LEAST_YEARS
