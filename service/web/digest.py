"""The digest of a week in words: what home tells, as a page, a mail and a channel's message show it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlmodel import Session

from nlp.redact import redact
from service.pipeline import steered
from service.pipeline.digest import Written
from service.pipeline.outgoing import link_of
from service.repositories import happenings, organisations, overview, tallies
from service.rules.digests import Week
from service.web import home
from service.web.home import LISTS, Line
from service.web.language import Language
from service.web.measured import figure_of
from service.web.page import templates

NUMBERS = (
    *("contact_rate", "repeat_rate", "answered_themes"),
    *("first_deals_kept", "shrinkage_avoided", "growth_won"),
)
"""The measures that are told in the one line."""
TAGS = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change: as home shows it, and as plain text from which personal data is taken out."""

    line: Line
    kind: str
    title: str
    lang: str
    said: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something that is told in a sentence, and where it leads."""

    said: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a week is told in."""

    heard: bool
    """False where there are no voices yet."""
    total: int
    headline: str
    subject: str
    entries: Sequence[Entry]
    further: Sequence[Matter]
    waits: Sequence[Matter]
    measures: str
    """The measures in one line; empty where none is known."""
    path: str
    """Its own page."""


def digest_of(session: Session, organisation_id: str, t: Language, week: Week) -> Digest:
    """Return what changed in a week, what waits now, and the measures as they stand."""
    changes = home.changed(session, organisation_id, since=week.since, until=week.until)
    themes = {change.theme.id: change.theme for change in changes.shown if change.theme}
    figures = tallies.stored(session, organisation_id, list(themes.values()), zone=t.zone)
    reached_out = overview.reached_out(session, organisation_id)
    lines = home.told(t, changes.shown, figures, reached_out=reached_out, followed=frozenset())
    since = t("digest.in_week", since=t.short_day(week.since), until=t.day(week.until))
    told = t("home.changed", n=changes.total, since=since)
    headline = told if changes.total else t("home.nothing", since=since)
    return Digest(
        heard=happenings.is_anything_there(session, organisation_id),
        total=changes.total,
        headline=headline,
        subject=t("digest.subject", headline=headline.rstrip(".。")),
        entries=[_entry(t, line) for line in lines],
        further=[
            Matter(
                said=t("digest.further", kind=t(f"home.kind_{kind}"), n=t("home.further", n=n)),
                path=LISTS.get(kind, "/themes"),
            )
            for kind, n in changes.counted.items()
        ],
        waits=[
            Matter(said=_clean(said), path=path) for said, path in home.waits(t, session, organisation_id)
        ],
        measures=_measures(session, organisation_id, t),
        path=f"/digest?week={week.name}",
    )


def _entry(t: Language, line: Line) -> Entry:
    change = line.change
    said = Markup(TAGS.sub("", line.told)).unescape()
    if line.row:
        recent = t("home.recent", n=line.row.recent)
        if line.row.recent != line.row.before:
            recent += f"{t('common.comma')}{t.difference(line.row.recent - line.row.before)}"
        said += t("common.joint") + t("digest.recent", recent=recent)
    return Entry(
        line=line,
        kind=t(f"home.kind_{change.kind}"),
        title=_clean(change.theme.title if change.theme else t("alarms.aside")),
        lang=(change.theme.lang if change.theme else None) or t.lang,
        said=_clean(said),
        path=change.address,
    )


def _clean(text: str) -> str:
    """Return a text as one line without personal data: people write titles and reasons, too."""
    return " ".join(redact(text).text.split())


def _measures(session: Session, organisation_id: str, t: Language) -> str:
    """Return in one line how many measures are clearly better or worse, and some of them."""
    board = steered.board(session, organisation_id)
    if board is None:
        return ""
    verdicts = [one.verdict for one in board.shown.values() if one.verdict]
    better, worse = verdicts.count("better"), verdicts.count("worse")
    known = [one for name in NUMBERS if (one := board.shown.get(name)) and one.now.reading.value is not None]
    numbers = [
        t(
            "digest.number",
            name=t(f"measures.name_{one.measure.name}"),
            figure=figure_of(t, one.measure, one.now.reading),
        )
        for one in known
    ]
    if not verdicts:
        headline = t("measures.headline_none")
    elif better or worse:
        headline = t("measures.headline", n=len(verdicts), better=better, worse=worse)
    else:
        headline = t("measures.headline_same", n=len(verdicts))
    return headline + (
        t("common.joint") + t("digest.numbers", numbers=t("digest.and").join(numbers)) if numbers else ""
    )


def write(
    public_url: str | None, session: Session, organisation_id: str, lang: str, week: Week, leave: str
) -> Written:
    """Return a digest in a language; its links begin with KOE_PUBLIC_URL, and without it there are none."""
    t = Language(lang, organisations.zone_of(session, organisation_id))
    digest = digest_of(session, organisation_id, t, week)
    return Written(
        total=digest.total,
        told=as_told(t, digest, public_url),
        subject=digest.subject,
        text=as_text(t, digest, public_url, leave=leave),
        html=as_html(t, digest, public_url, leave=leave),
    )


def as_told(t: Language, digest: Digest, public_url: str | None) -> Mapping[str, Any]:
    """Return a digest as channels and programs get it."""
    return {
        "headline": digest.headline,
        "link": link_of(digest.path, public_url),
        "changes": [
            {
                "kind": each.kind,
                "title": each.title,
                "said": each.said,
                "link": link_of(each.path, public_url),
            }
            for each in digest.entries
        ],
        "waits_title": t("home.waits"),
        "waits": [{"said": each.said, "link": link_of(each.path, public_url)} for each in digest.waits],
        "measures": digest.measures,
    }


def as_text(t: Language, digest: Digest, public_url: str | None, *, leave: str = "") -> str:
    """Return a digest as plain text."""
    parts = [digest.headline]
    parts += [
        _part(f"{each.kind}{t('common.colon')}{each.title}", each.said, link_of(each.path, public_url))
        for each in digest.entries
    ]
    parts += [_part(each.said, link_of(each.path, public_url)) for each in digest.further]
    waits = [_part(f"- {each.said}", link_of(each.path, public_url)) for each in digest.waits]
    parts.append(_part(t("home.waits"), *waits) if waits else t("home.nothing_waits"))
    if digest.measures:
        parts.append(_part(digest.measures, link_of("/measures", public_url)))
    if leave:
        parts.append(_part("-- ", t("digest.why"), t("digest.why_leave"), leave))
    return "\n\n".join(parts) + "\n"


def _part(*lines: str | None) -> str:
    return "\n".join(line for line in lines if line)


def as_html(t: Language, digest: Digest, public_url: str | None, *, leave: str = "") -> str:
    """Return a digest as HTML that needs no style of its own: it reads by day and by night."""
    return (
        templates()
        .get_template("digest_mail.html")
        .render(
            t=t,
            digest=digest,
            base=(public_url or "").rstrip("/"),
            leave=leave,
        )
    )
