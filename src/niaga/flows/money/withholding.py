"""The income tax (PPh 22) that a market withholds of what its sellers turn over. Pure.

PMK 37/2025: half a percent of the gross turnover as the invoice states it, without PPN.
"""

from django.conf import settings

from niaga.kernel.money import Money, share_down, share_half_up

NAME = "PPh 22 0,5%"
_NUMERATOR, _DENOMINATOR = 5, 1_000


def is_withheld(currency: str) -> bool:
    """Say whether this market withholds: the operator switched it on, and it is rupiah."""
    return bool(settings.MARKET_WITHHOLDS_PPH22) and currency == "IDR"


def turnover(paid: Money, *, taxed: bool) -> Money:
    """Return what is taxed of what a buyer paid: all of it, without the PPN inside."""
    return paid - tax_inside(paid) if taxed else paid


def income_tax(paid: Money, *, taxed: bool) -> Money:
    """Return the tax on what a buyer paid, rounded down to the settlement step."""
    return share_down(turnover(paid, taxed=taxed), _NUMERATOR, _DENOMINATOR)


def tax_inside(amount: Money) -> Money:
    """Return the PPN inside an amount: 11 % of its base, rounded half up."""
    return share_half_up(amount, 11, 111)
