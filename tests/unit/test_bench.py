"""The bench: it runs in a small setting, and its figures are all there. No time is judged."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from niaga.project.bench.load import Figure, quantile, run_load
from niaga.project.bench.processor import Meter
from niaga.project.bench.report import page_targets, placing_targets

FIGURES = {"rate", "p50_ms", "p95_ms", "statements", "server_ms", "client_ms", "alone"}


SMALL = ("--products", "1", "--seconds", "0.3")


def bench(what: str, file: Path, small: tuple[str, ...] = SMALL) -> dict[str, Any]:
    """Run the bench as a person would, away from the tests' own database and data."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("NIAGA_") and name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    options = [*small, "--buyers", "1", "--buyers", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "niaga.project.cli.main", "bench", what, *options, "--json", file],
        check=False,
        capture_output=True,
        text=True,
        env=environment | {"COLUMNS": "160"},
        cwd=file.parent,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Targets" in done.stdout
    assert not (file.parent / ".niaga").exists()
    figures: dict[str, Any] = json.loads(file.read_text())
    return figures


@pytest.mark.slow
def test_pages_are_measured(tmp_path: Path) -> None:
    told = bench("pages", tmp_path / "pages.json")
    measured = [(page["what"], page["buyers"]) for page in told["pages"]]
    kinds = ("category page", "product page", "search page")
    assert measured == [(kind, buyers) for kind in kinds for buyers in (1, 2)]
    for page in told["pages"]:
        assert page.keys() >= FIGURES
        assert page["count"] > 0
        assert 0 < page["p50_ms"] <= page["p95_ms"]
        assert 0 < page["statements"] <= 8


@pytest.mark.slow
def test_a_hot_product_is_measured_from_one_row_and_from_buckets(tmp_path: Path) -> None:
    told = bench("stock", tmp_path / "stock.json", ("--seconds", "1"))
    for figures in (told["placing"], told["limit"]):
        assert figures.keys() == {"one row", "buckets"}
        for way in figures.values():
            assert [figure["buyers"] for figure in way] == [1, 2]
            assert all(figure["count"] > 0 and figure["rate"] > 0 for figure in way)
    assert told["ratios"].keys() == {"one row", "buckets"}
    assert told["sold"] == told["promised"] > 0


@pytest.mark.slow
def test_a_checkout_is_measured_beside_pgbench(tmp_path: Path) -> None:
    told = bench("checkout", tmp_path / "checkout.json")
    for part in ("checkout", "placing", "minimal"):
        assert [figure["buyers"] for figure in told[part]] == [1, 2]
        for figure in told[part]:
            assert figure.keys() >= FIGURES
            assert figure["count"] > 0
    assert told["ratios"].keys() == {"1", "2"}
    assert told["placed"] == told["stored"] > 0
    assert 0 < told["placing"][0]["statements"] <= 25


@pytest.mark.slow
def test_a_payment_is_measured_beside_its_bare_cost(tmp_path: Path) -> None:
    told = bench("payment", tmp_path / "payment.json", ("--payments", "4"))
    for part in ("payment", "transactions"):
        assert [(figure["buyers"], figure["count"]) for figure in told[part]] == [(1, 4), (2, 4)]
        assert all(figure.keys() >= FIGURES for figure in told[part])
    assert told["cryptography"]["p50_ms"] > 0
    for place, buyers in enumerate(("1", "2")):
        for share in ("p50_ms", "p95_ms"):
            whole, bare = told["payment"][place][share], told["bare"][buyers][share]
            assert bare > told["transactions"][place][share]
            assert told["ratios"][buyers][share] == pytest.approx(whole / bare)
    assert told["paid"] == told["stored"] == 8 + 4 + 2 * 4


def test_quantiles_are_values_that_were_measured() -> None:
    assert quantile([1.0], 0.5) == quantile([1.0], 0.95) == 1.0
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert quantile([float(n) for n in range(1, 101)], 0.95) == 95.0


def test_a_deed_that_fails_fails_the_bench() -> None:
    def fail() -> None:
        raise RuntimeError("no such page")

    with pytest.raises(RuntimeError, match="no such page"):
        run_load("a page", [fail], 5, Meter(), 0)


def test_every_buyer_takes_part_and_processor_time_is_seen() -> None:
    done = [0, 0]

    def deed(number: int) -> None:
        done[number] += 1
        end = time.process_time() + 0.002
        while time.process_time() < end:
            pass

    figure = run_load(
        "work", [lambda: deed(0), lambda: deed(1)], 0.2, Meter(os.getpid()), statements=3
    )
    assert all(done)
    assert figure.count == sum(done)
    assert figure.statements == 3
    assert figure.server_ms is None or figure.server_ms > 0
    assert figure.client_ms


def figure(what: str, rate: float, *, statements: float = 6, buyers: int = 1) -> Figure:
    return Figure(what, buyers, int(rate * 10), 10.0, 1.0, 2.0, statements, 4.0, 0.1)


def test_processor_time_bounds_the_rate() -> None:
    assert figure("page", 100).bound(cores=2) == 500


def test_targets_are_judged() -> None:
    good = page_targets([figure("category page", 600), figure("search page", 10, statements=8)])
    bad = page_targets([figure("category page", 599), figure("search page", 10, statements=8.1)])
    assert [target[-1] for target in good] == [True, True]
    assert [target[-1] for target in bad] == [False, False]
    yardstick = [figure("pgbench", 1000)]
    assert all(t[-1] for t in placing_targets([figure("placing", 100, statements=25)], yardstick))
    assert not any(t[-1] for t in placing_targets([figure("p", 99, statements=26)], yardstick))
