"""The merchant's side of the payment.

Nothing here could open a payment instruction: the key is not the merchant's, and the code that
would is in a room the merchant's code must not enter.
"""
