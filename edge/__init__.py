"""Regulars, the in-store edge gateway that lets a shop know its regulars.

The rooms, from the top of the house down; imports point down only:

    __main__, cli        the command line
    app                  composition root: the one place where parts meet
    clienteling_api      the door to phones
    sync                 the door to headquarters
    bench                the measurements anyone can run
    demo                 a shop on recorded input
    flows                load, decide, one transaction, publish
    vision, store, feed  adapters: cameras, SQLite, in-process broadcast
    scanner, backup      adapters: codes in, copies out
    update               releases of the program, signed and side by side
    rules                pure decisions
    contract, config     the messages of headquarters, the configuration
    domain, errors       the words of the shop, everything that can go wrong
"""

import os
from importlib.metadata import version

# onnxruntime 1.29 and later reports each model that it loads to its maker, on by default, and
# keeps a database of such reports on disk. It reads this before its first import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = version("regulars")
