"""Every message of the payment as a closed, bounded schema: what is not declared can't be said."""
