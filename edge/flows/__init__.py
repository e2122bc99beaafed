"""The stories of the shop: load, decide by the rules, one transaction, publish.

arrivals      someone comes in; claims: which tracks were refused; records: what is written
enrollment    consent and photos; photos: one photo; gallery: vision follows the store
withdrawals   the way out, with its proof
members       find, create, edit, note, open a card; cards: a member as guides see them
imports       members from a file; import_lines: its lines; profiles: a profile made a member
importing     any file of records, in batches; lines: its lines, whatever they say
catalogue     products by number, with the member's size; catalogue_import: from a file
pairing       phones and their sessions
"""
