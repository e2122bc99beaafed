"""What a member may tell about themselves: spelled one way, or refused with a reason."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from edge.domain import AgeBand, Language, Member, Size
from edge.rules.sizes import expected, tidy_size

NAME_MAX = 80
NOTE_MAX = 1000
PREFERENCES_MAX = 24
SIZES_MAX = 12
_CARD = re.compile(r"[!-~]{4,64}")  # what printed codes hold: ASCII without blanks
_PHONE = re.compile(r"\+?[0-9]{4,20}")  # E.164 has 15 digits at most; extensions come on top
_ABROAD = re.compile(r"00[1-9][0-9]{5}")  # the dialled form of +
_PHONE_PUNCTUATION = re.compile(r"[\s().\-/\u2010-\u2015]+")
# Not "Cn": a letter that is newer than this Python's tables stands in real names.
_UNSEEN = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The part of a member that people fill in."""

    name: str
    card_number: str | None = None
    phone: str | None = None
    language: Language = Language.ENGLISH
    age_band: AgeBand | None = None
    sizes: tuple[Size, ...] = ()
    preferences: tuple[str, ...] = ()
    do_not_disturb: bool = False

    @classmethod
    def of(cls, member: Member) -> Profile:
        """The profile of an existing member."""
        return cls(
            name=member.name,
            card_number=member.card_number,
            phone=member.phone,
            language=member.language,
            age_band=member.age_band,
            sizes=member.sizes,
            preferences=member.preferences,
            do_not_disturb=member.do_not_disturb,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why a profile cannot be taken: the field, and what to do about it."""

    field: str
    message: str


def tidy(profile: Profile) -> Profile | Flaw:
    """The profile in its one spelling, or the first thing wrong with it."""
    name = tidy_text(profile.name, NAME_MAX)
    if name is None:
        return Flaw(field="name", message=_text_message("a name", NAME_MAX))
    card_number = (profile.card_number or "").strip() or None
    if card_number is not None and not _CARD.fullmatch(card_number):
        return Flaw(
            field="card_number",
            message="a card number has 4 to 64 letters, digits or signs, without blanks",
        )
    phone = None
    if profile.phone and profile.phone.strip():
        phone = normalise_phone(profile.phone)
        if phone is None:
            return Flaw(
                field="phone",
                message="a phone number has 4 to 20 digits, with + in front if foreign",
            )
    return _tidy_lists(
        replace(profile, name=name, card_number=card_number, phone=phone),
    )


def _tidy_lists(profile: Profile) -> Profile | Flaw:
    sizes = _tidy_sizes(profile.sizes)
    if isinstance(sizes, Flaw):
        return sizes
    preferences: dict[str, None] = {}
    for preference in profile.preferences:
        text = tidy_text(preference, NAME_MAX)
        if text is None:
            return Flaw(field="preferences", message=_text_message("a preference", NAME_MAX))
        preferences[text] = None
    if len(preferences) > PREFERENCES_MAX:
        return Flaw(field="preferences", message=f"at most {PREFERENCES_MAX} preferences fit")
    return replace(profile, sizes=sizes, preferences=tuple(preferences))


def _tidy_sizes(sizes: tuple[Size, ...]) -> tuple[Size, ...] | Flaw:
    tidied: dict[tuple[str, str], Size] = {}
    for size in sizes:
        known = tidy_size(size)
        if known is None:
            return Flaw(field="sizes", message=expected(size))
        if (size.garment, size.system) in tidied:
            return Flaw(
                field="sizes", message=f"{size.garment} in {size.system} stands twice; keep one"
            )
        tidied[size.garment, size.system] = known
    if len(tidied) > SIZES_MAX:
        return Flaw(field="sizes", message=f"at most {SIZES_MAX} sizes fit")
    return tuple(tidied.values())


def normalise_phone(text: str) -> str | None:
    """Digits with a leading ``+`` where one (or ``00``) was written; None if it is no number."""
    plain = _PHONE_PUNCTUATION.sub("", unicodedata.normalize("NFKC", text))
    if _ABROAD.match(plain):
        plain = "+" + plain[2:]
    return plain if _PHONE.fullmatch(plain) else None


def tidy_text(text: str, most: int, *, lines: bool = False) -> str | None:
    """Text in NFC, trimmed, blanks collapsed; None if empty, too long or holding controls.

    ``lines`` keeps line breaks, for notes. Characters that turn the direction of writing
    are refused like controls: they make a name read as another one.
    """
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    rows = plain.split("\n") if lines else [plain.strip("\n")]
    if any(unicodedata.category(c) in _UNSEEN or c in _BIDI for row in rows for c in row.strip()):
        return None
    tidied = "\n".join(" ".join(row.split()) for row in rows).strip()
    return tidied if 0 < len(tidied) <= most else None


def _text_message(what: str, most: int) -> str:
    return f"{what} has 1 to {most} visible characters, on one line"
