"""``regulars bench sync``: what the line to headquarters carries, on real servers and processes.

Headquarters runs by its command line on a PostgreSQL that makes each commit durable; the store is
a gateway in a process of its own; the other stores of the chain are connections with a certificate
each. What was put in is compared with what headquarters' database holds in the end.
"""
