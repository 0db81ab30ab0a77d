"""The one table: which reactions follow which event."""

from collections.abc import Sequence

from niaga.flows.goods import events as goods
from niaga.flows.money import events as money
from niaga.parties import events as parties
from niaga.plumbing.outbox import Event, Reaction
from niaga.stages.aftersales import events as aftersales
from niaga.stages.ordering import events as ordering

WIRING: dict[type[Event], Sequence[Reaction]] = {
    parties.CompanyRegistered: (),
    parties.CompanyApproved: (),
    parties.CompanyRefused: (),
    parties.CompanySuspended: (),
    goods.StockChanged: (),
    money.PayoutPrepared: (),
    money.PayoutPaid: (),
    ordering.PurchasePlaced: (),
    ordering.OrderPlaced: (),
    ordering.StockReserved: (),
    ordering.StockReleased: (),
    ordering.PaymentOpened: (),
    ordering.PaymentConfirmed: (),
    ordering.PaymentExpired: (),
    ordering.OrderConfirmed: (),
    ordering.OrderPaid: (),
    ordering.ShipmentDispatched: (),
    ordering.ShipmentTracked: (),
    ordering.ShipmentDelivered: (),
    ordering.ServicePerformed: (),
    ordering.DownloadsGranted: (),
    ordering.OrderDelivered: (),
    ordering.OrderCompleted: (),
    ordering.EscrowReleased: (),
    ordering.OrderCancelled: (),
    ordering.RefundDue: (),
    ordering.RefundSent: (),
    ordering.DocumentIssued: (),
    aftersales.ReviewWritten: (),
    aftersales.ComplaintOpened: (),
    aftersales.ComplaintAnswered: (),
    aftersales.ComplaintEscalated: (),
    aftersales.ComplaintResolved: (),
}
