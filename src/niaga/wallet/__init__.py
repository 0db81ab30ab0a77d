"""The buyer's wallet: a web page on an origin of its own, and a client for agents and tests.

Its server hands out the page and nothing else: keys, cards and payments live in the browser.
"""
