"""The outside formats the payment is written in, each read strictly: one meaning, one spelling."""
