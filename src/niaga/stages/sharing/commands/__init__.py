"""What sellers and buyers do before an order, one action a file."""
