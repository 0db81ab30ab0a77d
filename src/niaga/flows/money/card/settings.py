"""Where the parties of a card payment are, as this deployment names them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings


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


def card_settings() -> CardSettings | None:
    """Return the settings; None where no gateway is named: this market takes no cards."""
    if not settings.CARD_GATEWAY_URL:
        return None
    return _read(
        settings.SITE_URL,
        settings.CARD_MERCHANT_NAME,
        settings.CARD_GATEWAY_URL,
        settings.CARD_AUTHORITY_URL,
        settings.CARD_WALLET_ORIGIN,
        str(settings.CARD_ROOT),
        str(settings.CARD_WEB_AUTHORITY or ""),
        str(settings.CARD_KEYS),
    )


@lru_cache(maxsize=4)
def _read(*told: str) -> CardSettings:
    address, name, gateway, authority, wallet, root, web_authority, folder = told
    web = Path(web_authority) if web_authority else None
    return CardSettings(
        address, name, gateway, authority, wallet, Path(root), web, folder=Path(folder)
    )


def needed_settings() -> CardSettings:
    """Return the settings of a market that takes cards, which this one must be."""
    found = card_settings()
    assert found is not None, "nothing about cards runs where no gateway is named"
    return found
