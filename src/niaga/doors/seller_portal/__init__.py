"""The seller's door: register, list, stock, ship, answer, and see one's money."""
