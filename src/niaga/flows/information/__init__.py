"""The flow of information: the catalogue, its search index, mails, and an order's timeline."""
