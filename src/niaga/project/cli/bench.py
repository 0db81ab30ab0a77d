"""`niaga bench`: how fast is the market, served as the demo serves it?"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from niaga.project.cli.start import close_connections, console, progress_bars

group = typer.Typer(
    no_args_is_help=True,
    help="Measure the market's speed: a market of its own in a temporary folder, served over TLS "
    "by as many workers as the demo's. Nothing of your data is touched.",
)

Products = Annotated[int, typer.Option(min=1, help="How many products the market has.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="How long each measurement takes.")]
Buyers = Annotated[
    list[int], typer.Option(min=1, max=64, help="How many at a time; give it more than once.")
]
Json = Annotated[Path | None, typer.Option("--json", help="Write the figures there, too.")]


@group.command("pages")
def pages(
    products: Products = 10_000,
    seconds: Seconds = 6,
    buyers: Buyers = [1, 16],  # noqa: B006 - typer reads it once
    json_file: Json = None,
) -> None:
    """Measure category, product and search pages."""
    from niaga.project.bench import report
    from niaga.project.bench.pages import measure_pages
    from niaga.project.bench.shop import open_shop

    machine = report.machine()
    with open_shop(products=products, bars=progress_bars, say=console.print) as shop:
        figures = measure_pages(shop, buyers=buyers, seconds=seconds, say=_say)
    targets = report.page_targets(figures)
    console.print(report.figures_table(f"Pages of {products:,} products", figures))
    console.print(report.targets_table(targets))
    console.print(report.note(), style="dim")
    _write(
        json_file,
        {
            "machine": machine,
            "products": products,
            "pages": [report.as_json(figure) for figure in figures],
            "targets": [report.target_json(target) for target in targets],
        },
    )


@group.command("checkout")
def checkout(
    products: Products = 10_000,
    seconds: Seconds = 6,
    buyers: Buyers = [1, 16],  # noqa: B006 - typer reads it once
    json_file: Json = None,
) -> None:
    """Measure a guest's checkout, beside pgbench with a minimal transaction."""
    from niaga.project.bench import report
    from niaga.project.bench.checkout import measure_checkout
    from niaga.project.bench.shop import open_shop

    machine = report.machine()
    with open_shop(products=products, bars=progress_bars, say=console.print) as shop:
        found = measure_checkout(shop, buyers=buyers, seconds=seconds, say=_say)
    rows = [*found.whole, *found.placing, *found.minimal]
    targets = report.placing_targets(found.placing, found.minimal)
    console.print(report.figures_table(f"Checkout among {products:,} products", rows))
    console.print(report.targets_table(targets))
    console.print(f"{found.placed} purchases were placed; {found.stored} are in the database.")
    console.print(report.note(), style="dim")
    _write(
        json_file,
        {
            "machine": machine,
            "products": products,
            "checkout": [report.as_json(figure) for figure in found.whole],
            "placing": [report.as_json(figure) for figure in found.placing],
            "minimal": [report.as_json(figure) for figure in found.minimal],
            "ratios": {
                str(ours.buyers): ours.rate / yardstick.rate
                for ours, yardstick in zip(found.placing, found.minimal, strict=True)
            },
            "placed": found.placed,
            "stored": found.stored,
            "targets": [report.target_json(target) for target in targets],
        },
    )


@group.command("stock")
def stock(
    seconds: Seconds = 6,
    buyers: Buyers = [1, 16],  # noqa: B006 - typer reads it once
    json_file: Json = None,
) -> None:
    """Measure placing one hot product, from one row and from buckets, beside pgbench."""
    from niaga.project.bench import report
    from niaga.project.bench.hot_stock import IN_BUCKETS, measure_hot_stock
    from niaga.project.bench.shop import open_shop

    machine = report.machine()
    with open_shop(products=1, bars=progress_bars, say=console.print) as shop:
        found = measure_hot_stock(shop, buyers=buyers, seconds=seconds, say=_say)
    rows = [figure for way in found.placing for figure in [*found.placing[way], *found.limit[way]]]
    targets = report.placing_targets(found.placing[IN_BUCKETS], found.limit[IN_BUCKETS])
    console.print(report.figures_table("One product that everybody buys", rows))
    console.print(report.targets_table(targets))
    console.print(f"{found.sold} units were sold; {found.promised} are promised.")
    console.print(report.note(), style="dim")
    _write(
        json_file,
        {
            "machine": machine,
            "placing": {w: [report.as_json(f) for f in fs] for w, fs in found.placing.items()},
            "limit": {w: [report.as_json(f) for f in fs] for w, fs in found.limit.items()},
            "ratios": {
                way: {
                    str(ours.buyers): ours.rate / bound.rate
                    for ours, bound in zip(found.placing[way], found.limit[way], strict=True)
                }
                for way in found.placing
            },
            "sold": found.sold,
            "promised": found.promised,
            "targets": [report.target_json(target) for target in targets],
        },
    )


