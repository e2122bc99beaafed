"""From visits and counts to the rows that headquarters pulls.

day           a day of the store's as a tree of intervals
tally         what a day holds, summed by quarter
suppression   which sums may be told without giving anybody away
pattern       what is told of each measure of a day, the first time and afterwards
rows          the numbers that are told, as the contract's rows
"""
