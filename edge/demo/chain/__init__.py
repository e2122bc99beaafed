"""A chain on this machine: three gateways, headquarters and the lines between them.

past      the members of the chain and their consents, put into each store before its first start
day       what happens in a store: arrivals, answers, sales, edits, withdrawals
cord      a line that can be cut
watch     what is seen of it all, from the gateways' own API and log
screen    the picture on the terminal
opening   all of it, for as long as somebody looks
"""
