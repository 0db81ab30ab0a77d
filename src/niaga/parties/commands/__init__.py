"""What may be done to people and companies, one action a file."""
