"""What was agreed and decided: sharing, ordering, after-sales."""
