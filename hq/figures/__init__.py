"""What a merchant looks at, as values: set-based SQL over what the stores told.

Two kinds of source. Rows of aggregated visits were made safe in the store, and whatever is made of
them alone stays so. Tables with a row for each member are counted through ``hq.cells``. Every day
and hour is the store's own. The time comes in as an argument.
"""
