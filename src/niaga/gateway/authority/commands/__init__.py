"""What the authority decides, one action a file."""
