"""Every text has its Indonesian words."""

import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PO = ROOT / "src/niaga/project/locale/id/LC_MESSAGES/django.po"
KEYWORDS = ["gettext_lazy", "ngettext_lazy:1,2", "pgettext_lazy:1c,2"]


def missing(template: Catalog, translation: Catalog) -> list[str]:
    """Return the texts of `template` that `translation` leaves without words."""
    return [
        f"{' | '.join(message.locations[0][:1])}: {message.id!r}"
        for message in template
        if message.id and not _is_translated(translation.get(message.id, message.context))
    ]


def _is_translated(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    words = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(words) and all(words)


def test_missing_finds_what_is_absent_empty_or_fuzzy() -> None:
    template, translation = Catalog(), Catalog(locale="id")
    for text in ("Basket", "Buy", "Sell", "Pay"):
        template.add(text, locations=[("page.html", 1)])
    translation.add("Basket", "Keranjang")
    translation.add("Buy", "")
    translation.add("Sell", "Jual", flags=["fuzzy"])
    assert missing(template, translation) == [
        "page.html: 'Buy'",
        "page.html: 'Sell'",
        "page.html: 'Pay'",
    ]


def test_every_text_is_translated(tmp_path: Path) -> None:
    pot = tmp_path / "django.pot"
    options = [option for word in KEYWORDS for option in ("-k", word)]
    subprocess.run(
        [Path(sys.executable).with_name("pybabel"), "-q", "extract", "-F", "pyproject.toml",
         *options, "-o", pot, "src"],
        cwd=ROOT, check=True,
    )  # fmt: skip
    with pot.open("rb") as file:
        template = read_po(file)
    if PO.exists():
        with PO.open("rb") as file:
            translation = read_po(file, locale="id")
    else:
        translation = Catalog(locale="id")
    told = missing(template, translation)
    if told:
        pytest.fail(f"{len(told)} texts lack words:\n" + "\n".join(told), pytrace=False)
