"""The one table: which reactions follow which event."""

from collections.abc import Sequence

from niaga.flows.goods import events as goods
from niaga.flows.information import events as information
from niaga.flows.money import events as money
from niaga.parties import events as parties
from niaga.plumbing.outbox import Event, Reaction
from niaga.stages.aftersales import events as aftersales
from niaga.stages.ordering import events as ordering
from niaga.stages.sharing import events as sharing
from niaga.stages.sharing import reactions as sharing_reactions

WIRING: dict[type[Event], Sequence[Reaction]] = {
    parties.CompanyRegistered: (),
    parties.CompanyApproved: (sharing_reactions.index_company,),
    parties.CompanyRefused: (),
    parties.CompanySuspended: (sharing_reactions.index_company,),
    goods.StockChanged: (sharing_reactions.index_stock,),
    information.ProductDescribed: (),
    information.MediaChanged: (sharing_reactions.index_product,),
    sharing.ProductListed: (sharing_reactions.index_product,),
    sharing.ProductsImported: (),
    sharing.PriceChanged: (sharing_reactions.index_product,),
    sharing.ListingPublished: (sharing_reactions.index_product,),
    sharing.ListingHidden: (sharing_reactions.index_product,),
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