@group.command("money")
def money(
    lines: Annotated[
        int, typer.Option(min=1000, help="How many lines a statement and a payout run have.")
    ] = 1_000_000,
    seconds: Seconds = 6,
    json_file: Json = None,
) -> None:
    """Measure ledger appends, a payout run and a long statement, beside pgbench."""
    from niaga.project.bench import report
    from niaga.project.bench.shop import own_database

    machine = report.machine()
    with own_database():
        from niaga.project.bench.money import measure_money

        found = measure_money(lines, seconds=seconds, say=_say)
        close_connections()
    run = found.run
    console.print(report.figures_table(f"Books of {lines:,} lines", found.figures))
    console.print(
        f"Payout run over {run.parts:,} parts of orders to {run.payouts:,} sellers: "
        f"{run.seconds:.1f} s (pgbench: {run.limit_s:.1f} s); memory {run.rss_start_mib:.0f} MiB "
        f"before, {run.rss_peak_mib:.0f} MiB at most."
    )
    _write(
        json_file,
        {
            "machine": machine,
            "lines": lines,
            "figures": [report.as_json(figure) for figure in found.figures],
            "payout_run": asdict(run),
        },
    )


@group.command("payment")
def payment(
    payments: Annotated[
        int, typer.Option(min=1, max=500, help="How many are paid at each number of buyers.")
    ] = 96,
    buyers: Buyers = [1, 16],  # noqa: B006 - typer reads it once
    json_file: Json = None,
) -> None:
    """Measure card payments, beside the bare cost of their signatures and transactions."""
    from niaga.project.bench import report
    from niaga.project.bench.payment import PAYMENT_NOTE, bare_ms, measure_payment
    from niaga.project.bench.shop import open_shop

    machine = report.machine()
    with open_shop(products=1, bars=progress_bars, say=console.print, cards=True) as shop:
        found = measure_payment(shop, buyers=buyers, payments=payments, say=_say)
    bare = [
        {share: bare_ms(found, n, share) for share in ("p50_ms", "p95_ms")}
        for n in range(len(buyers))
    ]
    targets = report.payment_targets(found.whole, bare)
    rows = [*found.whole, found.cryptography, *found.transactions]
    console.print(report.figures_table("Payment by card", rows))
    console.print(report.targets_table(targets))
    console.print(f"{found.paid} payments were paid; {found.stored} are in the database.")
    console.print(f"{PAYMENT_NOTE} {report.note()}", style="dim")
    _write(
        json_file,
        {
            "machine": machine,
            "payment": [report.as_json(figure) for figure in found.whole],
            "cryptography": report.as_json(found.cryptography),
            "transactions": [report.as_json(figure) for figure in found.transactions],
            "bare": dict(zip(map(str, buyers), bare, strict=True)),
            "ratios": {
                str(whole.buyers): {share: getattr(whole, share) / ms for share, ms in cost.items()}
                for whole, cost in zip(found.whole, bare, strict=True)
            },
            "paid": found.paid,
            "stored": found.stored,
            "targets": [report.target_json(target) for target in targets],
        },
    )


@group.command("documents")
def documents(
    count: Annotated[int, typer.Option("--count", min=1, help="How many to make.")] = 10_000,
    json_file: Json = None,
) -> None:
    """Measure validating, issuing and printing documents, and the memory that many take."""
    from rich.table import Table

    from niaga.project.bench import report
    from niaga.project.bench.documents import measure_documents

    machine = report.machine()
    found = measure_documents(count, say=_say)
    table = Table(title="Documents, one after the other in one process", title_justify="left")
    table.add_column("what")
    for name in ("documents", "each second", "ms each"):
        table.add_column(name, justify="right")
    for step in found.steps:
        table.add_row(step.what, f"{step.documents:,}", f"{step.rate:,.0f}", f"{step.ms:.1f}")
    console.print(table)
    console.print(report.targets_table(targets := report.document_targets(found)))
    steps = {
        step.what: {"documents": step.documents, "rate": step.rate, "ms": step.ms}
        for step in found.steps
    }
    _write(
        json_file,
        {
            "machine": machine,
            "documents": steps,
            "rss_mib": found.rss_mib,
            "targets": [report.target_json(target) for target in targets],
        },
    )


def _say(words: str) -> None:
    console.print(f"Measuring: {words}", style="dim")


def _write(file: Path | None, figures: dict[str, Any]) -> None:
    if file:
        file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        console.print(f"The figures are in {file}.")
