"""Plain values that every room speaks: money, identifiers, the clock, the actor, the refusal.

Nothing here knows Django, a database or the network.
"""
