"""Licence keys wait in a pool, are kept for an order, and handed to its buyer exactly once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import F, Q

from niaga.flows.goods.allocation import StockWish
from niaga.flows.goods.commands.reserve_stock import StockExhausted
from niaga.flows.goods.events import StockRanLow
from niaga.flows.goods.models import KeyPool, LicenceKey
from niaga.flows.goods.states import KeyState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.sealing import mark, seal

LONGEST_KEY = 200


@dataclass(eq=False)
class KeyTooLong(Refusal):
    """A key has more signs than a key may have; `line` is its place in the list, from 1."""

    code: ClassVar[str] = "key_too_long"
    line: int
    most: int


@command
def add_keys(*, seller_id: UUID, sku_id: UUID, texts: Iterable[str]) -> int:
    """Put keys into the pool of a SKU, making the pool; return how many are new.

    Empty lines, and keys that are or were in the pool, count for nothing.

    Raises:
        KeyTooLong: one of them is longer than LONGEST_KEY; none is added.
    """
    lines = [text.strip() for text in texts]
    for number, text in enumerate(lines, start=1):
        if len(text) > LONGEST_KEY:
            raise KeyTooLong(number, LONGEST_KEY)
    KeyPool.objects.bulk_create(
        [KeyPool(sku_id=sku_id, seller_id=seller_id)], ignore_conflicts=True
    )
    pool = KeyPool.objects.select_for_update().get(pk=sku_id)
    wanted = list(dict.fromkeys(text for text in lines if text))
    marks = {mark(text, place=str(sku_id)): text for text in wanted}
    known = set(pool.keys.filter(mark__in=marks).values_list("mark", flat=True))
    fresh = {made: text for made, text in marks.items() if made not in known}
    LicenceKey.objects.bulk_create(_sealed(pool, text, made) for made, text in fresh.items())
    KeyPool.objects.filter(pk=sku_id).update(free=F("free") + len(fresh))
    return len(fresh)


def _sealed(pool: KeyPool, text: str, made: str) -> LicenceKey:
    key_id = new_id()
    sealed = seal(text, place=str(key_id))
    return LicenceKey(id=key_id, pool=pool, sealed=sealed, mark=made, added_at=clock.now())


@command
def hold_keys(*, wishes: tuple[StockWish, ...]) -> None:
    """Keep a key for every unit of the wishes whose SKUs have a pool, or for none.

    One statement where no SKU has a pool. Pools are locked in order of their SKUs.

    Raises:
        StockExhausted: a pool has too few keys left.
    """
    if not wishes:
        return
    pools = {
        pool.sku_id: pool
        for pool in KeyPool.objects.select_for_update()
        .filter(pk__in={wish.sku_id for wish in wishes})
        .order_by("pk")
    }
    pooled = [wish for wish in wishes if wish.sku_id in pools]
    wanted = Counter[UUID]()
    for wish in pooled:
        wanted[wish.sku_id] += wish.quantity
    short = tuple((sku, n, pools[sku].free) for sku, n in wanted.items() if n > pools[sku].free)
    if short:
        raise StockExhausted(short)
    for wish in pooled:
        _keep(wish)
    for sku_id, quantity in wanted.items():
        pool = pools[sku_id]
        left = pool.free - quantity
        KeyPool.objects.filter(pk=sku_id).update(free=left)
        if left < pool.alert_below <= pool.free:
            record(
                StockRanLow(
                    subject_id=sku_id,
                    seller_id=pool.seller_id,
                    free=left,
                    alert_at=pool.alert_below,
                ),
                actor=Actor.system(),
            )


def _keep(wish: StockWish) -> None:
    """Take the oldest free keys; the pool's lock, held by the caller, keeps others away."""
    free = LicenceKey.objects.filter(pool_id=wish.sku_id, state=KeyState.FREE)
    ids = list(free.order_by("id").values_list("id", flat=True)[: wish.quantity])
    kept = free.filter(pk__in=ids).update(state=KeyState.HELD, cause_id=wish.cause_id)
    assert kept == wish.quantity, "a pool has fewer keys than it says"


@command
def give_keys(*, cause_ids: tuple[UUID, ...]) -> int:
    """Hand the keys kept for these order lines to their buyer; return how many."""
    held = LicenceKey.objects.filter(cause_id__in=cause_ids, state=KeyState.HELD)
    return held.update(state=KeyState.GIVEN, given_at=clock.now())


@command
def release_keys(*, cause_ids: tuple[UUID, ...]) -> int:
    """Put keys that were kept but never shown back into their pools; return how many.

    Twice gives back once; a key that was given stays given.
    """
    held = Q(keys__cause_id__in=cause_ids, keys__state=KeyState.HELD)
    pool_ids = sorted(set(KeyPool.objects.filter(held).values_list("pk", flat=True)))
    if not pool_ids:
        return 0
    given_back = 0
    for pool in KeyPool.objects.select_for_update().filter(pk__in=pool_ids).order_by("pk"):
        keys = pool.keys.filter(cause_id__in=cause_ids, state=KeyState.HELD)
        count = keys.update(state=KeyState.FREE, cause_id=None)
        KeyPool.objects.filter(pk=pool.pk).update(free=F("free") + count)
        given_back += count
    return given_back
