"""All the SQL there is, and the keys.

store         one writer, a few readers; stories and questions
transaction   the repositories on one connection: Reader, Transaction
members, visits, consents, templates, sessions, vouchers, redemptions, audit, outbox, footfall
              a repository for each noun; they take and give domain values
rows          how a value becomes a row, and back
schema, schema_vouchers, schema_footfall
              the tables, as migrations
connection    one SQLite connection and its errors in people's words
workers       the threads, their bounded line
writer        stories in line together are made durable together
gateway_key, keyring
              what templates are sealed under, and what erasing destroys
rotation, reconcile
              a new rotation secret; what is set right at start
"""

from edge.store.store import Store
from edge.store.transaction import Reader, Transaction

__all__ = ["Reader", "Store", "Transaction"]
