"""Instants, as people and programs write them."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from service.imports.values import is_missing

EARLIEST, LATEST = 1900, 2200
"""Years outside are mistakes."""

_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  Excel's days have no zone
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_OF_WEEK = re.compile(
    r"[(\[][日月火水木金土祝・]+[)\]]|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+", re.I
)
_TIME = (
    r"(?:(?:\s*T\s*|\s+|,\s*|(?<=日))(?P<half_ja>午前|午後)?\s*(?P<hour>\d{1,2})\s*(?:[:時])\s*(?P<minute>\d{1,2})?"
    r"(?:\s*[:分]\s*(?P<second>\d{1,2})?(?:[.,](?P<fraction>\d+))?)?\s*秒?\s*(?P<half>[AP]\.?M\.?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|JST|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?"
)
_FORMS = tuple(
    re.compile(form + _TIME, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?",
        r"(?P<era>令和|平成|昭和)\s*(?P<year>\d{1,2}|元)\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日",
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<name>[a-z]{3,9})\.?,?[ -](?P<year>\d{4})",
        r"(?P<name>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
        r"(?P<first>\d{1,2})[/-](?P<other>\d{1,2})[/-](?P<year>\d{4})",
    )
)
_EITHER = _FORMS[-1]
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(Z)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def instant(value: object, zone: tzinfo, *, day_first: bool = False) -> datetime | None:
    """Return the instant (UTC) that a cell says; None for an empty one.

    Takes ISO 8601 with any offset, Japanese dates and eras, month names, Excel's serial days and seconds,
    milliseconds or microseconds since 1970. Without an offset it is local time in `zone`. `day_first` decides
    03/05/2026. Raises ValueError for what is no date.
    """
    if is_missing(value):
        return None
    try:
        local = _read(value, day_first=day_first)
        aware = local if local.tzinfo is not None else local.replace(tzinfo=zone)
        found = aware.astimezone(UTC)
    except OverflowError as error:
        raise _no_date(value) from error
    if not EARLIEST <= found.year <= LATEST:
        raise _no_date(value)
    return found


def order(value: object) -> bool | None:
    """Return whether a cell like 13/05/2026 has its day first; None where it does not tell."""
    match = _EITHER.fullmatch(str(value).strip()) if isinstance(value, str) else None
    if match is None:
        return None
    first, other = int(match["first"]), int(match["other"])
    return None if first <= 12 and other <= 12 else first > 12


def is_either(value: object) -> bool:
    """Return whether a cell is a date of the form 03/05/2026, whose day may be the first or the second."""
    return isinstance(value, str) and _EITHER.fullmatch(value.strip()) is not None


def _no_date(value: object) -> ValueError:
    shown = str(value)
    return ValueError(f"“{shown[:40]}{'…' if len(shown) > 40 else ''}” is no date")


def _read(value: object, *, day_first: bool) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  the zone is added by the caller
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _counted(float(value), value)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if _COMPACT.fullmatch(text) is not None:
        return _compact(text, value)
    if _NUMBER.fullmatch(text) is not None:
        return _counted(float(text), value)
    text = _DAY_OF_WEEK.sub("", text).strip()
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return _written(match, value, day_first=day_first)
    raise _no_date(value)


def _counted(number: float, value: object) -> datetime:
    """Read days since 1899-12-30 (Excel) or seconds, milliseconds or microseconds since 1970."""
    if 20_000 <= number < 110_000:
        return _EXCEL_EPOCH + timedelta(milliseconds=round(number * 86_400_000))
    for smallest, unit in ((1e8, 1), (1e11, 1_000), (1e14, 1_000_000)):
        if smallest <= number < smallest * 1_000 and number / unit < 1e10:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=number / unit)
    raise _no_date(value)


def _compact(text: str, value: object) -> datetime:
    match = _COMPACT.fullmatch(text)
    numbers = [int(part) for part in match.groups()[:6] if part is not None] if match is not None else []
    try:
        found = datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001
    except (ValueError, TypeError) as error:
        if _NUMBER.fullmatch(text) is not None and len(text) >= 9:
            return _counted(float(text), value)
        raise _no_date(value) from error
    return found.replace(tzinfo=UTC) if match is not None and match[7] else found


def _written(match: re.Match[str], value: object, *, day_first: bool) -> datetime:
    parts = match.groupdict()
    if parts.get("first") is not None:
        in_order = ("day", "month") if _days_first(parts, day_first=day_first) else ("month", "day")
        parts.update(zip(in_order, (parts["first"], parts["other"]), strict=True))
    try:
        found = datetime(  # noqa: DTZ001  the zone follows
            _year(parts),
            _month(parts),
            int(parts["day"] or 0),
            _hour(parts),
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
            int(f"{(parts['fraction'] or '')[:6]:0<6}"),
        )
    except ValueError as error:
        raise _no_date(value) from error
    return found.replace(tzinfo=_offset(parts["zone"]))


def _days_first(parts: dict[str, str | None], *, day_first: bool) -> bool:
    return int(parts["first"] or 0) > 12 or (day_first and int(parts["other"] or 0) <= 12)


def _year(parts: dict[str, str | None]) -> int:
    era = parts.get("era")
    year = parts["year"] or ""
    return int(year) if era is None else _ERAS[era] + (1 if year == "元" else int(year))


def _month(parts: dict[str, str | None]) -> int:
    name = parts.get("name")
    return int(parts.get("month") or 0) if name is None else _MONTHS.index(name[:3].lower()) + 1


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or "")[:1].upper() or {"午前": "A", "午後": "P"}.get(parts["half_ja"] or "", "")
    if not half:
        return hour
    if hour > 12:
        raise ValueError("no hour of half a day")
    return hour % 12 + (12 if half == "P" else 0)


def _offset(zone: str | None) -> tzinfo | None:
    if zone is None:
        return None
    sign = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", zone)
    if sign is None:
        return timezone(timedelta(hours=9)) if zone.upper() == "JST" else UTC
    offset = timedelta(hours=int(sign[2]), minutes=int(sign[3] or 0))
    return timezone(-offset if sign[1] == "-" else offset)
