"""A simulator of an issuer of cards, in a process of its own: no bank, and no part of one.

It speaks the gateway's line (ISO 8583), keeps accounts in a file, and misbehaves on demand.
"""
