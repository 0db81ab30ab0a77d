"""The front that merchants speak with: signed messages over mutual TLS."""
