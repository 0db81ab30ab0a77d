"""The flow of goods: stock, reservations, shipments; slots and bookings; downloads."""
