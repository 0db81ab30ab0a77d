"""Buyers, sellers (registered companies), their members, and the market's operators."""
