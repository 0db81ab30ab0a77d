"""Each house rule lets a good example pass and finds a bad one."""

import ast
from pathlib import PurePath

import pytest

from tests.architecture import rules

SHORT = "def f():\n" + "    x = 1\n" * 59
LONG = "def f():\n" + "    x = 1\n" * 60


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (rules.long_functions, SHORT, LONG),
        (
            rules.save_overrides,
            "class Draft:\n    def save(self): ...",
            "class Order(models.Model):\n    def save(self): ...",
        ),
        (
            rules.signals,
            "import signal\nfrom django.db import models",
            "from django.db.models.signals import post_save",
        ),
        (
            rules.generic_keys,
            "from django.contrib.contenttypes.models import ContentType",
            "from django.contrib.contenttypes.fields import GenericForeignKey",
        ),
        (
            rules.table_writers,
            "csv.reader(file)\ncsv_line(cells)",
            "csv.writer(file).writerow(cells)",
        ),
        (rules.purpose, '"""Goods. Stock. Shipments."""', '"""One. Two. Three. Four."""'),
        (rules.purpose, '"""Goods."""', ""),
        (rules.purpose, '"""Goods."""', '"""Goods."""\nfrom niaga.flows.goods import models'),
    ],
)
def test_tree_rules(rule: rules.TreeRule, good: str, bad: str) -> None:
    assert list(rule(ast.parse(good))) == []
    assert len(list(rule(ast.parse(bad)))) == 1


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("stages/ordering/commands/place_order.py", "stages/ordering/services.py"),
        ("kernel/money.py", "kernel/utils/money.py"),
    ],
)
def test_forbidden_names(good: str, bad: str) -> None:
    assert list(rules.forbidden_names(PurePath(good))) == []
    assert len(list(rules.forbidden_names(PurePath(bad)))) == 1


def test_long_file() -> None:
    assert list(rules.long_file("x\n" * 500)) == []
    assert list(rules.long_file("x\n" * 501)) == ["501 lines"]


def test_open_work() -> None:
    assert list(rules.open_work("# the todos of a buyer")) == []
    assert list(rules.open_work(f"x = 1\n# {'TO'}DO: later")) == [f"line 2: # {'TO'}DO: later"]


@pytest.mark.parametrize(
    ("path", "code", "broken"),
    [
        ("flows/money/commands/refund.py", "@command\ndef refund(*, id): ...", 0),
        ("flows/money/commands/refund.py", "@command\ndef refund(id): ...", 1),
        ("flows/money/commands/refund.py", "def rounded(amount): ...", 0),
        ("flows/money/queries.py", "@command\ndef refund(*, id): ...", 1),
    ],
)
def test_commands(path: str, code: str, broken: int) -> None:
    assert len(list(rules.commands(PurePath(path), ast.parse(code)))) == broken


@pytest.mark.parametrize(
    ("source", "target", "broken"),
    [
        ("niaga.flows.goods", "niaga.parties", 0),
        ("niaga.flows.goods", "niaga.flows.goods", 0),
        ("niaga.flows.goods", "niaga.flows.money", 1),
        ("niaga.flows.money", "niaga.stages.ordering", 1),
        ("niaga.stages.aftersales", "niaga.stages.ordering", 0),
        ("niaga.stages.ordering", "niaga.stages.aftersales", 1),
        ("niaga.parties", "niaga.ledger", 0),
        ("niaga.ledger", "niaga.parties", 1),
    ],
)
def test_upward_keys(source: str, target: str, broken: int) -> None:
    assert len(list(rules.upward_keys([(source, target)]))) == broken
