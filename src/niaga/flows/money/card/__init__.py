"""How the market speaks as the merchant of a card payment: its keys, whom it trusts, what it says.

Everything here may wait for the network, so no command calls it; commands take what it found.
"""
