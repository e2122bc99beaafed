"""Members, their notes and their purchases.

Search by name scans one index with ``instr``: any substring of any length, one or two Chinese
characters included, which a trigram index (three characters at least) cannot answer; and text
from people needs no escaping, because nothing in it is a pattern. The scan ends at the limit:
among 200,000 members most searches take under 5 ms on one x86 core, one that finds nobody 36.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from edge.domain import Member, Note, Purchase
from edge.store.connection import Connection
from edge.store.rows import Table

PHONE_SUFFIX_MIN = 4
_LAST = "\U0010ffff"
_PHONE_LIKE = re.compile(r"[+\d\s()./-]+")
# Letters whose stroke Unicode does not take for an accent.
_WITHOUT_STROKE = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"}
)


def fold(text: str) -> str:
    """Text as search compares it: without accents, case, width and outer spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_WITHOUT_STROKE)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().strip()


def phone_digits(phone: str) -> str | None:
    """A phone number's digits with its leading plus, or None if it has no digit."""
    plain = unicodedata.normalize("NFKC", phone).strip()
    digits = "".join(c for c in plain if c in "0123456789")
    return ("+" if plain.startswith("+") else "") + digits if digits else None


def _phone_ending(text: str) -> str | None:
    """The digits of a text that looks like the end of a phone number, last one first."""
    digits = (phone_digits(text) or "").lstrip("+")
    looks_like_one = _PHONE_LIKE.fullmatch(unicodedata.normalize("NFKC", text))
    return digits[::-1] if looks_like_one and len(digits) >= PHONE_SUFFIX_MIN else None


class Members:
    """Members by id, card, phone and search."""

    def __init__(self, connection: Connection) -> None:
        self._rows = Table(connection, Member, "members")

    def get(self, member_id: str) -> Member | None:
        """By their id, or by one that was merged away and stands for them."""
        return self.exactly(member_id) or self._rows.first(
            "WHERE id = (SELECT survivor FROM merged_members WHERE loser = ?)", member_id
        )

    def exactly(self, member_id: str) -> Member | None:
        """By their own id alone."""
        return self._rows.get(member_id)

    def by_card(self, card_number: str) -> Member | None:
        """Upper and lower case are the same."""
        return self._rows.first("WHERE card_number = ?", card_number)

    def by_phone(self, phone: str) -> Member | None:
        """Digits and a leading plus are compared, separators are not."""
        digits = phone_digits(phone)
        return self._rows.first("WHERE phone_digits = ?", digits) if digits else None

    def count(self) -> int:
        return self._rows.count()

    def search(self, text: str, limit: int) -> list[Member]:
        """Members whose name begins with the text, whose card number begins with it, whose
        phone ends with its digits (at least four), or whose name holds it, in this order.
        """
        name = fold(text)
        if not name:
            return []
        found: dict[str, Member] = {}
        for member in self._found(name, text.strip(), _phone_ending(text), limit):
            found.setdefault(member.id, member)
            if len(found) == limit:
                break
        return list(found.values())

    def _found(self, name: str, card: str, phone: str | None, limit: int) -> Iterator[Member]:
        yield from self._begins("name_folded", name, limit)
        yield from self._begins("card_number", card, limit)
        if phone:
            yield from self._begins("phone_reversed", phone, limit)
        # Pinned: the scan reads the index in order, touches a row only when it matches, and
        # ends at the limit. Without it SQLite reads and sorts every row.
        yield from self._rows.each(
            "INDEXED BY members_by_name WHERE instr(name_folded, ?)"
            " ORDER BY name_folded, id LIMIT ?",
            *(name, limit),
        )

    def _begins(self, column: str, start: str, limit: int) -> Iterator[Member]:
        return self._rows.each(
            f"WHERE {column} >= ? AND {column} < ? ORDER BY {column}, id LIMIT ?",
            *(start, start + _LAST, limit),
        )


class WritableMembers(Members):
    def put(self, member: Member) -> None:
        """Raises ``Conflict`` when another member has the card number or the phone."""
        digits = phone_digits(member.phone or "")
        self._rows.put(
            member,
            name_folded=fold(member.name),
            phone_digits=digits,
            phone_reversed=digits.lstrip("+")[::-1] if digits else None,
        )


class Notes:
    """Remarks of guides, newest first."""

    def __init__(self, connection: Connection) -> None:
        self._rows = Table(connection, Note, "notes")

    def of(self, member_id: str) -> list[Note]:
        return self._rows.all("WHERE member_id = ? ORDER BY written_at DESC, rowid DESC", member_id)


class WritableNotes(Notes):
    def add(self, note: Note) -> None:
        self._rows.put(note)


class Purchases:
    """Lines of receipts, newest first."""

    def __init__(self, connection: Connection) -> None:
        self._rows = Table(connection, Purchase, "purchases")

    def get(self, purchase_id: str) -> Purchase | None:
        return self._rows.get(purchase_id)

    def of(self, member_id: str, limit: int | None = None) -> list[Purchase]:
        return self._rows.all(
            "WHERE member_id = ? ORDER BY bought_at DESC, rowid DESC LIMIT ?",
            *(member_id, -1 if limit is None else limit),
        )


class WritablePurchases(Purchases):
    def add(self, purchase: Purchase) -> None:
        """The same id again changes nothing twice."""
        self._rows.put(purchase)
