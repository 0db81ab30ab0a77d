"""The buyer's side of the payment.

The browser's wallet page takes the same steps in the same order; this is the code for agents and
tests, and what the page is tested against.
"""
