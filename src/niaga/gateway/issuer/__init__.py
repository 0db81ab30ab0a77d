"""How the gateway speaks with the issuers of cards: ISO 8583 over mutual TLS."""
