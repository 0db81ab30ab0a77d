"""What the wallet's page is made of: its words, its dress, its files and their limits."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from niaga.wallet.server import PAGE, Settings, files, security_headers, shop_tokens

SCRIPTS = sorted((PAGE / "js").rglob("*.js"))
_SAID = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')
_PROBLEM = re.compile(r'found\.\w+ = "((?:[^"\\]|\\.)*)"')
_TRANSLATED = re.compile(r'^  "((?:[^"\\]|\\.)*)": "((?:[^"\\]|\\.)*)",$', re.MULTILINE)
_PLACE = re.compile(r"\{\w+\}")


def _said() -> Iterator[str]:
    for script in SCRIPTS:
        text = script.read_text()
        yield from _SAID.findall(text)
        if script.name == "card.js":
            yield from _PROBLEM.findall(text)


def _indonesian() -> dict[str, str]:
    return dict(_TRANSLATED.findall((PAGE / "js/words_id.js").read_text()))


def test_every_word_is_said_in_indonesian_and_none_too_many() -> None:
    assert set(_indonesian()) == set(_said())


def test_translations_keep_the_places() -> None:
    for english, indonesian in _indonesian().items():
        assert sorted(_PLACE.findall(english)) == sorted(_PLACE.findall(indonesian)), english


def test_wears_the_shops_colours() -> None:
    tokens = set(re.findall(r"(--[\w-]+):", shop_tokens()))
    assert '[data-theme="dark"]' in shop_tokens()
    worn = set(re.findall(r"var\((--[\w-]+)", (PAGE / "wallet.css").read_text()))
    assert worn
    assert worn <= tokens


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_turns_text_into_markup_or_code(script: Path) -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    )
    assert not forbidden.search(script.read_text())


def test_every_module_is_fetched_at_once() -> None:
    """The browser need not read one module to learn of the next."""
    preloaded = re.findall(r'rel="modulepreload" href="([^"]*)"', (PAGE / "index.html").read_text())
    wanted = {path.relative_to(PAGE).as_posix() for path in SCRIPTS}
    assert set(preloaded) == wanted - {"js/app.js", "js/theme.js"}


def test_no_third_partys_script() -> None:
    page = (PAGE / "index.html").read_text()
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    for script in SCRIPTS:
        addresses += re.findall(r'from "([^"]*)"', script.read_text())
    assert addresses
    assert not [address for address in addresses if "//" in address]


def test_files_are_few_and_small() -> None:
    found = files(Settings("https://authority.example", ()))
    assert json.loads(found["/config.json"].body) == {
        "authority": "https://authority.example",
        "roots": [],
    }
    assert sum(len(file.zipped or file.body) for file in found.values()) < 120_000


def test_the_policy_names_only_its_own_origin_for_code() -> None:
    headers = dict(security_headers(Settings("https://authority.example", ())))
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["img-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in headers["content-security-policy"]
