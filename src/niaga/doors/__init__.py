"""The ways in and out of the market, each for one audience."""
