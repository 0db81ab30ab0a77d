"""What moves or is done for an order; Django looks for a room's models here."""

from niaga.flows.goods.models.delivery import (
    CompanyPrefix,
    DeliveryService,
    DeliveryZone,
    Shipment,
    ShipmentLine,
    TrackingEvent,
    TrackingSender,
)
from niaga.flows.goods.models.digital import DigitalFile, DownloadGrant, KeyPool, LicenceKey
from niaga.flows.goods.models.service import (
    Booking,
    Calendar,
    OpeningException,
    OpeningRule,
    Resource,
    Slot,
)
from niaga.flows.goods.models.stock import Location, Reservation, StockLevel, StockMovement
from niaga.flows.goods.models.stocktaking import StockCount, StockCountLine, StockTransfer
from niaga.flows.goods.models.supply import Backorder, SourcingRule, StockPolicy

__all__ = [
    "Backorder",
    "Booking",
    "Calendar",
    "CompanyPrefix",
    "DeliveryService",
    "DeliveryZone",
    "DigitalFile",
    "DownloadGrant",
    "KeyPool",
    "LicenceKey",
    "Location",
    "OpeningException",
    "OpeningRule",
    "Reservation",
    "Resource",
    "Shipment",
    "ShipmentLine",
    "Slot",
    "SourcingRule",
    "StockCount",
    "StockCountLine",
    "StockLevel",
    "StockMovement",
    "StockPolicy",
    "StockTransfer",
    "TrackingEvent",
    "TrackingSender",
]
