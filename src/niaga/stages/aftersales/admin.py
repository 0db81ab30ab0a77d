"""Reviews and complaints, to look at."""

from niaga.plumbing.admin import show
from niaga.stages.aftersales.models import Complaint, ComplaintMessage, Return, Review

show(
    Review, "stars", "title", "author", "product", "seller", "written_at",
    search=["title", "body", "author"], filters=["stars"], joins=["product", "seller"],
    when="written_at",
)  # fmt: skip
show(
    Complaint, "reason", "line", "seller", "state", "opened_at",
    search=["line__order__reference"], filters=["state", "reason"], joins=["line", "seller"],
    when="opened_at",
)  # fmt: skip
show(
    ComplaintMessage, "complaint", "role", "author", "body", "written_at",
    search=["body"], filters=["role"], joins=["complaint"], when="written_at",
)  # fmt: skip
show(
    Return, "line", "quantity", "state", "agreed_at", "ended_at",
    search=["line__order__reference"], filters=["state"], joins=["line"], when="agreed_at",
)  # fmt: skip
