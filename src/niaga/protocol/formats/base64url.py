"""base64url without padding (RFC 7515 appendix C), one spelling for each byte string."""

import binascii
import re

from niaga.protocol.errors import EncodingError

_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URL = _STANDARD[:-2] + b"-_"
_TO_URL = bytes.maketrans(b"+/", b"-_")
# What is not base64url becomes a sign that strict base64 refuses.
_TO_STANDARD = bytes(
    _STANDARD[_URL.index(byte)] if byte in _URL else ord("!") for byte in range(256)
)
# Bits of the last sign that lie beyond the last byte, by the length's remainder.
_BEYOND = {0: 0, 2: 0b1111, 3: 0b11}
# The same in one expression: what may follow whole groups of four signs, for three bytes each.
_CANONICAL = re.compile(
    "(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?"
)


def encode(content: bytes) -> str:
    """Return `content` in base64url without padding."""
    return binascii.b2a_base64(content, newline=False).translate(_TO_URL).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes `text` spells.

    Raises:
        EncodingError: padding, white space, a sign outside the alphabet, an impossible length, or
            bits set beyond the last byte (a second spelling of the same bytes).
    """
    rest = len(text) % 4
    if not text.isascii() or rest == 1:
        raise EncodingError("not base64url")
    standard = text.encode("ascii").translate(_TO_STANDARD)
    try:
        content = binascii.a2b_base64(standard + b"=" * (-rest % 4), strict_mode=True)
    except binascii.Error as error:
        raise EncodingError("not base64url") from error
    if text and _STANDARD.index(standard[-1]) & _BEYOND[rest]:
        raise EncodingError("not canonical base64url")
    return content


def is_canonical(text: str) -> bool:
    """Say whether `decode` would read `text`, without making its bytes."""
    return _CANONICAL.fullmatch(text) is not None


def decode_standard(text: str) -> bytes:
    """Return the bytes of padded base64 (as certificates in `x5c` have it), canonical only.

    Raises:
        EncodingError: another spelling of the same bytes, or no spelling at all.
    """
    try:
        content = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise EncodingError("not base64") from error
    if encode_standard(content) != text:
        raise EncodingError("not canonical base64")
    return content


def encode_standard(content: bytes) -> str:
    """Return `content` in padded base64."""
    return binascii.b2a_base64(content, newline=False).decode("ascii")
