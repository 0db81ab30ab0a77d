"""What must agree inside the flow of documents."""

from collections.abc import Iterator

from niaga.flows.documents.chain import root_of
from niaga.flows.documents.models import DailyRoot, Seal
from niaga.flows.documents.verifying import altered_parts
from niaga.plumbing.audit import Check, Walk

_AT_ONCE = 200


def _altered() -> Iterator[tuple[str, dict[str, str]]]:
    """Hash every sealed document again, few in memory at a time."""
    seals = Seal.objects.select_related("document").order_by("seller_id", "position")
    for seal in seals.iterator(chunk_size=_AT_ONCE):
        if parts := altered_parts(seal.document, seal):
            yield f"{seal.document.kind} {seal.document.number}", {"altered": " ".join(parts)}


def _false_roots() -> Iterator[tuple[str, dict[str, str]]]:
    """Hash every daily root again, each after the one before."""
    before = ""
    for row in DailyRoot.objects.order_by("day").iterator(chunk_size=_AT_ONCE):
        day = row.day.isoformat()
        root = root_of(day=day, heads=row.heads, previous_root=before)
        if root != row.root:
            yield day, {"published": row.root, "comes_to": root}
        before = row.root


CHECKS = (
    Check(
        "document numbers have no gap",
        """
        SELECT kind || ' ' || year || ' of seller ' || seller_id,
               COUNT(*) AS documents, MAX(serial) AS last_number
          FROM documents_document GROUP BY seller_id, kind, year
        HAVING COUNT(*) <> MAX(serial) OR MIN(serial) <> 1
        """,
    ),
    Walk("a document is what was sealed", _altered),
    Check(
        "each seal follows the one before it",
        """
        SELECT 'seal ' || position || ' of seller ' || seller_id,
               previous_hash AS follows, before_hash AS before, before_position AS after_position
          FROM (SELECT seller_id, position, previous_hash,
                       COALESCE(LAG(hash) OVER chain, '') AS before_hash,
                       COALESCE(LAG(position) OVER chain, 0) AS before_position
                  FROM documents_seal
                WINDOW chain AS (PARTITION BY seller_id ORDER BY position)) AS seals
         WHERE previous_hash <> before_hash OR position <> before_position + 1
        """,
    ),
    Walk("a daily root is the hash of its heads", _false_roots),
    Check(
        "published heads are in their chains",
        """
        SELECT root.day || ' of seller ' || (head->>0),
               head->>2 AS published, COALESCE(seal.hash, '') AS sealed
          FROM documents_dailyroot root
         CROSS JOIN jsonb_array_elements(root.heads) AS head
          LEFT JOIN documents_seal seal
                 ON seal.seller_id = (head->>0)::uuid AND seal.position = (head->>1)::int
         WHERE seal.hash IS DISTINCT FROM head->>2
        """,
    ),
)
