"""Stock, parcels, places and downloads, to look at."""

from niaga.flows.goods.models import (
    Booking,
    DeliveryService,
    DeliveryZone,
    DigitalFile,
    DownloadGrant,
    Location,
    Reservation,
    Shipment,
    ShipmentLine,
    Slot,
    StockLevel,
    StockMovement,
    TrackingEvent,
)
from niaga.plumbing.admin import show

show(Location, "name", "city", "province", "seller_id", search=["name", "city"])
show(
    StockLevel, "sku_id", "location", "on_hand", "reserved",
    search=["sku_id"], joins=["location"],
)  # fmt: skip
show(
    StockMovement, "sku_id", "location", "kind", "quantity", "reason", "moved_at",
    search=["sku_id", "cause_id"], filters=["kind"], joins=["location"], when="moved_at",
)  # fmt: skip
show(
    Reservation, "sku_id", "location", "quantity", "state", "expires_at", "created_at",
    search=["sku_id", "cause_id"], filters=["state"], joins=["location"], when="created_at",
)  # fmt: skip
show(DeliveryService, "name", "kind", "seller_id", "active", search=["name"], filters=["kind"])
show(DeliveryZone, "name", "service", search=["name"], joins=["service"])
show(
    Shipment, "tracking_number", "carrier", "state", "dispatched_at", "delivered_at",
    search=["tracking_number", "cause_id"], filters=["state"], when="created_at",
)  # fmt: skip
show(ShipmentLine, "shipment", "cause_id", "quantity", search=["cause_id"], joins=["shipment"])
show(
    TrackingEvent, "shipment", "state", "note", "occurred_at",
    filters=["state"], joins=["shipment"], when="occurred_at",
)  # fmt: skip
show(Slot, "sku_id", "starts_at", "ends_at", "capacity", "booked", when="starts_at")
show(Booking, "slot", "quantity", "state", "created_at", filters=["state"], joins=["slot"])
show(DigitalFile, "name", "sku_id", "size_bytes", search=["name", "sku_id"])
show(DownloadGrant, "sku_id", "downloads_left", "granted_at", "expires_at", when="granted_at")
