"""The pages' words and forms in Japanese and English."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

LANGUAGES = ("en", "ja")
MONTHS = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
WEEKDAYS = "月火水木金土日"
SIGNS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


@cache
def messages(lang: str) -> Mapping[str, str]:
    """Return every message of a language by its dotted key."""
    path = Path(__file__).with_name("locales") / f"{lang}.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()}


def preferred(accept_language: str) -> str:
    """Return the best of our languages for an `Accept-Language` header (RFC 9110, 12.5.4)."""
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        lang = tag.split("-")[0].lower()
        if lang in LANGUAGES:
            try:
                wishes.append((-float(weight or 1), place, lang))
            except ValueError:
                continue
    return min(wishes)[2] if wishes else "en"


@dataclass(frozen=True, slots=True)
class Language:
    """Writes sentences, dates, numbers and money as a reader of `lang` expects them."""

    lang: str
    zone: ZoneInfo

    def __call__(self, key: str, /, **figures: object) -> str:
        """Return a message; where `n` is 1 and the message has a form for one, that form."""
        known = messages(self.lang)
        if figures.get("n") == 1 and f"{key}_one" in known:
            key = f"{key}_one"
        shown = {name: self.number(v) if isinstance(v, int | float) else v for name, v in figures.items()}
        return known[key].format(**shown)

    def has(self, key: str) -> bool:
        """Say whether there is such a message."""
        return key in messages(self.lang)

    def number(self, value: float) -> str:
        """Write a number with separators; a fraction with one digit after the point."""
        return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"

    def percent(self, share: float) -> str:
        """Write a share (0 to 1) in per cent."""
        space = "" if self.lang == "ja" else "\u202f"
        return f"{share * 100:.0f}{space}%"

    def change(self, share: float) -> str:
        """Write a relative change with its sign."""
        sign = "+" if share > 0 else "−" if share < 0 else "±"
        return sign + self.percent(abs(share))

    def day(self, moment: datetime | date | None) -> str:
        """Write a day in the organisation's time zone: 3 May 2026, 2026年5月3日（日）."""
        if moment is None:
            return ""
        day = moment.astimezone(self.zone).date() if isinstance(moment, datetime) else moment
        if self.lang == "ja":
            return f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    def money(self, amount: float, currency: str | None) -> str:
        """Write money without fractions: ¥12,800."""
        sign = SIGNS.get(currency or "", "")
        return f"{sign}{amount:,.0f}" if sign else f"{amount:,.0f} {currency or ''}".strip()
