"""The reference headquarters: takes in what stores tell, exactly once in effect, and tells them
what changed. It knows nothing of a store but the contract.
"""
