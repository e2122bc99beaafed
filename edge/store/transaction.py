"""What a question reads from and a story writes to: every repository, on one connection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from edge.store.audit import Audit, WritableAudit
from edge.store.catalogue import Catalogue, WritableCatalogue
from edge.store.code_keys import CodeKeys, WritableCodeKeys
from edge.store.connection import Connection
from edge.store.consents import Consents, WritableConsents
from edge.store.exchange import Exchange, WritableExchange
from edge.store.footfall import Footfall, WritableFootfall
from edge.store.guards import Guards, WritableGuards
from edge.store.keyring import Keyring
from edge.store.members import (
    Members,
    Notes,
    Purchases,
    WritableMembers,
    WritableNotes,
    WritablePurchases,
)
from edge.store.merging import Merging
from edge.store.outbox import Outbox, WritableOutbox
from edge.store.redemptions import Redemptions, WritableRedemptions
from edge.store.sales import Sales, WritableSales
from edge.store.sessions import PairingCodes, Sessions, WritableSessions
from edge.store.templates import Templates, WritableTemplates
from edge.store.visits import Visits, WritableVisits
from edge.store.vouchers import Vouchers, WritableVouchers


class Reader:
    """One consistent snapshot. Values are to be taken out before the question ends."""

    members: Members
    notes: Notes
    purchases: Purchases
    sales: Sales
    visits: Visits
    consents: Consents
    templates: Templates
    guards: Guards
    catalogue: Catalogue
    sessions: Sessions
    code_keys: CodeKeys
    vouchers: Vouchers
    redemptions: Redemptions
    audit: Audit
    outbox: Outbox
    exchange: Exchange
    footfall: Footfall

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self.members = Members(connection)
        self.notes = Notes(connection)
        self.purchases = Purchases(connection)
        self.sales = Sales(connection)
        self.visits = Visits(connection)
        self.consents = Consents(connection)
        self.templates = Templates(connection, keyring)
        self.guards = Guards(connection)
        self.catalogue = Catalogue(connection)
        self.sessions = Sessions(connection)
        self.code_keys = CodeKeys(connection, keyring)
        self.vouchers = Vouchers(connection)
        self.redemptions = Redemptions(connection)
        self.audit = Audit(connection, keyring)
        self.outbox = Outbox(connection)
        self.exchange = Exchange(connection)
        self.footfall = Footfall(connection)


class Transaction(Reader):
    """All or nothing: committed when the story returns, rolled back when it raises."""

    members: WritableMembers
    notes: WritableNotes
    purchases: WritablePurchases
    sales: WritableSales
    visits: WritableVisits
    consents: WritableConsents
    templates: WritableTemplates
    guards: WritableGuards
    catalogue: WritableCatalogue
    sessions: WritableSessions
    code_keys: WritableCodeKeys
    vouchers: WritableVouchers
    redemptions: WritableRedemptions
    pairing: PairingCodes
    merging: Merging
    audit: WritableAudit
    outbox: WritableOutbox
    exchange: WritableExchange
    footfall: WritableFootfall

    def __init__(
        self, connection: Connection, keyring: Keyring, clock: Callable[[], datetime]
    ) -> None:
        self.members = WritableMembers(connection)
        self.notes = WritableNotes(connection)
        self.purchases = WritablePurchases(connection)
        self.sales = WritableSales(connection)
        self.visits = WritableVisits(connection)
        self.consents = WritableConsents(connection, keyring)
        self.templates = WritableTemplates(connection, keyring)
        self.guards = WritableGuards(connection)
        self.catalogue = WritableCatalogue(connection)
        self.sessions = WritableSessions(connection)
        self.code_keys = WritableCodeKeys(connection, keyring)
        self.vouchers = WritableVouchers(connection)
        self.redemptions = WritableRedemptions(connection)
        self.pairing = PairingCodes(connection)
        self.merging = Merging(connection)
        self.audit = WritableAudit(connection, keyring, clock)
        self.outbox = WritableOutbox(connection)
        self.exchange = WritableExchange(connection)
        self.footfall = WritableFootfall(connection)
