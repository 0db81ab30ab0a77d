"""What a refund does to everyone: to the buyer, the seller, and the market's two shares. Pure.

A page shows it before it happens with this same code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from niaga.flows.money.models import Escrow
from niaga.flows.money.states import EscrowState
from niaga.flows.money.withholding import income_tax
from niaga.kernel.money import Money, share_down


@dataclass(frozen=True, slots=True)
class EscrowPart:
    """A part of an order's money: what reached escrow, and what of it was given back.

    `gross` is paid by the buyer and, for `subsidy`, by the market. `withheld` is the seller's
    income tax that was kept for the state; `taxed`: what the buyer paid contains PPN.
    """

    about_id: UUID
    state: EscrowState
    gross: Money
    subsidy: Money
    commission: Money
    refunded: Money
    refunded_subsidy: Money
    refunded_commission: Money
    withheld: Money
    taxed: bool = False

    @property
    def paid(self) -> Money:
        """What the buyer paid."""
        return self.gross - self.subsidy

    @property
    def refunded_paid(self) -> Money:
        """What the buyer was given back."""
        return self.refunded - self.refunded_subsidy

    @property
    def refundable(self) -> Money:
        """What the buyer can be given back at most."""
        return self.paid - self.refunded_paid

    @property
    def net(self) -> Money:
        """What is, or was, the seller's."""
        return self.before_tax - self.withheld

    @property
    def before_tax(self) -> Money:
        """What is the seller's before its income tax is withheld."""
        return self.gross - self.refunded - self.commission + self.refunded_commission


@dataclass(frozen=True, slots=True)
class PartBack:
    """What of a part is given back: `paid` to the buyer, `subsidy` to the market.

    The market gives up `commission`, what was kept for the state `withheld`, the seller the rest;
    `debt`: the seller was paid already.
    """

    about_id: UUID
    paid: Money
    subsidy: Money
    commission: Money
    withheld: Money
    debt: bool

    @property
    def seller(self) -> Money:
        """What the seller loses."""
        return self.paid + self.subsidy - self.commission - self.withheld


@dataclass(frozen=True, slots=True)
class RefundEffect:
    """A refund as all sides feel it: buyer + subsidy = seller + commission + withheld."""

    parts: tuple[PartBack, ...]
    currency: str

    @property
    def paid(self) -> Money:
        """What the buyer gets."""
        return Money.total((part.paid for part in self.parts), self.currency)

    @property
    def subsidy(self) -> Money:
        """What comes back to the market of its voucher."""
        return Money.total((part.subsidy for part in self.parts), self.currency)

    @property
    def commission(self) -> Money:
        """What the market gives up of its commission."""
        return Money.total((part.commission for part in self.parts), self.currency)

    @property
    def withheld(self) -> Money:
        """What comes back of the income tax that was withheld."""
        return Money.total((part.withheld for part in self.parts), self.currency)

    @property
    def seller(self) -> Money:
        """What the seller loses."""
        return Money.total((part.seller for part in self.parts), self.currency)

    @property
    def debt(self) -> Money:
        """What of it the seller was paid already, and its next payout is lowered by."""
        return Money.total((p.seller for p in self.parts if p.debt), self.currency)


def escrow_part(row: Escrow) -> EscrowPart:
    """Return an escrow's row as amounts."""

    def amount(minor: int) -> Money:
        return Money(minor, row.currency)

    return EscrowPart(
        about_id=row.about_id,
        state=EscrowState(row.state),
        gross=amount(row.gross_minor),
        subsidy=amount(row.subsidy_minor),
        commission=amount(row.commission_minor),
        refunded=amount(row.refunded_minor),
        refunded_subsidy=amount(row.refunded_subsidy_minor),
        refunded_commission=amount(row.refunded_commission_minor),
        withheld=amount(row.withheld_minor),
        taxed=row.taxed,
    )


def refund_effect(
    parts: Sequence[EscrowPart], amounts: Mapping[UUID, Money], currency: str
) -> RefundEffect:
    """Return what giving `amounts` (part -> what the buyer gets, within refundable) back does.

    Subsidy and commission follow in proportion, rounded down along the sum of all refunds of the
    part, so that the last one takes the exact rest. Of the income tax withheld stays what is due
    on the turnover that is left.
    """
    return RefundEffect(
        tuple(_back(part, amounts[part.about_id]) for part in parts if part.about_id in amounts),
        currency,
    )


def spread_refund(parts: Sequence[EscrowPart], amount: Money) -> dict[UUID, Money]:
    """Share a refund over the parts by what is refundable of each (largest remainder)."""
    weights = [part.refundable.minor for part in parts]
    shares = amount.split(weights)
    return {part.about_id: share for part, share in zip(parts, shares, strict=True) if share}


def _back(part: EscrowPart, paid: Money) -> PartBack:
    so_far = part.refunded_paid + paid

    def due(whole: Money, given: Money) -> Money:
        if so_far == part.paid:
            return whole - given
        owed = share_down(whole, so_far.minor, part.paid.minor)
        return max(owed - given, Money.zero(whole.currency))

    subsidy = due(part.subsidy, part.refunded_subsidy)
    commission = due(part.commission, part.refunded_commission)
    commission = min(commission, paid + subsidy)
    due_still = income_tax(part.paid - so_far, taxed=part.taxed)
    withheld = part.withheld - min(part.withheld, due_still)
    return PartBack(
        part.about_id,
        paid,
        subsidy,
        commission,
        min(withheld, paid + subsidy - commission),
        debt=part.state == EscrowState.PAID_OUT,
    )
