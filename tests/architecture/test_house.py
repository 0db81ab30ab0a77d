"""The house keeps its rules."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from tests.architecture import rules

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/niaga"
TEXTS = {".py", ".html", ".css", ".js", ".txt", ".toml"}


def _files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in TEXTS and "migrations" not in path.parts and path.is_file():
                yield path


def _modules(*folders: Path) -> Iterator[Path]:
    return (path for path in _files(*folders) if path.suffix == ".py")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _told(path: Path, broken: Iterator[str]) -> list[str]:
    return [f"{path.relative_to(ROOT)}: {what}" for what in broken]


def _expect_none(broken: Iterable[str]) -> None:
    told = "\n".join(broken)
    if told:
        pytest.fail(told, pytrace=False)


TREE_RULES = [
    rules.long_functions,
    rules.save_overrides,
    rules.signals,
    rules.generic_keys,
]


@pytest.mark.parametrize("rule", TREE_RULES, ids=lambda rule: rule.__name__)
def test_every_module(rule: rules.TreeRule) -> None:
    _expect_none(
        line for path in _modules(SOURCE, ROOT / "tests") for line in _told(path, rule(_tree(path)))
    )


def test_names() -> None:
    paths = [path.relative_to(SOURCE) for path in _modules(SOURCE)]
    _expect_none(f"{path}: {what}" for path in paths for what in rules.forbidden_names(path))


def test_files_are_short_and_finished() -> None:
    broken = []
    for path in _files(SOURCE, ROOT / "tests"):
        text = path.read_text()
        broken += _told(path, rules.open_work(text))
        if path.suffix == ".py":
            broken += _told(path, rules.long_file(text))
    _expect_none(broken)


def test_commands_are_in_their_place() -> None:
    _expect_none(
        line for path in _modules(SOURCE) for line in _told(path, rules.commands(path, _tree(path)))
    )


def test_tables_are_written_in_one_place() -> None:
    written = {
        path.relative_to(SOURCE).as_posix(): list(rules.table_writers(_tree(path)))
        for path in _modules(SOURCE)
    }
    assert written.pop("plumbing/tables.py")
    _expect_none(f"{path}: {what}" for path, broken in written.items() for what in broken)


def test_every_room_tells_its_purpose() -> None:
    # Django looks for a room's models in `models` alone, so that folder's door lists them.
    rooms = [
        path
        for path in _modules(SOURCE)
        if path.name == "__init__.py" and path.parent.name != "models"
    ]
    assert rooms
    _expect_none(line for path in rooms for line in _told(path, rules.purpose(_tree(path))))


def test_foreign_keys_point_down() -> None:
    keys = [
        (source.__module__.partition(".models")[0], target.__module__.partition(".models")[0])
        for source in apps.get_models()
        for field in source._meta.get_fields()
        if field.concrete and isinstance(target := field.related_model, type)
        if source.__module__.startswith("niaga.") and target.__module__.startswith("niaga.")
    ]
    assert keys
    _expect_none(sorted(set(rules.upward_keys(keys))))


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    told = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=told)
    except SystemExit:
        pytest.fail(told.getvalue(), pytrace=False)
