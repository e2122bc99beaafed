"""The reference headquarters: takes in what stores tell, exactly once in effect, and tells them
what changed. It knows nothing of a store but the contract.

For people there are pages: ``figures`` asks the tables, ``cells`` keeps small counts hidden,
``charts`` draws, ``pages`` shows and decides. ``demo`` invents a chain to look at.
"""
