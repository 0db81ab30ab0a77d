"""The second stage: a purchase is placed, paid at once, and fulfilled as one order a seller."""
