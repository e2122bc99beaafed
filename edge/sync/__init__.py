"""The door to headquarters: the outbox up, the feeds down, over a line that may be cut."""
