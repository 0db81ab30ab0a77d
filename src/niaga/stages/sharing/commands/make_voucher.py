"""A voucher is made, by the market or by a seller, and says who bears how much of it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import CURRENCIES, Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.sharing.events import VoucherMade
from niaga.stages.sharing.models import Voucher

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,29}")


@dataclass(eq=False)
class VoucherCodeTaken(Refusal):
    """Another voucher, running or over, has the code."""

    code: ClassVar[str] = "voucher_code_taken"
    voucher: str


@dataclass(eq=False)
class VoucherTermsInvalid(Refusal):
    """`field` breaks `rule` (code_form, above_zero, whole_rupiah, at_most_all, after_start...)."""

    code: ClassVar[str] = "voucher_terms_invalid"
    field: str
    rule: str


@dataclass(frozen=True, slots=True)
class VoucherTerms:
    """What a voucher promises: exactly one of `percent_bp` (basis points) and `amount`.

    `most` caps what a percentage takes off. `market_bp` is what the market bears of it, in basis
    points; None: all of a voucher of its own, nothing of a seller's.
    """

    code: str
    percent_bp: int | None
    amount: Money | None
    most: Money | None
    spend_from: Money
    seller_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    uses_limit: int | None
    market_bp: int | None = None

    @property
    def borne_by_market_bp(self) -> int:
        """What the market bears, in basis points."""
        if self.market_bp is not None:
            return self.market_bp
        return 0 if self.seller_id else 10_000


@command
def make_voucher(*, actor: Actor, terms: VoucherTerms) -> UUID:
    """Make a voucher; its code is kept in capital letters. Return its id.

    Raises:
        VoucherTermsInvalid, VoucherCodeTaken.
    """
    code = terms.code.strip().upper()
    _check(code, terms)
    if Voucher.objects.filter(code=code).exists():
        raise VoucherCodeTaken(code)
    voucher = Voucher.objects.create(
        id=new_id(),
        code=code,
        kind=Voucher.Kind.FIXED if terms.amount else Voucher.Kind.PERCENT,
        percent_bp=terms.percent_bp or 0,
        amount_minor=terms.amount.minor if terms.amount else 0,
        most_minor=terms.most.minor if terms.most else None,
        spend_from_minor=terms.spend_from.minor,
        currency=terms.spend_from.currency,
        seller_id=terms.seller_id,
        market_bp=terms.borne_by_market_bp,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        uses_limit=terms.uses_limit,
    )
    record(VoucherMade(subject_id=voucher.id, code=code, seller_id=terms.seller_id), actor=actor)
    return voucher.id


def _check(code: str, terms: VoucherTerms) -> None:
    if not _CODE.fullmatch(code):
        raise VoucherTermsInvalid("code", "code_form")
    if (terms.percent_bp is None) == (terms.amount is None):
        raise VoucherTermsInvalid("amount", "either_percent_or_amount")
    if terms.percent_bp is not None and not 0 < terms.percent_bp <= 10_000:
        raise VoucherTermsInvalid("percent", "at_most_all")
    if not 0 <= terms.borne_by_market_bp <= 10_000:
        raise VoucherTermsInvalid("market_share", "at_most_all")
    _check_amount("amount", terms.amount, least=1)
    _check_amount("most", terms.most, least=1)
    _check_amount("spend_from", terms.spend_from, least=0)
    if terms.ends_at <= max(terms.starts_at, clock.now()):
        raise VoucherTermsInvalid("ends_at", "after_start")
    if terms.uses_limit is not None and terms.uses_limit < 1:
        raise VoucherTermsInvalid("uses_limit", "above_zero")


def _check_amount(field: str, amount: Money | None, *, least: int) -> None:
    if amount is None:
        return
    if amount.minor < least:
        raise VoucherTermsInvalid(field, "above_zero")
    if amount.minor % CURRENCIES[amount.currency].step_minor:
        raise VoucherTermsInvalid(field, "whole_rupiah")
