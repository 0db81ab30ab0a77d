"""Serial shipping container codes (GS1): 18 digits that name one parcel for every scanner."""

from uuid import UUID

from biip.checksums import gs1_standard_check_digit
from django.conf import settings

from niaga.flows.goods.models import CompanyPrefix
from niaga.plumbing.numbering import next_number

SERIAL_AND_PREFIX = 16


def next_sscc(seller_id: UUID) -> str:
    """Return the next code of the seller's company prefix, or of the market's where it has none.

    Serials have no gap and no twin: they are given inside the transaction that ships. Two
    statements. Raises AssertionError once a prefix has used up its serials.
    """
    own = CompanyPrefix.objects.filter(pk=seller_id).values_list("prefix", flat=True).first()
    prefix = own or settings.GS1_PREFIX
    return make_sscc(prefix, next_number(f"sscc:{prefix}"))


def make_sscc(prefix: str, serial: int) -> str:
    """Return the code: extension digit 0, prefix, serial, check digit."""
    width = SERIAL_AND_PREFIX - len(prefix)
    assert serial < 10**width, f"the prefix {prefix} has no serial left"
    body = f"0{prefix}{serial:0{width}d}"
    return f"{body}{gs1_standard_check_digit(body)}"
