"""Codes in: devices and pictures give scans. Knows nothing of members, phones or vouchers.

``client`` is the one part that the gateway holds. Under it ``device`` opens (``wires``,
``plugged``) and reads (``keyboard``, ``hidpos``, ``lines``) what hangs on a wire; ``process`` and
``counter`` look at pictures (``decoding``) in a process of their own; ``station`` is one scanner's
state, and its scans on their way to the flows.
"""
