"""Regulars, the in-store edge gateway that lets a shop know its regulars.

The rooms, from the top of the house down; imports point down only:

    __main__, cli        the command line
    app                  composition root: the one place where parts meet
    clienteling_api      the door to phones
    demo, bench          a shop on recorded input; the measurements anyone can run
    flows                load, decide, one transaction, publish
    vision, store, feed  adapters: cameras, SQLite, in-process broadcast
    rules                pure decisions
    domain, errors, config
"""

from importlib.metadata import version

__version__ = version("regulars")
