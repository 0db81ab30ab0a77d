"""Issued documents, to look at."""

from niaga.flows.documents.models import Document
from niaga.plumbing.admin import show

show(
    Document, "number", "kind", "seller_id", "total_minor", "issued_at", "rendered_at",
    search=["number", "cause_id"], filters=["kind", "year"], when="issued_at",
)  # fmt: skip
