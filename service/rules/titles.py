"""Which theme somebody means who writes down its title."""

import unicodedata
from collections.abc import Mapping, Sequence

from service.rules.refusals import wrong

NAMED = 5
"""Themes that are named, at most, to whoever wrote what none or several are called."""
SHOWN = 80
"""Characters of what was written that are told."""


def meant(written: str, titles: Mapping[str, Sequence[str]]) -> str:
    """Return the id of the theme with this title, in whichever width and case.

    `titles` are those of each theme by its id, the one that is shown first. Raises WrongUse where none or
    several are called so, naming those that may be meant, with their ids.
    """
    wanted = _plain(written)
    plain = {theme: [_plain(title) for title in known] for theme, known in titles.items()}
    called = [theme for theme, known in plain.items() if wanted in known]
    if len(called) == 1:
        return called[0]
    near = called or [theme for theme, known in plain.items() if any(wanted in title for title in known)]
    name = "which_theme" if called else "like_themes" if near else "unknown_theme"
    listed = " · ".join(f"{titles[theme][0]} ({theme})" for theme in near[:NAMED])
    raise wrong(name, title=written.strip()[:SHOWN], themes=listed)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
