"""Lines by the million, made by SQL: their keys are spread over the year before yesterday."""

from uuid import UUID

from django.db import connection, transaction

from niaga.kernel.ids import new_id
from niaga.ledger.posting import AccountKey, ensure_accounts

SELLERS = 1_000
PARTS_OF_AN_ORDER = 2

# The UUIDv7 of the n-th of so many instants, the same each time for a kind of row.
_KEY = """(lpad(to_hex((extract(epoch FROM now() - interval '367 days') * 1000
    + 31536000000 / %(count)s * n)::bigint), 12, '0') || '7' || substr(md5(n || '{kind}'), 1, 3)
    || '8' || substr(md5(n || '{kind}'), 4, 15))::uuid"""
_ENTRIES = """
    INSERT INTO ledger_journalentry (id, kind, cause_id, posted_at)
    SELECT id, 'bench', gen_random_uuid(),
           to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
      FROM (SELECT {entry} AS id FROM generate_series(1, %(count)s) n) keys
"""
_STATEMENT = """
    INSERT INTO ledger_transfer (id, entry_id, debit_id, credit_id, amount_minor, currency)
    SELECT {line}, {entry}, CASE WHEN n %% 3 = 0 THEN %(mine)s ELSE %(other)s END::uuid,
           CASE WHEN n %% 3 = 0 THEN %(other)s ELSE %(mine)s END::uuid, 100 * (1 + n %% 1000), 'IDR'
      FROM generate_series(1, %(count)s) n
"""
_RELEASED = """
    INSERT INTO ledger_transfer (id, entry_id, debit_id, credit_id, amount_minor, currency)
    SELECT {line}, {entry}, %(bank)s, (%(owed)s::uuid[])[1 + n %% %(many)s], 97500, 'IDR'
      FROM generate_series(1, %(count)s) n
"""
# The parts of an order lie a thousand apart, with the same seller.
_PARTS = """
    INSERT INTO money_escrow (id, cause_id, about_id, seller_id, gross_minor, subsidy_minor,
           commission_minor, refunded_minor, refunded_subsidy_minor, refunded_commission_minor,
           currency, state, held_at, released_at)
    SELECT {line}, md5((n / %(of_an_order)s) || '-' || (n %% %(many)s))::uuid, gen_random_uuid(),
           (%(sellers)s::uuid[])[1 + n %% %(many)s], 100000, 0, 2500, 0, 0, 0,
           'IDR', 'releasable', now(), now()
      FROM generate_series(1, %(count)s) n
"""


def fill_statement(key: AccountKey, lines: int) -> UUID:
    """Give the account so many lines, two up and one down; return its id."""
    bank = AccountKey("bank")
    with transaction.atomic():
        accounts = ensure_accounts({(key, "IDR"), (bank, "IDR")})
        mine, other = accounts[key, "IDR"], accounts[bank, "IDR"]
        _run(_ENTRIES, "statement", count=lines)
        _run(_STATEMENT, "statement", count=lines, mine=mine, other=other)
    _analyse()
    return mine


def fill_escrow(parts: int) -> None:
    """Let so many parts of orders be released, of a thousand sellers."""
    sellers = [new_id() for _ in range(SELLERS)]
    bank = AccountKey("bank")
    with transaction.atomic():
        _fill_companies(sellers)
        owed = [AccountKey("seller_payable", seller_id) for seller_id in sellers]
        accounts = ensure_accounts({(key, "IDR") for key in (bank, *owed)})
        accounts_owed = [accounts[key, "IDR"] for key in owed]
        _run(_ENTRIES, "released", count=parts)
        _run(
            _RELEASED, "released",
            count=parts, bank=accounts[bank, "IDR"], owed=accounts_owed, many=SELLERS,
        )  # fmt: skip
        _run(
            _PARTS, "part",
            count=parts, sellers=sellers, many=SELLERS, of_an_order=PARTS_OF_AN_ORDER * SELLERS,
        )  # fmt: skip
    _analyse()


def _run(template: str, kind: str, **given: object) -> None:
    keys = {name: _KEY.format(kind=f"{kind}-{name}") for name in ("entry", "line")}
    with connection.cursor() as cursor:
        cursor.execute(template.format(**keys), given)  # type: ignore[arg-type]


def _fill_companies(sellers: list[UUID]) -> None:
    from niaga.parties.models import Company

    Company.objects.bulk_create(
        Company(
            id=seller_id,
            slug=f"bench-{number}",
            name=f"Toko {number}",
            legal_name=f"PT Toko {number}",
            nib=f"{number:013d}",
            npwp=f"{number:016d}",
            email="toko@contoh.id",
            bank_name="BCA",
            bank_account=f"{number:010d}",
            bank_holder=f"PT Toko {number}",
        )
        for number, seller_id in enumerate(sellers)
    )


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
