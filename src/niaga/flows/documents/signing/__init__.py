"""Who signs documents: the market's document authority, its certificates, and PAdES signatures."""
