"""The stories of the shop: load, decide by the rules, one transaction, publish."""
