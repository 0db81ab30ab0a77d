"""The certificate authority of the payment: it founds, issues, renews and withdraws.

Its keys are files of its own; its database remembers what was issued. Its public face tells anyone
whom to trust.
"""
