"""The one table: which reactions follow which event."""

from collections.abc import Sequence

from niaga.flows.goods import events as goods
from niaga.flows.information import events as information
from niaga.flows.money import events as money
from niaga.parties import events as parties
from niaga.plumbing import events as plumbing
from niaga.plumbing.outbox import Event, Reaction
from niaga.stages.aftersales import events as aftersales
from niaga.stages.aftersales import reactions as aftersales_reactions
from niaga.stages.ordering import events as ordering
from niaga.stages.ordering import market_papers, papers, quotation_papers
from niaga.stages.ordering import reactions as ordering_reactions
from niaga.stages.sharing import events as sharing
from niaga.stages.sharing import quotation_letters
from niaga.stages.sharing import reactions as sharing_reactions

WIRING: dict[type[Event], Sequence[Reaction]] = {
    plumbing.AuditFinished: (),
    plumbing.DeliveriesRetried: (),
    parties.CompanyRegistered: (),
    parties.CompanyApproved: (sharing_reactions.index_company,),
    parties.CompanyRefused: (),
    parties.CompanySuspended: (sharing_reactions.index_company,),
    parties.CompanyRanked: (),
    parties.CompanyDescribed: (sharing_reactions.index_company,),
    parties.BankAccountChanged: (),
    information.ProductDescribed: (),
    information.MediaChanged: (sharing_reactions.index_product,),
    information.MailRetried: (),
    sharing.VoucherMade: (),
    sharing.VoucherEnded: (),
    sharing.CommissionPlanMade: (),
    sharing.CommissionPlanEnded: (),
    sharing.QuotationAsked: (quotation_letters.mail_asked,),
    sharing.QuotationOffered: (
        quotation_papers.issue_quotation,
        quotation_letters.mail_offered,
    ),
    sharing.QuotationDeclined: (quotation_letters.mail_declined,),
    sharing.ProductListed: (sharing_reactions.index_product,),
    sharing.ProductsImported: (),
    sharing.PriceChanged: (sharing_reactions.index_product,),
    sharing.ListingPublished: (sharing_reactions.index_product,),
    sharing.ListingHidden: (sharing_reactions.index_product,),
    goods.StockChanged: (sharing_reactions.index_stock,),
    goods.StockRanLow: (sharing_reactions.mail_low_stock,),
    goods.StockPolicyChanged: (sharing_reactions.index_stock,),
    money.PayoutPrepared: (),
    money.PayoutPaid: (market_papers.issue_payout_advice,),
    money.PayoutReturned: (ordering_reactions.mail_payout_returned,),
    money.DifferenceSettled: (),
    ordering.PurchasePlaced: (
        ordering_reactions.mail_placed,
        ordering_reactions.index_placed,
    ),
    ordering.OrderPlaced: (papers.issue_confirmation,),
    ordering.StockReserved: (),
    ordering.StockAwaited: (),
    ordering.StockReleased: (ordering_reactions.index_released,),
    ordering.PaymentOpened: (),
    ordering.PaymentConfirmed: (ordering_reactions.mail_paid,),
    ordering.PaymentRequested: (),
    ordering.PaymentAuthorized: (ordering_reactions.mail_authorized,),
    ordering.PaymentDeclined: (),
    ordering.PaymentCalledOff: (),
    ordering.BankInstructed: (ordering_reactions.tell_bank,),
    ordering.BankRefused: (),
    ordering.PaymentExpired: (ordering_reactions.mail_expired,),
    ordering.OrderConfirmed: (
        ordering_reactions.mail_to_ship,
        ordering_reactions.count_sold,
    ),
    ordering.OrderPaid: (papers.issue_invoice, aftersales_reactions.hold_captured),
    ordering.OrderCharged: (papers.issue_part_invoice, ordering_reactions.settle_given_up),
    ordering.HoldReleased: (),
    ordering.ShipmentDispatched: (
        papers.issue_delivery_note,
        ordering_reactions.mail_dispatched,
    ),
    ordering.ShipmentTracked: (),
    ordering.ShipmentDelivered: (),
    ordering.ServicePerformed: (),
    ordering.BookingMoved: (ordering_reactions.mail_moved,),
    ordering.BookingGivenUp: (ordering_reactions.mail_given_up,),
    ordering.DownloadsGranted: (ordering_reactions.mail_keys,),
    ordering.OrderDelivered: (ordering_reactions.mail_delivered,),
    ordering.OrderCompleted: (),
    ordering.EscrowReleased: (
        market_papers.issue_commission_invoice,
        market_papers.prove_withholding,
    ),
    ordering.OrderCancelled: (
        papers.issue_credit_note,
        ordering_reactions.mail_cancelled,
    ),
    ordering.RefundDue: (papers.credit_refund, aftersales_reactions.lift_refunded),
    ordering.CommissionGivenBack: (market_papers.credit_commission,),
    ordering.RefundSent: (ordering_reactions.mail_refund_sent,),
    ordering.DocumentIssued: (),
    ordering.SellerDocumentIssued: (),
    aftersales.ReviewWritten: (aftersales_reactions.rate_product,),
    aftersales.ComplaintOpened: (aftersales_reactions.mail_complaint,),
    aftersales.ComplaintAnswered: (aftersales_reactions.mail_answer,),
    aftersales.ComplaintEscalated: (),
    aftersales.ComplaintResolved: (),
    aftersales.ReturnAgreed: (aftersales_reactions.issue_slip, aftersales_reactions.mail_return),
    aftersales.ReturnReceived: (),
    aftersales.ReturnCalledOff: (),
    aftersales.EscrowHoldPlaced: (aftersales_reactions.mail_hold,),
    aftersales.EscrowHoldAppealed: (),
    aftersales.EscrowHoldKept: (aftersales_reactions.mail_hold_decided,),
    aftersales.EscrowHoldLifted: (aftersales_reactions.mail_hold_decided,),
}
