"""The expected "no": a command's answer when a rule forbids what was asked."""

from dataclasses import fields
from typing import Any, ClassVar


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Base of every refusal.

    Subclasses are frozen-in-spirit dataclasses: a `code` (snake case, unique in the project) and
    typed fields that say what stood in the way. Neither HTTP nor wording lives here: a door turns
    the code into words.
    """

    code: ClassVar[str]

    def details(self) -> dict[str, Any]:
        """Return the typed fields by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.code} {self.details()}"
