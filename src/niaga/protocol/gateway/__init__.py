"""The bank's side of the payment: the only code that opens a payment instruction."""
