"""The house rules, each a function that returns what breaks it."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath

type TreeRule = Callable[[ast.Module], Iterator[str]]

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "services", "managers", "misc", "common"}
LONGEST_FUNCTION = 60
LONGEST_FILE = 500
SENTENCES_IN_PURPOSE = 3
OPEN_WORK = re.compile(r"\b(T[O]DO|F[I]XME)\b")

LEVELS = {
    "plumbing": 0, "ledger": 1, "parties": 2, "flows": 3, "stages": 4, "doors": 5, "project": 6,
}  # fmt: skip
STAGES = {"sharing": 0, "ordering": 1, "aftersales": 2}


def forbidden_names(path: PurePath) -> Iterator[str]:
    """A module says what it is about, not that it helps."""
    for part in path.with_suffix("").parts:
        if part in FORBIDDEN_NAMES:
            yield f"{part} says nothing"


def long_functions(tree: ast.Module) -> Iterator[str]:
    """A function fits on a screen."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"line {node.lineno}: {node.name} has {lines} lines"


def long_file(text: str) -> Iterator[str]:
    """A file is read in one go."""
    lines = len(text.splitlines())
    if lines > LONGEST_FILE:
        yield f"{lines} lines"


def save_overrides(tree: ast.Module) -> Iterator[str]:
    """What happens on saving is written in a command, where it is seen."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and _is_model(node):
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name in {"save", "delete"}:
                    yield f"line {item.lineno}: {node.name}.{item.name}"


def _is_model(node: ast.ClassDef) -> bool:
    return any("Model" in (name := ast.unparse(base)) or name.endswith("User") or "Abstract" in name
               for base in node.bases)  # fmt: skip


def signals(tree: ast.Module) -> Iterator[str]:
    """Cause and effect are joined in project/wiring.py, not behind a signal."""
    for name, line in _imported(tree):
        if name.startswith(("django.dispatch", "django.core.signals")) or ".signals" in name:
            yield f"line {line}: {name}"


def generic_keys(tree: ast.Module) -> Iterator[str]:
    """A reference is a foreign key or an opaque id, never `any table`."""
    for name, line in _imported(tree):
        if name.startswith("django.contrib.contenttypes.fields"):
            yield f"line {line}: {name}"


def table_writers(tree: ast.Module) -> Iterator[str]:
    """A table for people is written by `csv_line`, so that no text in it is run as a formula."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "csv.writer",
            "csv.DictWriter",
        }:
            yield f"line {node.lineno}: {ast.unparse(node.func)}"


def _imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def commands(path: PurePath, tree: ast.Module) -> Iterator[str]:
    """Commands live in `commands/`, one public one a file, and take keyword arguments only."""
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and _is_command(node)]
    for node in found:
        if path.parent.name != "commands":
            yield f"line {node.lineno}: {node.name} is not in a commands/ folder"
        if node.args.args or node.args.posonlyargs or node.args.vararg:
            yield f"line {node.lineno}: {node.name} takes positional arguments"


def _is_command(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator) in {"command", "command.command"}
               for decorator in node.decorator_list)  # fmt: skip


def purpose(tree: ast.Module) -> Iterator[str]:
    """A room's `__init__` tells its purpose in up to three sentences and re-exports nothing."""
    docstring = ast.get_docstring(tree)
    if not docstring:
        yield "has no purpose"
    elif len(re.findall(r"[.?!](?:\s|$)", docstring)) > SENTENCES_IN_PURPOSE:
        yield "tells more than three sentences"
    if any(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body):
        yield "re-exports"


def open_work(text: str) -> Iterator[str]:
    """What is left to do is an issue, not a comment."""
    for number, line in enumerate(text.splitlines(), 1):
        if OPEN_WORK.search(line):
            yield f"line {number}: {line.strip()}"


def upward_keys(keys: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Foreign keys point down the house: `(from, to)` are rooms such as `niaga.flows.goods`."""
    for source, target in keys:
        if source != target and not _is_below(target, source):
            yield f"{source} -> {target}"


def _is_below(lower: str, upper: str) -> bool:
    floor, upper_floor = _level(lower), _level(upper)
    if floor == upper_floor == LEVELS["stages"]:
        return STAGES[lower.split(".")[2]] < STAGES[upper.split(".")[2]]
    return floor < upper_floor


def _level(room: str) -> int:
    return LEVELS[room.split(".")[1]]
