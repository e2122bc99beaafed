"""Frames in, ``Sighting``s out. Knows nothing of members, phones or headquarters.

Runs in a process of its own (``python -m edge.vision``); ``client`` is the gateway's end of
the line, ``link`` is what may cross it.
"""
