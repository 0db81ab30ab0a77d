"""What a document's tax-inclusive figures are before tax, to the last sen.

Niaga's prices include PPN, the standards speak of amounts before it. The tax of the whole is
known and rounded once; here it is taken out of the lines and of delivery, so that every sum
comes out exactly: lines + delivery = base, base + tax = what the buyer paid.
"""

from dataclasses import dataclass

from niaga.flows.documents.rendering.content import DocumentContent, Line, Totals
from niaga.kernel.money import Money

EFFECTIVE_PERCENT = 11  # PPN: 12 % on 11/12 of the base (PMK 131/2024)


class UnwritableError(ValueError):
    """The content has no sums, or sums that do not add up: no program could book it."""


@dataclass(frozen=True, slots=True)
class NetLine:
    """A line before tax: `gross` - `discount` = `net`; `taxed` says whether PPN is on it."""

    line: Line
    gross_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    taxed: bool


@dataclass(frozen=True, slots=True)
class NetDocument:
    """A document before tax. `taxable` says whether its seller charges PPN on anything in it."""

    totals: Totals
    lines: tuple[NetLine, ...]
    delivery_minor: int
    delivery_tax_minor: int
    taxable: bool

    @property
    def lines_minor(self) -> int:
        """The lines' sum."""
        return sum(line.net_minor for line in self.lines)

    @property
    def net_minor(self) -> int:
        """The whole before tax."""
        return self.lines_minor + self.delivery_minor

    @property
    def taxed_minor(self) -> int:
        """What PPN is charged on."""
        lines = sum(line.net_minor for line in self.lines if line.taxed)
        return lines + (self.delivery_minor if self.taxable else 0)

    def categories(self) -> tuple[tuple[str, int, int], ...]:
        """Each tax category in the document, with its base and its tax: S, E or O (UNCL 5305)."""
        if not self.taxable:
            return (("O", self.net_minor, 0),)
        taxed = ("S", self.taxed_minor, self.totals.tax_minor)
        if all(line.taxed for line in self.lines):
            return (taxed,)
        return (taxed, ("E", self.net_minor - self.taxed_minor, 0))


def net_of(content: DocumentContent) -> NetDocument:
    """Return the document's figures before tax.

    A line is taxed when its `tax_minor` is above zero; delivery is taxed with any of them.

    Raises:
        UnwritableError: an amount is missing, or the sums do not add up.
    """
    totals = content.totals
    if totals is None:
        raise UnwritableError("no sums")
    amounts = [_amount(line) for line in content.lines]
    if sum(amounts) + totals.delivery_minor != totals.grand_total_minor:
        raise UnwritableError("lines and delivery are not the total")
    taxed = [bool(line.tax_minor and totals.tax_minor) for line in content.lines]
    weights = [m if t else 0 for m, t in zip(amounts, taxed, strict=True)]
    weights.append(totals.delivery_minor if any(taxed) else 0)
    if totals.tax_minor and not sum(weights):
        raise UnwritableError("tax, and nothing that is taxed")
    *taxes, delivery_tax = (
        part.minor for part in Money(totals.tax_minor, totals.currency).split(weights)
    )
    return NetDocument(
        totals,
        tuple(map(_net_line, content.lines, taxes, taxed)),
        totals.delivery_minor - delivery_tax,
        delivery_tax,
        totals.tax_minor > 0,
    )


def _amount(line: Line) -> int:
    if line.unit_price_minor is None or line.total_minor is None:
        raise UnwritableError(f"{line.description}: no price")
    if line.unit_price_minor * line.quantity - (line.discount_minor or 0) != line.total_minor:
        raise UnwritableError(f"{line.description}: price, discount and total do not add up")
    return line.total_minor


def _net_line(line: Line, tax_minor: int, taxed: bool) -> NetLine:  # noqa: FBT001 - mapped over
    total_minor, discount_minor = line.total_minor or 0, line.discount_minor or 0
    net = total_minor - tax_minor
    # The discount was of a tax-inclusive price; its tax goes as the line's does.
    discount = discount_minor
    if taxed:
        discount = (discount_minor * 100 * 2 + 111) // (2 * 111)
    return NetLine(line, net + discount, discount, net, tax_minor, taxed)
