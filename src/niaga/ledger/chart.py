"""The chart of accounts: each kind, its normal side, and what its balance means."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class AccountKind:
    """A row of the chart. `normal` is the side on which the balance grows."""

    name: str
    normal: Literal["debit", "credit"]
    category: Literal["assets", "liabilities", "income", "expenses"]


_chart: dict[str, AccountKind] = {}

CHART: Mapping[str, AccountKind] = MappingProxyType(_chart)
"""The chart of this deployable, in the order it was registered."""


def register_chart(*kinds: AccountKind) -> None:
    """Set the chart (the app config of each deployable calls this once at start)."""
    _chart.clear()
    _chart.update({kind.name: kind for kind in kinds})
