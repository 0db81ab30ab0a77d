"""Measures the market as the demo runs it: real server, TLS, database, with a load client beside.

The load client and `pgbench` share the machine with what they measure; every table says so.
"""
