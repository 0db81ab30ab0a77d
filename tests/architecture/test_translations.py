"""Every text has its Indonesian words, and they are the right ones."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PO = ROOT / "src/niaga/project/locale/id/LC_MESSAGES/django.po"
WORDS = ROOT / "docs/words.md"
WALLET = ROOT / "src/niaga/wallet/page/js"
KEYWORDS = ["gettext_lazy", "ngettext_lazy:1,2", "pgettext_lazy:1c,2", "noop"]

PLACEHOLDER = re.compile(r"%\((\w+)\)[-+#0 ]*\d*\.?\d*[a-z]|%%|%[a-z]|\{\w*\}")
# Words that English needs and Indonesian does not have; a text that holds one was left as it was.
ENGLISH = re.compile(
    r"\b(the|and|or|of|for|with|without|your|you|we|our|this|that|these|is|are|was|were|be|has|have"
    r"|not|cannot|please|from|until|after|before|order|orders|seller|buyer|payment|shipping|delivery"
    r"|basket|purchase|review|refund|address|price|sold|paid|save|search|sign)\b",
    re.IGNORECASE,
)
# Good Indonesian for what is called email, file and kwitansi here: one thing has one name.
UNUSED = re.compile(r"\b(surel|berkas|kuitansi)", re.IGNORECASE)
# English has one word for several things here: "place an order", "delivery service".
SEVERAL_MEANINGS = {
    "answer", "cancel", "complete", "delivery", "hold", "offer", "order", "place", "publish",
    "receipt", "release", "review", "service", "shop", "statement",
}  # fmt: skip
# What says something else than its words do.
IDIOMS = re.compile(r"\bbest sellers?\b", re.IGNORECASE)


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


def pairs(translation: Catalog) -> Iterator[tuple[str, str]]:
    """Yield each text that has words (of a plural, the form for many) with these."""
    for message in translation:
        text, words = (
            found[-1] if isinstance(found, tuple | list) else found
            for found in (message.id, message.string)
        )
        if text and words:
            yield text, words


def placeholders_differ(text: str, words: str) -> bool:
    """Return whether the words lack, or invent, something that is filled in."""
    return _placeholders(text) != _placeholders(words)


def english_left(words: str) -> bool:
    """Return whether a word was left in English."""
    return bool(ENGLISH.search(PLACEHOLDER.sub("", words)))


def _placeholders(text: str) -> Counter[str]:
    return Counter(found[0] for found in PLACEHOLDER.finditer(text))


def glossary(table: str) -> Iterator[tuple[str, str]]:
    """Yield the terms of docs/words.md with their Indonesian; what stands in brackets is left out.

    A row may hold several terms, divided by commas, with as many words or with one for all.
    """
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 5 and cells[1] != "English" and not cells[1].startswith("---"):
            terms, words = cells[1].split(", "), cells[2].split(", ")
            if len(words) == 1:
                words *= len(terms)
            for term, word in zip(terms, words, strict=True):
                if "(" not in term:
                    yield term, re.sub(r" ?\(.*?\)", "", word)


def other_words(text: str, words: str, terms: dict[str, str]) -> list[str]:
    """Return the terms that `text` holds and `words` say with another word than the glossary's."""
    said = IDIOMS.sub("", PLACEHOLDER.sub("", text))
    return [
        term
        for term, word in terms.items()
        if re.search(rf"\b{term}s?\b", said, re.IGNORECASE) and word.lower() not in words.lower()
    ]


STRING = r'("(?:[^"\\]|\\.)*")'


def wallet_texts() -> set[str]:
    """Return the texts of the wallet's scripts: those given to t(), and a card form's problems."""
    found = set[str]()
    for script in WALLET.rglob("*.js"):
        for text in re.findall(rf"\bt\(\s*{STRING}|\bfound\.\w+ = {STRING}", script.read_text()):
            found |= {json.loads(part) for part in text if part}
    return found


def wallet_words() -> dict[str, str]:
    """Return the wallet's texts with their Indonesian words."""
    lines = (WALLET / "words_id.js").read_text()
    return {
        json.loads(text): json.loads(words)
        for text, words in re.findall(rf"{STRING}:\s+{STRING},", lines)
    }


@pytest.fixture(scope="module")
def said() -> list[tuple[str, str]]:
    """Every text that has Indonesian words, with these."""
    with PO.open("rb") as file:
        return [*pairs(read_po(file, locale="id")), *wallet_words().items()]


def test_the_wallet_speaks_indonesian() -> None:
    assert wallet_texts() == set(wallet_words())


@pytest.mark.parametrize(
    ("text", "words", "differ"),
    [
        ("%(n)s left", "Sisa %(n)s", False),
        ("%(n)s left", "Sisa", True),
        ("%(n)s left", "Sisa %(m)s", True),
        ("%(change)+d left", "Sisa %(change)d", True),
        ("Up to {price}", "Sampai {price}", False),
        ("Up to {price}", "Sampai {harga}", True),
        ("100%% of %(n)s", "100% dari %(n)s", True),
    ],
)
def test_placeholders_are_compared(text: str, words: str, differ: bool) -> None:  # noqa: FBT001
    assert placeholders_differ(text, words) is differ


def test_placeholders_agree(said: list[tuple[str, str]]) -> None:
    assert [pair for pair in said if placeholders_differ(*pair)] == []


def test_no_english_is_left(said: list[tuple[str, str]]) -> None:
    assert english_left("Bayar before besok")
    assert not english_left("Kolom account_number untuk %(seller)s")
    assert [words for _, words in said if english_left(words)] == []


def test_a_thing_has_one_name(said: list[tuple[str, str]]) -> None:
    assert UNUSED.search("Lewat surelnya")
    assert [words for _, words in said if UNUSED.search(words)] == []


def test_one_word_means_one_thing(said: list[tuple[str, str]]) -> None:
    terms = dict(glossary(WORDS.read_text()))
    assert other_words("Open the complaint", "Buka keluhan", terms) == ["complaint"]
    assert other_words("Open complaints", "Buka komplain", terms) == []
    for term in SEVERAL_MEANINGS:
        del terms[term]
    told = [
        f"{', '.join(broken)}: {text!r} -> {words!r}"
        for text, words in said
        if (broken := other_words(text, words, terms))
    ]
    if told:
        pytest.fail("Other words than docs/words.md:\n" + "\n".join(told), pytrace=False)
