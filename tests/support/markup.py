"""What is wrong with a page's markup, as far as a parser can tell without a browser."""

from collections import Counter
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr"}  # fmt: skip
PHRASING = {"span", "p", "strong", "small", "em", "label", "button"}
BLOCKS = {"h1", "h2", "h3", "h4", "div", "p", "ul", "ol", "table", "section", "form"}


class _Page(HTMLParser):
    """Reads a page; collects its faults."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.labels: set[str] = set()
        self.faults: list[str] = []
        self._control: str | None = None  # the link or button we are in, while it has no name

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in an element."""
        given = dict(attrs)
        if name := given.get("id"):
            self.ids[name] += 1
        if target := given.get("for"):
            self.labels.add(target)
        parent = self.open[-1] if self.open else ""
        if tag in BLOCKS and parent in PHRASING:
            self.faults.append(f"<{tag}> inside <{parent}>")
        if tag == "a" and "aria-pressed" in given:
            self.faults.append("a link that is pressed")
        if tag == "img" and "alt" not in given:
            self.faults.append(f"a picture without words: {given.get('src')}")
        if tag in {"a", "button"} and given.get("aria-hidden") != "true":
            self._control = None if given.get("aria-label") else f"{tag} {given}"
        if given.get("alt"):
            self._control = None
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in an element that has no inside (in an icon)."""

    def handle_data(self, data: str) -> None:
        """Take in words: they name the link or button that they are in."""
        if data.strip():
            self._control = None

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag in {"a", "button"} and self._control:
            self.faults.append(f"no name: {self._control}")
            self._control = None
        if self.open and tag in self.open:
            while self.open.pop() != tag:
                pass


def faults(page: str) -> list[str]:
    """Return what is wrong: twice the same id, labels of nothing, blocks in phrases, no names."""
    reader = _Page()
    reader.feed(page)
    twice = [f"id {name} twice" for name, n in reader.ids.items() if n > 1]
    lost = [f"label for {name}, which is not there" for name in reader.labels - set(reader.ids)]
    return [*reader.faults, *twice, *lost]
