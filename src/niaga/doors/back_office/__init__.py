"""The operator's door: what waits for a decision, and everything the market knows, to look at."""
