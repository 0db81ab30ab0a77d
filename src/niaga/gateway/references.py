"""Our identifiers as the protocol spells them: 128 bits in base64url."""

from uuid import UUID

from niaga.protocol.formats import base64url


def reference(identifier: UUID) -> str:
    """Return the identifier in 22 characters."""
    return base64url.encode(identifier.bytes)


def identifier(reference: str) -> UUID:
    """Return the identifier that 22 characters (checked by the schema) spell."""
    return UUID(bytes=base64url.decode(reference))
