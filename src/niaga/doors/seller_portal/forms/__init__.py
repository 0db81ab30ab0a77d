"""What sellers fill in, one subject a file."""
