"""Stock, parcels, places and downloads, to look at."""

from niaga.flows.goods.models import (
    Backorder,
    Booking,
    Calendar,
    CompanyPrefix,
    DeliveryService,
    DeliveryZone,
    DigitalFile,
    DownloadGrant,
    KeyPool,
    LicenceKey,
    Location,
    OpeningException,
    OpeningRule,
    Reservation,
    Resource,
    Shipment,
    ShipmentLine,
    Slot,
    SourcingRule,
    StockCount,
    StockCountLine,
    StockLevel,
    StockMovement,
    StockPolicy,
    StockTransfer,
    TrackingEvent,
    TrackingSender,
)
from niaga.plumbing.admin import show

show(Location, "name", "city", "province", "seller_id", search=["name", "city"])
show(
    StockLevel, "sku_id", "location", "bucket", "on_hand", "reserved",
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
    search=["tracking_number", "sscc", "cause_id"], filters=["state"], when="created_at",
    secret=["pickup_code"],
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
show(SourcingRule, "seller_id", "order", "one_parcel", search=["seller_id"])
show(
    StockPolicy, "sku_id", "when_out", "waiting", "most_waiting", "alert_at", "always_hot",
    search=["sku_id"], filters=["when_out"],
)  # fmt: skip
show(
    Backorder, "sku_id", "quantity", "state", "promised_date", "created_at",
    search=["sku_id", "cause_id"], filters=["state"], when="created_at",
)  # fmt: skip
show(
    StockTransfer, "sku_id", "quantity", "origin", "destination", "state", "sent_at",
    search=["sku_id"], filters=["state"], joins=["origin", "destination"], when="sent_at",
)  # fmt: skip
show(
    StockCount, "location", "state", "started_at", "closed_at",
    filters=["state"], joins=["location"], when="started_at",
)  # fmt: skip
show(StockCountLine, "count", "sku_id", "expected", "counted", "why", search=["sku_id"],
     joins=["count"])  # fmt: skip
show(Resource, "name", "seller_id", search=["name"])
show(Calendar, "sku_id", "zone", "duration_min", "capacity", search=["sku_id"])
show(OpeningRule, "calendar", "weekday", "opens", "closes", joins=["calendar"])
show(OpeningException, "calendar", "day", "opens", "closes", joins=["calendar"])
show(KeyPool, "sku_id", "free", "alert_below", search=["sku_id"])
show(
    LicenceKey, "pool", "state", "cause_id", "given_at",
    filters=["state"], joins=["pool"], secret=["sealed", "mark"],
)  # fmt: skip
show(CompanyPrefix, "seller_id", "prefix", search=["prefix"])
show(TrackingSender, "seller_id", "made_at", search=["seller_id"], secret=["sealed"])
