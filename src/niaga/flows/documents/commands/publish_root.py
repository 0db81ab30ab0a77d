"""The day's root: one published hash that fixes every seller's chain."""

from datetime import date, timedelta

from niaga.flows.documents.chain import root_of
from niaga.flows.documents.models import DailyRoot, Seal
from niaga.kernel import clock
from niaga.plumbing.command import command
from niaga.plumbing.days import midnight


@command
def publish_root(*, day: date) -> str | None:
    """Publish the root over the heads of all chains at the end of `day` (Jakarta), once.

    Return it; None where nothing was sealed until then, or a later day is published already.
    """
    known = DailyRoot.objects.filter(pk=day).first()
    if known:
        return known.root
    if DailyRoot.objects.filter(day__gt=day).exists():
        return None
    end = midnight(day + timedelta(days=1))
    heads = [
        [str(seller_id), position, hash_]
        for seller_id, position, hash_ in Seal.objects.filter(sealed_at__lt=end)
        .order_by("seller_id", "-position")
        .distinct("seller_id")
        .values_list("seller_id", "position", "hash")
    ]
    if not heads:
        return None
    before = DailyRoot.objects.order_by("-day").values_list("root", flat=True).first() or ""
    root = root_of(day=day.isoformat(), heads=heads, previous_root=before)
    DailyRoot.objects.create(
        day=day, heads=heads, previous_root=before, root=root, published_at=clock.now()
    )
    return root
