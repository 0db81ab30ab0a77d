"""What a bench shows: tables for people, JSON for machines."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from niaga.project.bench.documents import Found
from niaga.project.bench.load import Figure

CATEGORY_PAGES_A_SECOND = 600
STATEMENTS_A_PAGE = 8
STATEMENTS_PLACING = 25
TIMES_BARE_COST = 3
SHARE_OF_MINIMAL = 0.10
RENDERING_MS = 25
MEMORY_GROWTH = 0.10
type Target = tuple[str, str, str, bool]
"""What is measured, how much it is, how much is wanted, and whether that is reached."""

NOTE = (
    "The load client and pgbench run on the same machine and take their part of it. "
    "'Alone' is what web server and database could do with all {cores} cores to themselves: "
    "cores / their processor time for each."
)


def cores() -> int:
    """Return how many processor cores this process may use."""
    return os.process_cpu_count() or 1


def note() -> str:
    """Return what a reader of the tables must know."""
    return NOTE.format(cores=cores())


def machine() -> dict[str, Any]:
    """Return what a reader of the figures must know of the machine."""
    return {
        "cores": cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def as_json(figure: Figure) -> dict[str, Any]:
    """Return the figure with its rates."""
    return asdict(figure) | {"rate": figure.rate, "alone": figure.bound(cores())}


def figures_table(title: str, figures: Sequence[Figure]) -> Table:
    """Return a table of figures, a row each."""
    table = Table(title=title, title_justify="left", caption_justify="left")
    table.add_column("what")
    for name in ("buyers", "each second", "p50 ms", "p95 ms", "SQL", "server ms", "alone"):
        table.add_column(name, justify="right")
    for figure in figures:
        bound = figure.bound(cores())
        table.add_row(
            figure.what,
            str(figure.buyers),
            f"{figure.rate:,.1f}",
            f"{figure.p50_ms:.1f}",
            f"{figure.p95_ms:.1f}",
            "-" if figure.statements is None else f"{figure.statements:.1f}",
            "-" if figure.server_ms is None else f"{figure.server_ms:.2f}",
            "-" if bound is None else f"{bound:,.0f}",
        )
    return table


def targets_table(rows: Sequence[Target]) -> Table:
    """Return a table of targets, a row each."""
    table = Table("target", "measured", "wanted", "", title="Targets", title_justify="left")
    for what, measured, wanted, reached in rows:
        table.add_row(what, measured, wanted, "[green]reached[/]" if reached else "[red]missed[/]")
    return table


def target_json(target: Target) -> dict[str, Any]:
    """Return the target with names."""
    return dict(zip(("what", "measured", "wanted", "reached"), target, strict=True))


def page_targets(figures: Sequence[Figure]) -> list[Target]:
    """Return how the pages stand against what is wanted of them."""
    best = max((f for f in figures if f.what == "category page"), key=lambda f: f.rate)
    most = max(figures, key=lambda f: f.statements or 0)
    return [
        (
            "category pages each second",
            f"{best.rate:.0f}",
            f">= {CATEGORY_PAGES_A_SECOND}",
            best.rate >= CATEGORY_PAGES_A_SECOND,
        ),
        (
            f"SQL statements, at most ({most.what})",
            f"{most.statements:.1f}",
            f"<= {STATEMENTS_A_PAGE}",
            (most.statements or 0) <= STATEMENTS_A_PAGE,
        ),
    ]


def placing_targets(placing: Sequence[Figure], minimal: Sequence[Figure]) -> list[Target]:
    """Return how placing stands against what is wanted of it."""
    rows = []
    for ours, yardstick in zip(placing, minimal, strict=True):
        share = ours.rate / yardstick.rate
        rows.append(
            (
                f"placing / pgbench, {ours.buyers} at a time",
                f"{share:.1%}",
                f">= {SHARE_OF_MINIMAL:.0%}",
                share >= SHARE_OF_MINIMAL,
            )
        )
    statements = placing[0].statements or 0
    rows.append(
        (
            "SQL statements of placing",
            f"{statements:.1f}",
            f"<= {STATEMENTS_PLACING}",
            statements <= STATEMENTS_PLACING,
        )
    )
    return rows


def payment_targets(whole: Sequence[Figure], bare: Sequence[Mapping[str, float]]) -> list[Target]:
    """Return how payments by card stand against their bare cost, by the same measure of each."""
    rows = []
    for ours, cost in zip(whole, bare, strict=True):
        for share, ms in cost.items():
            times = getattr(ours, share) / ms
            rows.append(
                (
                    f"payment / bare cost, {share[:3]}, {ours.buyers} at a time",
                    f"{getattr(ours, share):.1f} / {ms:.1f} ms = {times:.1f}x",
                    f"<= {TIMES_BARE_COST}x",
                    times <= TIMES_BARE_COST,
                )
            )
    return rows


def document_targets(found: Found) -> list[Target]:
    """Return how documents stand: the rendering of one, and memory since the first were made."""
    first, last = min(found.rss_mib), max(found.rss_mib)
    growth = found.rss_mib[last] / found.rss_mib[first] - 1
    return [
        (
            "rendering a document",
            f"{found.render.ms:.1f} ms",
            f"<= {RENDERING_MS} ms",
            found.render.ms <= RENDERING_MS,
        ),
        (
            f"memory, {first:,} to {last:,} documents",
            f"{found.rss_mib[first]:.0f} to {found.rss_mib[last]:.0f} MiB = {growth:+.1%}",
            f"<= {MEMORY_GROWTH:+.0%}",
            growth <= MEMORY_GROWTH,
        ),
    ]
