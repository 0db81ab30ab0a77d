"""How a product's visibility moves."""

from niaga.kernel.transitions import table

PRODUCT_TRANSITIONS = table(draft="published", published="hidden", hidden="published")
