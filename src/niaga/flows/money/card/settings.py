"""Where the parties of a card payment are, as this deployment names them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed


@dataclass(frozen=True, slots=True)
class CardSettings:
    """The parties and the files of a market that takes cards.

    Attributes:
        address: the market's own origin, which its certificates name.
        name: the market as buyers and their banks read it.
        gateway_url: where the market's gateway answers, under mutual TLS.
        authority_url: where the authority issues certificates and tells whom to trust.
        wallet_origin: the wallet that buyers are led to, and that alone may call from a page.
        root: the payment's root certificate (PEM), obtained out of band.
        web_authority: whom to trust for the authority's own HTTPS (PEM); None: the system's roots.
        folder: where the market keeps its keys.
    """

    address: str
    name: str
    gateway_url: str
    authority_url: str
    wallet_origin: str
    root: Path
    web_authority: Path | None
    folder: Path


@cache
def card_settings() -> CardSettings | None:
    """Return the settings; None where no gateway is named: this market takes no cards."""
    if not settings.CARD_GATEWAY_URL:
        return None
    authority = settings.CARD_WEB_AUTHORITY
    return CardSettings(
        address=settings.SITE_URL,
        name=settings.CARD_MERCHANT_NAME,
        gateway_url=settings.CARD_GATEWAY_URL,
        authority_url=settings.CARD_AUTHORITY_URL,
        wallet_origin=settings.CARD_WALLET_ORIGIN,
        root=Path(settings.CARD_ROOT),
        web_authority=Path(authority) if authority else None,
        folder=Path(settings.CARD_KEYS),
    )


def _forget(**_changed: Any) -> None:
    card_settings.cache_clear()


setting_changed.connect(_forget)


def needed_settings() -> CardSettings:
    """Return the settings of a market that takes cards, which this one must be."""
    found = card_settings()
    assert found is not None, "nothing about cards runs where no gateway is named"
    return found
