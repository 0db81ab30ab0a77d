"""What is done to the ledger by itself; money is moved by `posting` and `holds`."""
