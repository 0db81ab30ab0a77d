"""The pages of the seller portal, one subject a file."""
