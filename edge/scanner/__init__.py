"""Codes in: devices and pictures give scans. Knows nothing of members, phones or vouchers."""
