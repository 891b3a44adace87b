"""The stage that has a language model put titles and drafts into better words, where one is named.

Nothing needs it. What the model writes is kept, so a text is asked for once; where the model does not answer,
all stays as Koe wrote it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from nlp.errors import ModelFails
from nlp.ports import Polisher
from service.db import Database
from service.models import Suggestion, Theme
from service.models.columns import digest
from service.pipeline.report import Progress, Report, silent
from service.pipeline.rewrite import is_written
from service.repositories import polished, suggestions, themes
from service.repositories.corrections import given_titles
from service.repositories.glossary import glossary

STAGE = "polish"
QUOTES = 12
MOST_SENTENCES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A theme with what the model is shown of it."""

    theme_id: str
    title: str
    named: bool
    """Whether a person gave it its title: that one stays."""
    lang: str
    quotes: tuple[str, ...]
    terms: tuple[str, ...]
    sentences: tuple[str, ...]
    """Those of the drafts of its open suggestions."""


def run(
    db: Database, organisation_id: str, polisher: Polisher | None, *, progress: Progress = silent
) -> Report:
    """Polish the titles of the live upper themes and the drafts of their open suggestions."""
    if polisher is None:
        return Report(stage=STAGE, done=0)
    with db.begin() as session:
        work = _work(session, organisation_id)
    done = 0
    for place, one in enumerate(work):
        progress(STAGE, place, len(work))
        try:
            done += _polish(db, organisation_id, polisher, one)
        except ModelFails as error:
            return Report(stage=STAGE, done=done, failed=len(work) - place, notes=(f"{error} {STAYS}",))
    progress(STAGE, len(work), len(work))
    return Report(stage=STAGE, done=done)


STAYS = "Until then, titles and drafts stay as Koe wrote them."


def _work(session: Session, organisation_id: str) -> list[Work]:
    living = [
        theme
        for theme in themes.themes_by_id(session, organisation_id).values()
        if theme.parent_id is None and not (theme.retired or theme.ignored)
    ]
    open_ones = suggestions.list_suggestions(session, organisation_id, status="open")
    named = given_titles(session, organisation_id)
    return [
        Work(
            theme_id=theme.id,
            title=theme.title,
            named=theme.id in named,
            lang=theme.lang,
            quotes=_quotes(session, theme),
            terms=tuple(theme.keywords),
            sentences=_sentences([one for one in open_ones if one.theme_id == theme.id]),
        )
        for theme in living
    ]


def _quotes(session: Session, theme: Theme) -> tuple[str, ...]:
    voices = themes.evidence(session, theme.organisation_id, theme.id, limit=QUOTES)
    return tuple(voice.span.text for voice in voices)


def _sentences(open_ones: Sequence[Suggestion]) -> tuple[str, ...]:
    drafts = [one.draft for one in open_ones if one.draft and not is_written(one)]
    texts = dict.fromkeys(sentence["text"] for draft in drafts for sentence in draft["sentences"])
    return tuple(texts)[:MOST_SENTENCES]


def _polish(db: Database, organisation_id: str, polisher: Polisher, work: Work) -> int:
    """Ask for what is not known yet and write it down; return how many texts became better."""
    title_id = digest("title", polisher.name, work.title, *work.quotes, *work.terms, length=32)
    ids = {text: digest("sentence", polisher.name, text, *work.terms, length=32) for text in work.sentences}
    with db.begin() as session:
        known = polished.known(session, organisation_id, [title_id, *ids.values()])
    asked = [text for text in work.sentences if ids[text] not in known]
    found: dict[str, str | None] = {}
    if title_id not in known and not work.named:
        found[title_id] = polisher.title(work.title, lang=work.lang, quotes=work.quotes, terms=work.terms)
        if (better := found[title_id]) is not None:
            # It is not asked for again once it is the theme's title.
            found[digest("title", polisher.name, better, *work.quotes, *work.terms, length=32)] = None
    if asked:
        answers = polisher.sentences(asked, lang=work.lang, terms=work.terms)
        found |= {ids[text]: answer for text, answer in zip(asked, answers, strict=True)}
    known |= found
    better_ones = {text: known[ids[text]] for text in work.sentences}
    with db.begin() as session:
        polished.keep(session, organisation_id, found)
        obeyed = glossary(session, organisation_id)
        title = None if work.named else known[title_id]
        return _write(
            session,
            organisation_id,
            work,
            obeyed.obeyed(title) if title is not None and obeyed.allows(obeyed.obeyed(title)) else None,
            {
                text: better
                for text, better in better_ones.items()
                if better is not None and obeyed.allows(better)
            },
        )


def _write(
    session: Session, organisation_id: str, work: Work, title: str | None, sentences: dict[str, str]
) -> int:
    theme = themes.get_theme(session, organisation_id, work.theme_id)
    if title is not None and theme.title == work.title:
        theme.title = title
        theme.titles = {lang: title if known == work.title else known for lang, known in theme.titles.items()}
    for one in suggestions.lock_suggestions(session, organisation_id, theme_id=theme.id):
        if one.status == "open" and one.draft is not None and not is_written(one):
            named = one.draft["title"] if title is None else one.draft["title"].replace(work.title, title)
            one.draft = rewritten({**one.draft, "title": named}, sentences)
    return len(sentences) + (title is not None)


def rewritten(draft: dict[str, Any], better: Mapping[str, str]) -> dict[str, Any]:
    """Return a draft with its sentences, and what its title is made of, in better words; citations stay."""
    title = draft["title"]
    for text, new in better.items():
        title = title.replace(text, new)
    pieces, rest = [], draft["body"]
    for sentence in draft["sentences"]:
        before, text, rest = rest.partition(sentence["text"])
        pieces += [before, better.get(text, text)]
    sentences = [
        {**sentence, "text": better.get(sentence["text"], sentence["text"])}
        for sentence in draft["sentences"]
    ]
    return {**draft, "title": title, "body": "".join([*pieces, rest]), "sentences": sentences}
