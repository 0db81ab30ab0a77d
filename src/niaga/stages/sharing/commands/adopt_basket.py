"""On signing in, what a guest gathered joins the person's own basket."""

from uuid import UUID

from django.db import connection

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.plumbing.command import command
from niaga.stages.sharing.models import Basket

_MERGE = """
WITH gone AS (DELETE FROM sharing_basketline WHERE basket_id = %s RETURNING *)
INSERT INTO sharing_basketline AS mine (id, basket_id, variant_id, slot_id, quantity, added_at)
SELECT id, %s, variant_id, slot_id, quantity, added_at FROM gone ORDER BY id
ON CONFLICT (basket_id, variant_id, slot_id)
DO UPDATE SET quantity = least(999, mine.quantity + excluded.quantity)
"""


@command
def adopt_basket(*, actor: Actor, basket_id: UUID | None) -> UUID:
    """Merge the guest's basket into the actor's own and return the own one's id.

    Quantities of the same thing are added, to 999 at most; the guest's basket is gone after.
    A basket that is somebody's own already, or unknown, changes nothing.
    """
    assert actor.person_id is not None, "a guest has nothing to adopt into"
    own, _ = Basket.objects.get_or_create(person_id=actor.person_id, defaults={"id": new_id()})
    guest = (
        Basket.objects.select_for_update().filter(pk=basket_id, person=None).first()
        if basket_id
        else None
    )
    if guest is None:
        return own.id
    with connection.cursor() as cursor:
        cursor.execute(_MERGE, [guest.id, own.id])
    guest.delete()
    Basket.objects.filter(pk=own.pk).update(touched_at=clock.now())
    return own.id
