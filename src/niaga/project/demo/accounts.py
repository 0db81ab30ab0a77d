"""Who can sign in to the demo market."""

PASSWORD = "niaga-demo-2026"  # noqa: S105 - the demo's, printed at its start

BUYER = "pembeli@niaga.localhost"
OPERATOR = "operator@niaga.localhost"

LOGINS: list[tuple[str, str, str]] = [
    ("Buyer", BUYER, PASSWORD),
    ("Seller", "kopi@niaga.localhost", PASSWORD),
    ("Seller", "batik@niaga.localhost", PASSWORD),
    ("Operator", OPERATOR, PASSWORD),
]
