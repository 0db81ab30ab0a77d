"""The third stage: reviews by those who bought, and complaints that all three sides can see."""
