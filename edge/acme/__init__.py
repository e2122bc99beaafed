"""Certificates of public names by ACME (RFC 8555) and DNS-01, by lego."""

from edge.acme.lego import Order, obtain, program

__all__ = ["Order", "obtain", "program"]
