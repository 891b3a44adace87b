"""A measure's numbers in the reader's words: with their unit, their interval, and what they rest on."""

from collections.abc import Mapping
from typing import Any

from service.rules.steering.catalogue import Measure, Unit
from service.rules.steering.frame import Period
from service.rules.steering.reading import Reading
from service.web.language import Language

HOURS_OF_DAYS = 48
"""From so many hours on, a time is told in days."""
BY_HUNDRED = 100


def figure(t: Language, unit: Unit, value: float | None, *, base: str = "", is_short: bool = False) -> str:
    """Write a number with its unit, or in as few letters as an axis has room for; nothing for None.

    `base` says among whom contacts are counted.
    """
    if value is None:
        return ""
    if unit == "share":
        return t.percent(value)
    if unit == "rate":
        rate = t.number(round(value * BY_HUNDRED, 1))
        return rate if is_short else t(f"measures.per_hundred_{base}", figure=rate)
    if is_short:
        return t.number(round(value, 1))
    if unit == "hours":
        in_days = value >= HOURS_OF_DAYS
        return t(
            "measures.in_days" if in_days else "measures.in_hours",
            n=round(value / 24 if in_days else value, 1),
        )
    if unit == "accounts":
        return t("count.accounts", n=round(value))
    return t("measures.in_contacts" if unit == "contacts" else "measures.in_work", n=round(value, 1))


def figure_of(t: Language, measure: Measure, reading: Reading) -> str:
    """Write the number of a reading with its unit; nothing where there is none."""
    return figure(t, measure.unit, reading.value, base=str(reading.facts.get("base")))


def interval(t: Language, unit: Unit, reading: Reading) -> str:
    """Write between what a number lies; where one limit is not known, from what on."""
    low, high = reading.low, reading.high
    if reading.value is None or (low is None and high is None):
        return ""
    if high is None:
        return t("measures.from", low=figure(t, unit, low, is_short=unit == "rate"))
    short = unit in ("rate", "contacts")
    return t(
        "measures.between",
        low=figure(t, unit, low, is_short=short) or "0",
        high=figure(t, unit, high, is_short=short),
    )


def told_of(t: Language, measure: Measure, reading: Reading) -> str:
    """Say what a number rests on."""
    if reading.numerator is None and reading.denominator is None:
        return ""
    facts = reading.facts
    n, of = _count(reading.numerator), _count(reading.denominator)
    if measure.name == "growth_won" and not of:
        return t("measures.none_grew")
    if measure.name == "contact_rate":
        contacts = t("count.contacts", n=n)
        if reading.denominator is None:
            return t("measures.contacts_alone", contacts=contacts)
        return t("measures.contacts_of", contacts=contacts, who=t(f"measures.base_{facts['base']}", of=of))
    told = t(f"measures.of_{measure.name}", n=n, of=of)
    if facts.get("others"):
        told += t("common.joint") + _others(t, measure, facts)
    return told


def _others(t: Language, measure: Measure, facts: Mapping[str, Any]) -> str:
    """Say what those did for whom nothing was solved, and how far both are apart."""
    others, kept = facts["others"], facts["others_kept"]
    if measure.unit == "accounts":
        told = t("measures.others_counted", n=_count(kept), of=others)
    else:
        told = t("measures.others_kept", share=t.percent(kept / others), of=others)
    difference = facts.get("difference")
    if difference is None:
        return told
    return (
        told
        + t("common.joint")
        + t(
            "measures.difference",
            points=t.difference(round(difference["value"] * 100)),
            low=t.difference(round(difference["low"] * 100)),
            high=t.difference(round(difference["high"] * 100)),
        )
    )


def money(t: Language, facts: Mapping[str, Any]) -> str:
    """Write sums of money, each currency by itself."""
    sums = [t.money(amount, currency) for currency, amount in facts.get("money", {}).items()]
    if facts.get("money_unknown"):
        sums.append(t("measures.money_unknown", n=facts["money_unknown"]))
    return t("common.comma").join(sums)


def named_period(t: Language, period: Period, *, is_whole: bool) -> str:
    """Write a month, a week or a year; one of which not all days are known is marked."""
    if period.every == "month":
        told = t.whole_month(period.start)
    elif period.every == "week":
        told = t("measures.week", day=t.day(period.start))
    else:
        told = t("measures.year", day=t.day(period.end))
    return told if is_whole else t("measures.so_far", period=told)


def _count(value: float | None) -> int | float:
    """Return a number as it is counted: whole ones without a point."""
    number = value or 0
    return int(number) if float(number).is_integer() else round(number, 1)
