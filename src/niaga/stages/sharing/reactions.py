"""Cards follow what was written, priced, stocked and decided."""

from niaga.plumbing.outbox import RecordedEvent
from niaga.stages.sharing import indexing


def index_product(event: RecordedEvent) -> None:
    """Rewrite the card of the event's subject, a product."""
    indexing.index_products([event.body.subject_id])


def index_company(event: RecordedEvent) -> None:
    """Rewrite the cards of the event's subject, a company."""
    indexing.index_company(event.body.subject_id)


def index_stock(event: RecordedEvent) -> None:
    """Bring the card of the event's subject, a SKU, in line with its stock."""
    indexing.index_stock([event.body.subject_id])
