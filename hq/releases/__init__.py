"""Releases of the program on their way to the stores.

``published`` says what there is to send, ``waves`` who takes it when, and why it goes no further;
``rollouts`` keeps the books and tells the stores.
"""
