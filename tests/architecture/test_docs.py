"""What the docs show is what the code says."""

import re
from pathlib import Path

import pytest

from niaga.project import diagrams

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/README.md")])
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:src/niaga|docs|tests)/[\w./-]+)`")


def broken_links(page: Path) -> list[str]:
    """Return the links and source paths of `page` that lead nowhere."""
    text = page.read_text()
    linked = [target for target in LINK.findall(text) if not (page.parent / target).exists()]
    return linked + [path for path in PATH.findall(text) if not (ROOT / path).exists()]


def test_broken_links_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[here](page.md) [there](gone.md) [web](https://x.test) `src/niaga/gone.py`")
    assert broken_links(page) == ["gone.md", "src/niaga/gone.py"]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_state_diagrams_are_those_of_the_code() -> None:
    shown = (ROOT / "docs/states.md").read_text()
    assert shown == diagrams.page(), "run `make docs`"


def test_every_state_table_is_drawn() -> None:
    tables = {
        f"{module.parent.name}.{name}"
        for module in ROOT.glob("src/niaga/**/*states.py")
        for name in re.findall(r"^(\w+_TRANSITIONS) = ", module.read_text(), re.MULTILINE)
    }
    assert len(tables) == len(diagrams.STATES)
