"""Codes on paper and in files: values in, CSV and PDF out. Knows nothing of the store."""
