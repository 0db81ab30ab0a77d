"""What must agree inside the flow of documents."""

from niaga.plumbing.audit import Check

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
)
