"""The pages' words and forms in Japanese and English."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

LANGUAGES = ("en", "ja")
MONTHS = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
KANA = re.compile("[\u3041-\u30ff]")
WEEKDAYS = "月火水木金土日"
MOST_MINUTES, MOST_HOURS = 120, 48
"""From so many on, how long ago something was is told in the next unit."""
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


def seen_language(text: str) -> str | None:
    """Return the language that the letters of a name give away: kana are Japanese; else None."""
    return "ja" if KANA.search(text) else None


@dataclass(frozen=True, slots=True)
class Language:
    """Writes sentences, dates, numbers and money as a reader of `lang` expects them."""

    lang: str
    zone: ZoneInfo

    def __call__(self, key: str, /, **figures: object) -> str:
        """Return a message; where `n` is 1 and the message has a form for one, that form."""
        return self._message(key, figures).format(**self._shown(figures))

    def rich(self, key: str, /, **figures: object) -> Markup:
        """Return a message as markup: links given as markup stay links, and all else is escaped."""
        return Markup(escape(self._message(key, figures))).format(**self._shown(figures))

    def has(self, key: str) -> bool:
        """Say whether there is such a message."""
        return key in messages(self.lang)

    def _message(self, key: str, figures: Mapping[str, object]) -> str:
        known = messages(self.lang)
        return known[f"{key}_one" if figures.get("n") == 1 and f"{key}_one" in known else key]

    def _shown(self, figures: Mapping[str, object]) -> dict[str, object]:
        return {name: self.number(v) if isinstance(v, int | float) else v for name, v in figures.items()}

    def number(self, value: float) -> str:
        """Write a number with separators; a fraction with one digit after the point."""
        return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")

    def up_to(self, value: int, most: int) -> int | str:
        """Return a count that ended at `most` and one, to be told: where it is more than `most`, `most+`."""
        return value if value <= most else f"{self.number(most)}+"

    def percent(self, share: float) -> str:
        """Write a share (0 to 1) in per cent."""
        space = "" if self.lang == "ja" else "\u202f"
        return f"{share * 100:.0f}{space}%"

    def change(self, share: float) -> str:
        """Write a relative change with its sign."""
        return _sign(share) + self.percent(abs(share))

    def difference(self, value: int) -> str:
        """Write how many more or fewer there are."""
        return _sign(value) + self.number(abs(value))

    def day(self, moment: datetime | date | None) -> str:
        """Write a day in the organisation's time zone: 3 May 2026, 2026年5月3日（日）."""
        if moment is None:
            return ""
        day = self._date(moment)
        if self.lang == "ja":
            return f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    def moment(self, moment: datetime) -> str:
        """Write a day and its time, to the minute."""
        return f"{self.day(moment)} {moment.astimezone(self.zone):%H:%M}"

    def ago(self, moment: datetime, now: datetime) -> str:
        """Write how long ago something was: 3 minutes ago, 3分前."""
        minutes = int((now - moment).total_seconds() // 60)
        if minutes < 1:
            return self("ago.now")
        if minutes < MOST_MINUTES:
            return self("ago.minutes", n=minutes)
        hours = minutes // 60
        return self("ago.hours", n=hours) if hours < MOST_HOURS else self("ago.days", n=hours // 24)

    def since(self, moment: datetime, now: datetime) -> str:
        """Write since when, in the words of whoever was here then: since 9:14, yesterday, Tuesday, 3 May."""
        day = self._date(moment)
        days = (self._date(now) - day).days
        if days < 1:
            return self("since.time", time=f"{moment.astimezone(self.zone):%H:%M}")
        if days == 1:
            return self("since.yesterday")
        if days < len(WEEKDAYS):
            return self("since.weekday", day=self(f"since.day_{day.weekday()}"))
        return self("since.day", day=self.day(day))

    def short_day(self, moment: datetime | date) -> str:
        """Write a day where the year is clear: 3 May, 5月3日."""
        day = self._date(moment)
        return f"{day.month}月{day.day}日" if self.lang == "ja" else f"{day.day} {MONTHS[day.month - 1][:3]}"

    def month(self, day: date) -> str:
        """Write a month in as few letters as an axis has room for, January with its year."""
        name = f"{day.month}月" if self.lang == "ja" else MONTHS[day.month - 1][:3]
        if day.month > 1:
            return name
        return f"{day.year}年{name}" if self.lang == "ja" else f"{name} {day.year}"

    def whole_month(self, day: date) -> str:
        """Write a month where nothing around it says which: May 2026, 2026年5月."""
        return f"{day.year}年{day.month}月" if self.lang == "ja" else f"{MONTHS[day.month - 1]} {day.year}"

    def money(self, amount: float, currency: str | None) -> str:
        """Write money without fractions: ¥12,800."""
        sign = SIGNS.get(currency or "", "")
        return f"{sign}{amount:,.0f}" if sign else f"{amount:,.0f} {currency or ''}".strip()

    def _date(self, moment: datetime | date) -> date:
        return moment.astimezone(self.zone).date() if isinstance(moment, datetime) else moment


def _sign(value: float) -> str:
    return "+" if value > 0 else "−" if value < 0 else "±"
