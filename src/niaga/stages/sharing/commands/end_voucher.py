"""A voucher ends before its day."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.sharing.events import VoucherEnded
from niaga.stages.sharing.models import Voucher


@dataclass(eq=False)
class VoucherOver(Refusal):
    """The voucher ended already."""

    code: ClassVar[str] = "voucher_over"
    voucher: str


@command
def end_voucher(*, actor: Actor, voucher_id: UUID) -> None:
    """Let nobody use the voucher from now on; purchases that used it keep what they got.

    The door has checked that `actor` is the operator or the seller that bears it.

    Raises:
        VoucherOver: it ended already.
    """
    voucher = Voucher.objects.select_for_update(of=("self",)).get(pk=voucher_id)
    if voucher.ends_at <= clock.now():
        raise VoucherOver(voucher.code)
    Voucher.objects.filter(pk=voucher_id).update(ends_at=clock.now())
    record(
        VoucherEnded(subject_id=voucher_id, code=voucher.code, seller_id=voucher.seller_id),
        actor=actor,
    )
