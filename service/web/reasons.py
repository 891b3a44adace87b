"""A suggestion's reasons as sentences: codes and figures in, the reader's language out."""

from collections.abc import Mapping

from service.web.language import Language

SHARES = ("share", "probability", "rate")
"""A figure whose name ends so is a share of one, shown in per cent."""
SAID = {"problems": "pain_point", "questions": "question", "requests": "request"}
"""Reasons that count spans of one kind."""


def told(t: Language, reason: Mapping[str, object]) -> str:
    """Return the sentence for a reason; an unknown code is shown as it is, with its figures."""
    figures = {name: _shown(t, name, value) for name, value in reason.items() if name != "code"}
    key = f"reason.{reason['code']}"
    if t.has(key):
        return t(key, **figures)
    listed = ", ".join(f"{name} {value}" for name, value in figures.items())
    return f"{reason['code']}: {listed}" if listed else str(reason["code"])


def kind_behind(reason: Mapping[str, object]) -> str:
    """Return the kind of the voices that a reason counts; empty where it counts all of the theme's."""
    return SAID.get(str(reason["code"]), "")


def _shown(t: Language, name: str, value: object) -> object:
    if isinstance(value, float) and name.endswith(SHARES):
        return t.percent(value)
    return value
