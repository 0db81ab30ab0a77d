"""A market to look at: companies, products, orders and log-ins of the demo."""
