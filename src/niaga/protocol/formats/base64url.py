"""base64url without padding (RFC 7515 appendix C), one spelling for each byte string."""

import base64
import re

from niaga.protocol.errors import EncodingError

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*\Z")


def encode(content: bytes) -> str:
    """Return `content` in base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes `text` spells.

    Raises:
        EncodingError: padding, white space, a sign outside the alphabet, an impossible length, or
            bits set beyond the last byte (a second spelling of the same bytes).
    """
    if not _ALPHABET.match(text) or len(text) % 4 == 1:
        raise EncodingError("not base64url")
    content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(content) != text:
        raise EncodingError("not canonical base64url")
    return content


def decode_standard(text: str) -> bytes:
    """Return the bytes of padded base64 (as certificates in `x5c` have it), canonical only.

    Raises:
        EncodingError: another spelling of the same bytes, or no spelling at all.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise EncodingError("not base64") from error
    if encode_standard(content) != text:
        raise EncodingError("not canonical base64")
    return content


def encode_standard(content: bytes) -> str:
    """Return `content` in padded base64."""
    return base64.b64encode(content).decode("ascii")
