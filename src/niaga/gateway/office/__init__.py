"""The front for the bank's own people: what is held, taken and given back, never for what."""
