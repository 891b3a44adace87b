"""What a person may change about themes, what each change needs to be said, and why one may not hold."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from service.errors import WrongUse

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
        raise WrongUse(f"“{wanted.op[:40]}” is no correction; there are {', '.join(OPS)}.")
    title, reason = _tidy(wanted.title), _tidy(wanted.reason)
    if title is not None and len(title) > LONGEST_TITLE:
        raise WrongUse(f"A title has at most {LONGEST_TITLE} characters.")
    if reason is not None and len(reason) > LONGEST_REASON:
        raise WrongUse(f"A reason has at most {LONGEST_REASON} characters.")
    themes, spans = tuple(dict.fromkeys(wanted.theme_ids)), tuple(dict.fromkeys(wanted.span_ids))
    if len(spans) > MOST_SPANS:
        raise WrongUse(f"One correction is about at most {MOST_SPANS:,} voices; make several.")
    if len(themes) > MOST_THEMES:
        raise WrongUse(f"One correction is about at most {MOST_THEMES} themes; make several.")
    if wanted.op == "merge" and len(themes) == 1 and len(wanted.theme_ids) > 1:
        raise WrongUse("A theme cannot be merged with itself.")
    lacking = _lacking(wanted.op, len(themes), len(spans), title)
    if lacking:
        raise WrongUse(lacking)
    return Wanted(op=wanted.op, theme_ids=themes, span_ids=spans, title=title, reason=reason)


def _tidy(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def _lacking(op: str, themes: int, spans: int, title: str | None) -> str | None:
    """Return what is missing or too much, in words; None where all is there."""
    needs = {
        "create": (themes == 0 and spans > 0 and title, "create needs voices and a title, and no theme."),
        "rename": (themes == 1 and not spans and title, "rename needs one theme and a title."),
        "merge": (themes > 1 and not spans, "merge needs two themes or more, and no voices."),
        "split": (themes == 1, "split needs one theme: with voices of it, or a sub-theme as a whole."),
        "move": (themes <= 1 and spans > 0, "move needs voices, and one theme to move them to, or none."),
        "must_link": (spans > 1 and not themes, "must_link needs two voices or more."),
        "cannot_link": (
            (spans > 1) != (themes > 1),
            "cannot_link needs two voices or more, or two themes or more.",
        ),
        "ignore": (themes + bool(spans) == 1, "ignore needs one theme, or voices."),
        "pin": (themes == 1 and not spans, "pin needs one theme."),
    }
    complete, told = needs[op]
    if not complete:
        return told
    return f"{op} takes no title." if title and op not in TITLED else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Why a correction does not hold, or not for all of what it is about."""

    reason: str
    """`gone`: its voices are no longer there. `target_gone`: nothing is left of its theme. `overruled`: a
    later correction put voices elsewhere. `merged`: a later one merged its theme away. `contradicts`: an
    earlier one says the opposite. `ended`: its theme went into another in a run. `refused`: it could not be
    done."""
    count: int = 0
    """Of how many voices this is true."""
    of: int = 0
    """Of so many."""
    other: str | None = None
    """The correction that stands against it."""
    theme: str | None = None
    """The theme that its theme went into."""
    words: str | None = None
    """What was said where it was refused."""

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
        "ended": f"Its theme ended in a run; most of it is in the theme {conflict.get('theme', '')} now.",
        "refused": str(conflict.get("words", "")),
    }[str(conflict["reason"])]
