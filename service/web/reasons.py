"""Reasons as sentences: codes and figures in, the reader's language out."""

from collections.abc import Mapping
from datetime import date

from markupsafe import Markup

from service.access.visit import NOBODY
from service.web.language import Language

SHARES = ("share", "probability", "rate")
"""A figure whose name ends so is a share of one, shown in per cent."""
SAID = {"problems": "pain_point", "questions": "question", "requests": "request"}
"""Reasons that count spans of one kind."""


def told(t: Language, reason: Mapping[str, object]) -> str:
    """Return the sentence for a suggestion's reason; an unknown code is shown as it is, with its figures."""
    figures = {name: _shown(t, name, value) for name, value in reason.items() if name != "code"}
    key = f"reason.{reason['code']}"
    if t.has(key):
        return t(key, **figures)
    listed = ", ".join(f"{name} {value}" for name, value in figures.items())
    return f"{reason['code']}: {listed}" if listed else str(reason["code"])


def refused(t: Language, name: str, about: Mapping[str, object]) -> Markup:
    """Return why something is not done; the correction that stands against it is a link to it."""
    key, words = f"refused.{name}", dict(about)
    if "op" in about and t.has(f"correction.{about['op']}"):
        words["op"] = t(f"correction.{about['op']}")
    if "correction" in about:
        words["op"] = Markup('<a href="/corrections#{}">{}</a>').format(about["correction"], words["op"])
    if "day" in about:
        words["day"] = t.day(date.fromisoformat(str(about["day"])))
    if about.get("by") in NOBODY and t.has(f"{key}_by_nobody"):
        key = f"{key}_by_nobody"
    return t.rich(key, **words)


def kind_behind(reason: Mapping[str, object]) -> str:
    """Return the kind of the voices that a reason counts; empty where it counts all of the theme's."""
    return SAID.get(str(reason["code"]), "")


def _shown(t: Language, name: str, value: object) -> object:
    if isinstance(value, float) and name.endswith(SHARES):
        return t.percent(value)
    return value
