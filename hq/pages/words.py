"""English and Chinese: sentences by key; numbers, money, days and times as people write them."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo

from hq.cells import FEW, LEAST, Cell, Few, Share

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
NONE = "–"
NARROW = "\u202f"
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "CNY": "¥", "JPY": "¥"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LOCALES = Path(__file__).with_name("locales")

Forms = str | list[str]
"""A sentence; or in English one for a single thing and one for several."""


def dictionary(language: Language) -> dict[str, Forms]:
    """All sentences of a language."""
    text = (_LOCALES / f"{language}.json").read_text(encoding="utf-8")
    return cast(dict[str, Forms], json.loads(text))


def choose(wanted: str | None, accept: str) -> Language:
    """The language somebody chose, else the first of the browser's that is spoken here."""
    if wanted in LANGUAGES:
        return wanted
    for part in accept.split(","):
        name = part.split(";")[0].strip().lower()[:2]
        if name in LANGUAGES:
            return name
    return "en"


class Words:
    """Says things in one language. Called with a key, it gives the sentence."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._sentences = dictionary(language)
        self._chinese = language == "zh"

    def __call__(self, key: str, **values: object) -> str:
        forms = self._sentences[key]
        if isinstance(forms, list):
            forms = forms[0 if values["count"] == 1 else -1]
        shown = {
            name: self.number(value) if isinstance(value, int) else value
            for name, value in values.items()
        }
        return forms.format(**shown)

    def has(self, key: str) -> bool:
        return key in self._sentences

    def number(self, value: Cell | float) -> str:
        if isinstance(value, Few):
            return f"<{NARROW}{LEAST}"
        return NONE if value is None else f"{value:,.0f}"

    def percent(self, value: Share, digits: int = 1) -> str:
        if isinstance(value, Few):
            return self.number(FEW)
        return (
            NONE if value is None else f"{value * 100:.{digits}f}{'' if self._chinese else NARROW}%"
        )

    def change(self, now: Cell | float, before: Cell | float) -> str:
        """Now against before, e.g. ``+4.2 %``; nothing where either is not shown."""
        if not isinstance(now, int | float) or not isinstance(before, int | float) or not before:
            return ""
        part = now / before - 1
        return ("+" if part >= 0 else "−") + self.percent(abs(part))

    def money(self, amount: Decimal, currency: str) -> str:
        sign = _SIGNS.get(currency, f"{currency}\u00a0")
        return f"{sign}{amount:,.0f}"

    def duration(self, seconds: Cell) -> str:
        if not isinstance(seconds, int):
            return self.number(seconds)
        if seconds < 100:
            return self("seconds", count=seconds)
        return f"{seconds // 60}:{seconds % 60:02}"

    def day(self, day: date) -> str:
        if self._chinese:
            return f"{day.month}月{day.day}日 {self.weekday(day.weekday())}"
        return f"{self.weekday(day.weekday())} {day.day} {_MONTHS[day.month - 1]}"

    def full_day(self, day: date) -> str:
        if self._chinese:
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def weekday(self, weekday: int) -> str:
        """Monday is 0."""
        return f"周{'一二三四五六日'[weekday]}" if self._chinese else _WEEKDAYS[weekday]

    def month(self, month: date, *, year: bool = True) -> str:
        if self._chinese:
            return f"{month.year}年{month.month}月" if year else f"{month.month}月"
        name = _MONTHS[month.month - 1]
        return f"{name} {month.year}" if year else name

    def time(self, at: datetime, time_zone: str) -> str:
        return at.astimezone(ZoneInfo(time_zone)).strftime("%H:%M")

    def moment(self, at: datetime, time_zone: str) -> str:
        """Day and time."""
        local = at.astimezone(ZoneInfo(time_zone))
        return f"{self.day(local.date())}{' ' if self._chinese else ', '}{local:%H:%M}"

    def ago(self, at: datetime | None, now: datetime) -> str:
        if at is None:
            return self("ago.never")
        seconds = (now - at).total_seconds()
        for size, key in ((86400, "ago.days"), (3600, "ago.hours"), (60, "ago.minutes")):
            if seconds >= size:
                return self(key, count=int(seconds // size))
        return self("ago.now")
