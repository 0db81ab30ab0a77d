"""The shelves of the market, and the number that tells when a list may look different.

Lists are the same for everyone, so each process keeps their results until that number changes
(docs/adr/0002-catalogue-cache.md).
"""

import functools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from niaga.flows.information.models import Attribute, Category

READ_EVERY_S = 1.0
KEEP_AT_MOST_S = 60.0
KEEP_RESULTS = 512

_lock = threading.Lock()
_seen: tuple[int, float] | None = None  # the version, and when it was read
_results: OrderedDict[Any, tuple[float, Any]] = OrderedDict()


def catalogue_version() -> int:
    """Return the number; it is read from the database at most once a second a process."""
    global _seen  # noqa: PLW0603 - one number a process is the point
    seen = _seen
    if seen is not None and time.monotonic() - seen[1] < READ_EVERY_S:
        return seen[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM information_catalogueversion")
        row = cursor.fetchone()
    version = row[0] if row else 0
    _seen = (version, time.monotonic())
    return version


def bump_catalogue_version() -> None:
    """Say that lists may look different from now on (one statement, in the caller's transaction).

    Do it last: until the transaction ends, others that bump wait for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO information_catalogueversion (id, version) VALUES (1, 1) "
            "ON CONFLICT (id) DO UPDATE SET version = information_catalogueversion.version + 1"
        )
    forget_catalogue()


def forget_catalogue() -> None:
    """Drop what this process keeps (tests call it between databases)."""
    global _seen  # noqa: PLW0603
    with _lock:
        _seen = None
        _results.clear()


def kept_by_version[**P, R](query: Callable[P, R]) -> Callable[P, R]:
    """Keep the query's results in this process while the catalogue's version stands.

    Arguments must be hashable. A result is kept for a minute at most, so that figures which do
    not bump the version (units sold) follow, and the least recently asked leave first.
    """

    @functools.wraps(query)
    def kept(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (query.__qualname__, args, tuple(sorted(kwargs.items())), catalogue_version())
        with _lock:
            found = _results.get(key)
            if found is not None and time.monotonic() - found[0] < KEEP_AT_MOST_S:
                _results.move_to_end(key)
                return found[1]  # type: ignore[no-any-return]
        result = query(*args, **kwargs)
        with _lock:
            _results[key] = (time.monotonic(), result)
            while len(_results) > KEEP_RESULTS:
                _results.popitem(last=False)
        return result

    return kept


@dataclass(frozen=True, slots=True)
class TypedAttribute:
    """A property that products of a shelf may state; `choices` are (code, label) pairs."""

    code: str
    name_id: str
    name_en: str
    kind: str
    unit: str
    choices: tuple[tuple[str, str, str], ...]

    def name(self, language: str) -> str:
        """Return its name in `language`."""
        return (self.name_en if language == "en" else self.name_id) or self.name_id

    def label(self, code: str, language: str) -> str:
        """Return the choice's words, or the code where the choice is unknown."""
        for choice, label_id, label_en in self.choices:
            if choice == code:
                return (label_en if language == "en" else label_id) or label_id
        return code


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category with the attributes it has and inherits."""

    id: UUID
    path: str
    name_id: str
    name_en: str
    picture: str
    attributes: tuple[TypedAttribute, ...]

    def name(self, language: str) -> str:
        """Return its name in `language`."""
        return (self.name_en if language == "en" else self.name_id) or self.name_id

    @property
    def parent_path(self) -> str:
        """The path of the shelf above; empty at the top."""
        return self.path.rpartition("/")[0]


def ancestry(path: str) -> tuple[str, ...]:
    """Return the paths from the top down to `path` itself."""
    parts = path.split("/")
    return tuple("/".join(parts[: n + 1]) for n in range(len(parts)))


def shelves() -> dict[str, Shelf]:
    """Return every shelf by path, in the order they are shown (two statements, kept)."""
    return _shelves()


@kept_by_version
def _shelves() -> dict[str, Shelf]:
    own: dict[str, list[TypedAttribute]] = {}
    for a in Attribute.objects.select_related("category").order_by("position", "code"):
        own.setdefault(a.category.path, []).append(
            TypedAttribute(
                a.code, a.name_id, a.name_en, a.kind, a.unit, tuple((*c,) for c in a.choices)
            )
        )
    rows = Category.objects.order_by("position", "path")
    return {
        c.path: Shelf(
            id=c.id,
            path=c.path,
            name_id=c.name_id,
            name_en=c.name_en,
            picture=c.picture.name or "",
            attributes=tuple(a for p in ancestry(c.path) for a in own.get(p, ())),
        )
        for c in rows
    }
