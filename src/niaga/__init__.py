"""Niaga: a marketplace anyone can host, in which each order is audited to the last rupiah."""
