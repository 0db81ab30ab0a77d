"""Issued documents, to look at."""

from niaga.flows.documents.models import (
    Bundle,
    DailyRoot,
    Document,
    DocumentStyle,
    Draft,
    Logo,
    Seal,
)
from niaga.plumbing.admin import show

show(
    Document, "number", "kind", "seller_id", "total_minor", "issued_at", "rendered_at",
    search=["number", "cause_id"], filters=["kind", "year"], when="issued_at",
)  # fmt: skip
show(
    Draft, "kind", "seller_id", "drafted_at", "rule",
    filters=["kind", "rule"], when="drafted_at",
)  # fmt: skip
show(Seal, "document", "position", "sealed_at", "hash", search=["hash", "pdf_sha256"])
show(DailyRoot, "day", "root", "published_at")
show(DocumentStyle, "seller_id", "accent", "language", "has_certificate")
show(Logo, "sha256")
show(Bundle, "owner", "asked_at", "done", "path", when="asked_at")
