"""What the gateway decides, one action a file, each in one transaction."""
