"""The demo market's words, numbers and pictures: plain data, read lazily, no database.

Start at `market.py`; what the fields mean is said in `schema.py`, how the TOML files are written
in `families/README.md`.
"""
