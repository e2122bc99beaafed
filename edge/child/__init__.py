"""Processes of our own: started, spoken with, watched, restarted, and never left behind.

What a codec or a decoder crashes takes no phone down with it. ``life`` and ``keeping`` are the
gateway's end, ``process`` is the child's, ``line`` is what lies between them.
"""
