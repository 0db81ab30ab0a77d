"""Text as people type it, made fit to store and to compare."""

import unicodedata


def clean(text: str) -> str:
    """Return `text` without what a database or a page cannot hold (NUL, lone surrogates)."""
    return text.encode("utf-8", "ignore").decode().replace("\x00", "")


def fold(text: str) -> str:
    """Return `text` in lower case without accents."""
    parts = unicodedata.normalize("NFKD", clean(text))
    return "".join(c for c in parts if not unicodedata.combining(c)).lower()
