"""Double-entry core: accounts, journal entries and transfers that know no trade.

A transfer moves an amount from one account (credited) to another (debited), so every entry
balances by construction; rows are never changed.
"""
