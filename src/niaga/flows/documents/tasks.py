"""The kind of task that the flow of documents opens, and how soon it is due."""

from datetime import timedelta

DRAFT_TASK = "draft"
"""A document breaks a rule and was not issued; about a `Draft`."""
DUE_IN = timedelta(days=1)
