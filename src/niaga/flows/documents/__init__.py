"""The flow of documents: what each order is proved by, numbered without gaps and never changed."""
