"""The storefront: where buyers find, order, pay, follow and speak up."""
