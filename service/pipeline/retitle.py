"""New names for the themes that exist, where the glossary was changed since they got theirs."""

from collections import defaultdict
from collections.abc import Callable

from sqlmodel import Session

from nlp.glossary import Glossary
from nlp.ports import Labeler
from service.models import Run, Theme
from service.models.columns import digest
from service.pipeline.naming import Grouped, Naming, call, name_themes
from service.repositories import members as members_of
from service.repositories.corrections import given_titles
from service.repositories.glossary import glossary
from service.repositories.members import Member
from service.repositories.themes import themes_by_id

OBEYED = "glossary"
"""The figure of a run that says which glossary its titles obey."""


def note(run: Run, obeyed: Glossary) -> None:
    """Note with a run which glossary the titles of its themes obey; nothing where there never was one."""
    if obeyed.entries or OBEYED in run.figures:
        run.figures = {**run.figures, OBEYED: _digest(obeyed)}


def describe(theme: Theme, naming: Naming) -> None:
    """Write down what a theme is called."""
    theme.title = naming.label.title
    theme.titles = dict(naming.titles)
    theme.keywords = list(naming.label.keywords)
    theme.lang = naming.lang
    theme.kind = naming.kind


def renew(session: Session, live: Run, labeler: Labeler, *, told: Callable[[int], None]) -> int:
    """Name the themes of the live run anew if the glossary has changed; return how many were named.

    Their ids stay what they are, and so does all that hangs on them.
    """
    obeyed = glossary(session, live.organisation_id)
    if live.figures.get(OBEYED, _digest(Glossary())) == _digest(obeyed):
        return 0
    themes = themes_by_id(session, live.organisation_id)
    names = name_themes(_grouped(session, live, themes), labeler, obeyed, told=told)
    given = given_titles(session, live.organisation_id)
    for theme_id, naming in names.items():
        describe(themes[theme_id], naming)
        if theme_id in given:
            call(themes[theme_id], given[theme_id])
        session.add(themes[theme_id])
    note(live, obeyed)
    session.flush()
    return len(names)


def _grouped(session: Session, live: Run, themes: dict[str, Theme]) -> Grouped:
    """Return the spans of the themes that are."""
    places = {
        span: (upper, lower)
        for span, upper, lower in members_of.themes_of_spans(session, live.organisation_id, live.id)
    }
    upper: dict[str, list[Member]] = defaultdict(list)
    lower: dict[str, list[Member]] = defaultdict(list)
    for member in members_of.members(session, live.organisation_id, live.id):
        for level, theme_id in zip((upper, lower), places[member.span_id], strict=True):
            if theme_id is not None and not themes[theme_id].retired:
                level[theme_id].append(member)
    parents = {name: themes[name].parent_id or "" for name in lower}
    return Grouped(upper=dict(sorted(upper.items())), lower=dict(sorted(lower.items())), parents=parents)


def _digest(obeyed: Glossary) -> str:
    return digest(*(f"{each.term}\x1e{each.kind}\x1e{each.stands_for}" for each in obeyed.entries))
