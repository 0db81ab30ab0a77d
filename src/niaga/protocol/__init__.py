"""The dual-signature payment: messages, checks and proofs of three parties that trust none alone.

Pure functions over frozen values with an explicit clock; state belongs to the callers.
"""
