"""The shop's forms, one file a subject."""
