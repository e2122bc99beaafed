"""Releases of the program: signed by a publisher, fetched, judged, and kept side by side.

Who published what is answered by The Update Framework (python-tuf); see decision record 0033.
"""
