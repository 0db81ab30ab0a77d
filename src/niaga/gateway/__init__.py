"""The bank side of the secure payment: it holds, captures and gives back money for merchants.

A deployable of its own, with its own settings, database, keys and worker; it knows instruments and
amounts, never a buyer's name, a card number or what was bought.
"""
