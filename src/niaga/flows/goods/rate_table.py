"""What a carrier charges, as a table: zones with their provinces and prices."""

from collections.abc import Collection

from niaga.flows.goods.commands.keep_delivery import Zone
from niaga.kernel.money import Money
from niaga.plumbing.tables import Fault, TableRow, read_table, refuse_faults, whole_number

MOST_RUPIAH = 100_000_000
MOST_DAYS = 60
ELSEWHERE = "*"
COLUMNS = ("zone", "provinces", "first_kg", "extra_kg", "days_min", "days_max")


def read_rates(content: bytes, *, provinces: Collection[str]) -> tuple[Zone, ...]:
    """Return the zones of a rate table, in rupiah; `provinces` are those that there are.

    Columns: `zone`, `provinces` (several with `|` between, `*` for everywhere else), `first_kg`,
    `extra_kg`, `days_min`, `days_max`.

    Raises:
        TableUnreadable: it is no such table.
        RowsRefused: rules `required`, `unknown_province`, `twice` (a province in two zones, or
            two zones for everywhere else), `not_a_whole_number`, `days_go_backwards`.
    """
    known = {name.casefold(): name for name in provinces} | {ELSEWHERE: ELSEWHERE}
    faults: list[Fault] = []
    seen: set[str] = set()
    zones = [
        zone
        for row in read_table(content, needed=COLUMNS)
        if (zone := _zone(row, known, seen, faults))
    ]
    refuse_faults(faults)
    return tuple(zones)


def _zone(row: TableRow, known: dict[str, str], seen: set[str], faults: list[Fault]) -> Zone | None:
    cells, before = row.cells, len(faults)
    names = [name.strip() for name in cells["provinces"].split("|") if name.strip()]
    empty = (column for column in ("zone", "provinces") if not cells[column])
    faults.extend(Fault(row.line, column, "required") for column in empty)
    for name in names:
        there = known.get(name.casefold())
        if there is None or there in seen:
            rule = "twice" if there else "unknown_province"
            faults.append(Fault(row.line, "provinces", rule, name[:80]))
        else:
            seen.add(there)
    numbers: dict[str, int] = {}
    for column in COLUMNS[2:]:
        most = MOST_DAYS if column.startswith("days") else MOST_RUPIAH
        number = whole_number(cells[column], most=most)
        if number is None:
            faults.append(Fault(row.line, column, "not_a_whole_number", cells[column][:80]))
        else:
            numbers[column] = number
    if numbers.get("days_max", MOST_DAYS) < numbers.get("days_min", 0):
        faults.append(Fault(row.line, "days_max", "days_go_backwards", cells["days_max"]))
    if len(faults) > before:
        return None
    return Zone(
        cells["zone"][:60],
        tuple(known[name.casefold()] for name in names if name != ELSEWHERE),
        Money.of(numbers["first_kg"]),
        Money.of(numbers["extra_kg"]),
        numbers["days_min"],
        numbers["days_max"],
    )
