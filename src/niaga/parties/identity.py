"""Checks of an Indonesian business's identity and contacts."""

import re
from dataclasses import dataclass
from typing import ClassVar

import lokal

from niaga.kernel.refusal import Refusal


@dataclass(eq=False)
class IdentityInvalid(Refusal):
    """A number or contact is not well formed: `field` names it, `rule` says what it must be."""

    code: ClassVar[str] = "identity_invalid"
    field: str
    rule: str


def checked_nib(text: str) -> str:
    """Return the NIB's 13 digits (PP 5/2021: the number carries no check digit).

    Raises:
        IdentityInvalid: not 13 digits.
    """
    digits = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"\d{13}", digits):
        raise IdentityInvalid("nib", "13_digits")
    return digits


def checked_npwp(text: str, *, field: str = "npwp") -> str:
    """Return the tax number in its 16-digit form (PMK-112/2022); the 15-digit one is widened.

    A person's NIK is such a number, too.

    Raises:
        IdentityInvalid: not a well-formed NPWP, in that `field` of a form.
    """
    found = lokal.parse_npwp(text)
    if not found.valid or not found.npwp16:
        raise IdentityInvalid(field, "15_or_16_digits")
    return str(found.npwp16)


def checked_phone(text: str) -> str:
    """Return the number in E.164 form.

    Raises:
        IdentityInvalid: not an Indonesian telephone number.
    """
    found = lokal.parse_phone(text)
    if not found.valid or not found.e164:
        raise IdentityInvalid("phone", "indonesian_number")
    return str(found.e164)
