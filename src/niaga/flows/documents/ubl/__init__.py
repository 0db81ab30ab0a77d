"""Documents for programs: UBL 2.1, CII and Coretax, written from a document's frozen content.

Everything here is pure but `schematron.py`, which talks to the process that checks the rules.
"""
