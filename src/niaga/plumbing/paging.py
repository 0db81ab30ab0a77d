"""A page of rows: what every list at every door shows."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Count, Model, QuerySet

SIZE = 20


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Some rows of many; `by_state` counts them all by their state where the list has tabs."""

    rows: tuple[T, ...]
    total: int
    page: int
    pages: int
    by_state: dict[str, int] = field(default_factory=dict)


def paged[M: Model, T](
    rows: QuerySet[M], view: Callable[[M], T], *, page: int, size: int = SIZE
) -> Page[T]:
    """Return page number `page` (from 1; beyond the last means the last); two statements."""
    return _cut(rows, view, total=rows.count(), page=page, size=size, by_state={})


def paged_by_state[M: Model, T](
    rows: QuerySet[M],
    view: Callable[[M], T],
    *,
    state: str,
    page: int,
    size: int = SIZE,
    column: str = "state",
) -> Page[T]:
    """Return a page of the rows in `state` (empty: in any) and how many each has; two statements.

    A state that no row has shows nothing. `column` (or annotation) holds the state.
    """
    counted = rows.order_by().values(column).annotate(n=Count("pk", distinct=True))
    by_state = {row[column]: row["n"] for row in counted}
    if state:
        rows = rows.filter(**{column: state})
    total = by_state.get(state, 0) if state else sum(by_state.values())
    return _cut(rows, view, total=total, page=page, size=size, by_state=by_state)


def _cut[M: Model, T](
    rows: QuerySet[M],
    view: Callable[[M], T],
    *,
    total: int,
    page: int,
    size: int,
    by_state: dict[str, int],
) -> Page[T]:
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    shown = rows[(page - 1) * size : page * size]
    return Page(tuple(view(row) for row in shown), total, page, pages, by_state)
