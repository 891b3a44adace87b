"""What a person may change about themes, what each change needs to be said, and why one may not hold."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from service.rules import refusals

OPS = ("create", "rename", "merge", "split", "move", "must_link", "cannot_link", "ignore", "pin")
"""
create       the chosen voices, and those like them, are a theme of their own
rename       the theme is called so
merge        all of these themes are the first one
split        the chosen voices, or a sub-theme, leave the theme and are one of their own
move         the chosen voices are in this theme, or, where none is named, in none
must_link    the chosen voices are together
cannot_link  no two of the chosen voices, or of the themes, are together
ignore       the theme, or the chosen voices, are of no interest
pin          no run may end the theme
"""
TITLED = ("create", "rename", "split")
"""Corrections that may give a theme its title."""
MOST_SPANS = 10_000
MOST_THEMES = 20
LONGEST_TITLE = 200
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A correction as somebody wants it."""

    op: str
    theme_ids: tuple[str, ...] = ()
    span_ids: tuple[str, ...] = ()
    title: str | None = None
    reason: str | None = None


def checked(wanted: Wanted) -> Wanted:
    """Return the correction, tidied. Raises WrongUse, saying what is missing or too much, and what to do."""
    if wanted.op not in OPS:
        raise refusals.wrong("no_op", op=wanted.op[:40], ops=", ".join(OPS))
    title, reason = _tidy(wanted.title), _tidy(wanted.reason)
    if title is not None and len(title) > LONGEST_TITLE:
        raise refusals.wrong("title_long", most=LONGEST_TITLE)
    if reason is not None and len(reason) > LONGEST_REASON:
        raise refusals.wrong("reason_long", most=LONGEST_REASON)
    themes, spans = tuple(dict.fromkeys(wanted.theme_ids)), tuple(dict.fromkeys(wanted.span_ids))
    if len(spans) > MOST_SPANS:
        raise refusals.wrong("many_voices", most=MOST_SPANS)
    if len(themes) > MOST_THEMES:
        raise refusals.wrong("many_themes", most=MOST_THEMES)
    if wanted.op == "merge" and len(themes) == 1 and len(wanted.theme_ids) > 1:
        raise refusals.wrong("with_itself")
    if not _is_complete(wanted.op, len(themes), len(spans), title):
        raise refusals.wrong(f"needs_{wanted.op}")
    if title and wanted.op not in TITLED:
        raise refusals.wrong("no_title", op=wanted.op)
    return Wanted(op=wanted.op, theme_ids=themes, span_ids=spans, title=title, reason=reason)


def _tidy(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def _is_complete(op: str, themes: int, spans: int, title: str | None) -> bool:
    """Say whether there is what a correction needs, and nothing else but a title."""
    return {
        "create": themes == 0 and spans > 0 and title is not None,
        "rename": themes == 1 and spans == 0 and title is not None,
        "merge": themes > 1 and spans == 0,
        "split": themes == 1,
        "move": themes <= 1 and spans > 0,
        "must_link": themes == 0 and spans > 1,
        "cannot_link": (themes == 0 and spans > 1) or (themes > 1 and spans == 0),
        "ignore": themes + bool(spans) == 1,
        "pin": themes == 1 and spans == 0,
    }[op]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Why a correction does not hold, or not for all of what it is about."""

    reason: str
    """`gone`: its voices are no longer there. `target_gone`: nothing is left of its theme. `overruled`: a
    later correction put voices elsewhere. `merged`: a later one merged its theme away. `contradicts`: an
    earlier one says the opposite. `ended`: its theme ended in a run. `refused`: it could not be
    done."""
    count: int = 0
    """Of how many voices this is true."""
    of: int = 0
    """Of so many."""
    other: str | None = None
    """The correction that stands against it."""
    theme: str | None = None
    """The theme that its theme went into; None where it went into none."""
    words: str | None = None
    """What was said where it was refused; `name` and `about` are what pages say it by."""
    name: str | None = None
    about: Mapping[str, object] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {name: value for name, value in asdict(self).items() if value}


def in_words(conflict: Mapping[str, Any]) -> str:
    """Return a stored conflict in plain words."""
    count, of, other = conflict.get("count", 0), conflict.get("of", 0), conflict.get("other", "")
    return {
        "gone": f"{count} of its {of} voices are no longer there.",
        "target_gone": "Nothing is left of the theme that it is about.",
        "overruled": f"{count} of its {of} voices were put elsewhere by the later correction {other}.",
        "merged": f"Its theme was merged into another by the later correction {other}.",
        "contradicts": f"It says the opposite of the earlier correction {other}.",
        "ended": f"Its theme ended in a run; {_where(conflict.get('theme'))}.",
        "refused": str(conflict.get("words", "")),
    }[str(conflict["reason"])]


def _where(theme: str | None) -> str:
    return f"most of it is in the theme {theme} now" if theme else "what was said about it is in no theme now"
