"""QRIS, Indonesia's standard of EMVCo merchant-presented codes: tag, length, value, and a CRC.

A dynamic code holds one amount. Who is paid stands in it, and an opaque reference; nothing of
what is bought.
"""

import binascii
from decimal import Decimal

from niaga.kernel.money import Money

# Names in the demo's network; an acquirer has numbers of its own from the national switch.
NETWORK, PAN, NMID = "ID.CO.NIAGA.WWW", "936099990000000001", "ID1099990000001"
NATIONAL = "ID.CO.QRIS.WWW"
MARKETPLACE = "5262"
"""Merchant category (ISO 18245) of online marketplaces: the same whatever is bought."""
NUMERIC = {"IDR": "360"}
_NAME, _CITY, _REFERENCE = 25, 15, 25


def dynamic_code(*, merchant: str, amount: Money, reference: str) -> str:
    """Return the text of a code that is paid once; `reference` has 25 characters at most.

    Raises:
        KeyError: a currency that QRIS does not know.
    """
    assert len(reference) <= _REFERENCE
    body = "".join(
        (
            _field("00", "01"),
            _field("01", "12"),
            _field("26", _field("00", NETWORK) + _field("01", PAN) + _field("03", "UME")),
            _field("51", _field("00", NATIONAL) + _field("02", NMID) + _field("03", "UME")),
            _field("52", MARKETPLACE),
            _field("53", NUMERIC[amount.currency]),
            _field("54", _plain(amount.major)),
            _field("58", "ID"),
            _field("59", _ascii(merchant)[:_NAME]),
            _field("60", "JAKARTA"[:_CITY]),
            _field("62", _field("05", reference)),
            "6304",
        )
    )
    return f"{body}{checksum(body):04X}"


def checksum(text: str) -> int:
    """Return CRC-16/CCITT with the initial value FFFF, as EMVCo orders it."""
    return binascii.crc_hqx(text.encode("ascii"), 0xFFFF)


def _field(tag: str, value: str) -> str:
    assert 0 < len(value) < 100, "a length has two digits"
    return f"{tag}{len(value):02d}{value}"


def _plain(major: Decimal) -> str:
    """Return an amount without decimals where it has none: nobody pays sen."""
    return f"{major:.0f}" if major == major.to_integral_value() else f"{major:.2f}"


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode().upper()
