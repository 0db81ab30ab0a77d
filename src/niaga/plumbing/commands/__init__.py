"""What may be done in this room, one action a file."""
