"""A bounded search for attacks on the payment by an intruder who owns the network."""
