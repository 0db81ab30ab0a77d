"""What moves or is done for an order; Django looks for a room's models here."""

from niaga.flows.goods.models.delivery import (
    DeliveryService,
    DeliveryZone,
    Shipment,
    ShipmentLine,
    TrackingEvent,
)
from niaga.flows.goods.models.digital import DigitalFile, DownloadGrant
from niaga.flows.goods.models.service import Booking, Slot
from niaga.flows.goods.models.stock import Location, Reservation, StockLevel, StockMovement
from niaga.flows.goods.models.stocktaking import StockCount, StockCountLine, StockTransfer
from niaga.flows.goods.models.supply import Backorder, SourcingRule, StockPolicy

__all__ = [
    "Backorder",
    "Booking",
    "DeliveryService",
    "DeliveryZone",
    "DigitalFile",
    "DownloadGrant",
    "Location",
    "Reservation",
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
]
