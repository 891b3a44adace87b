"""A notice as it stands: what it is about, what it says, who would be told, and who was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from service.models import Intervention, Suggestion, Theme
from service.models.columns import digest
from service.pipeline.replies import Hindrance, hindrance, may_be_told_by_hand, reply_state
from service.repositories import consents, deliveries, notices, organisations, outbox, sources
from service.repositories.notices import Told
from service.rules.notice_templates import Done, usual_templates
from service.rules.notice_texts import is_public, key_of, texts_of
from service.rules.notices import Answer, Asker, Raised, askers
from service.rules.notices import key_of as key_of_asker


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A notice: what it is about, what it says, and to whom."""

    intervention: Intervention
    theme: Theme | None
    suggestion: Suggestion | None
    done: Done
    """Of which templates its texts are made."""
    version: int
    texts: Mapping[str, str]
    """By language and form."""
    changed: frozenset[str]
    """Which of them a person wrote."""
    url: str | None
    """The address that the texts name."""
    waiting: Sequence[Asker]
    """Those who raised the theme and were not told."""
    told: Sequence[Told]
    by_hand_after: Sequence[Told]
    """Those whom a person may tell, because the reply to them failed and cannot have arrived."""
    hindrance: Hindrance
    """Why nobody is told now, whoever agrees; empty where nothing speaks against it."""
    consents: Mapping[str, Answer]
    """What the customers among all of these said about being told, of those who said something."""

    @property
    def notice_id(self) -> str:
        """The id of the notice."""
        return self.intervention.id

    def by_way(self, way: str) -> list[Asker]:
        """Return those who would be told in one way."""
        return [one for one in self.waiting if one.way == way]

    @property
    def offer(self) -> str:
        """What a person agrees to, in one word: who is told by a reply, where, and with which words."""
        replies = sorted(
            digest(one.key, one.voice.source, one.voice.external_id, self.text_for(one))
            for one in self.by_way("reply")
        )
        return digest(*replies, length=12)

    def text_for(self, asker: Asker) -> str:
        """Return what a customer would be told."""
        return self.texts[key_of(asker.lang, asker.form)]

    @property
    def can_stop(self) -> bool:
        """Whether something is on its way that has not arrived."""
        return any(
            one.delivery is not None
            and one.delivery.state in deliveries.WAITING
            and not one.recipient.stopped_by
            for one in self.told
        )


def overview(session: Session, organisation_id: str, notice_id: str) -> Overview:
    """Return a notice as it stands. Raises NotFound."""
    opened = notices.intervention(session, organisation_id, notice_id)
    kept = notices.notice(session, organisation_id, notice_id)
    theme = notices.raised_theme(session, opened)
    suggestion = notices.suggestion_of(session, opened)
    url = _url_of(opened, suggestion)
    titles = _titles(theme) if theme else {}
    organisation = organisations.get(session, organisation_id)
    done = _done(opened, suggestion)
    templates = {**usual_templates(done), **organisation.notice_templates.get(done, {})}
    usual = texts_of(templates, titles=titles, url=url)
    written = dict(kept.texts) if kept else {}
    told = notices.told(session, organisation_id, notice_id)
    raised = _raised(session, opened, theme, until=opened.occurred_at) if theme else []
    known = _consents(session, organisation_id, raised, told)
    strict = organisation.asks_consent
    return Overview(
        intervention=opened,
        theme=theme,
        suggestion=suggestion,
        done=done,
        version=kept.version if kept else 0,
        texts={**usual, **written},
        changed=frozenset(written),
        url=url,
        waiting=_waiting(session, opened, theme, raised, told, known, asks_consent=strict) if theme else (),
        told=told,
        by_hand_after=[one for one in told if may_be_told_by_hand(one, known, asks_consent=strict)],
        hindrance=hindrance(opened, suggestion, now=outbox.clock(session)),
        consents=known,
    )


def _consents(
    session: Session, organisation_id: str, raised: Sequence[Raised], told: Sequence[Told]
) -> Mapping[str, Answer]:
    customers = {one.customer_id for one in raised} | {one.customer_id for one in told}
    known = consents.answers(session, organisation_id, {one for one in customers if one})
    return {one: "yes" if answer == "yes" else "no" for one, answer in known.items()}


def _waiting(
    session: Session,
    opened: Intervention,
    theme: Theme,
    raised: Sequence[Raised],
    told: Sequence[Told],
    known: Mapping[str, Answer],
    *,
    asks_consent: bool,
) -> Sequence[Asker]:
    """Return those who raised a theme before it was mended and are not told, whatever they were called."""
    again = frozenset[str]()
    if opened.kind == "fix":
        since = _raised(session, opened, theme, since=opened.occurred_at)
        again = frozenset(key_of_asker(one) for one in since)
    items = {one.recipient.item_id for one in told if one.recipient.item_id}
    keys = {key_of_asker(one) for one in raised if one.item_id in items}
    keys |= {one.recipient.customer_id or "" for one in told} | {one.customer_id or "" for one in told}
    found = askers(
        raised,
        known,
        asks_consent=asks_consent,
        lang="ja" if theme.lang == "ja" else "en",
        came_back=again,
    )
    return [one for one in found if one.key not in keys]


def _raised(
    session: Session,
    opened: Intervention,
    theme: Theme,
    *,
    until: datetime | None = None,
    since: datetime | None = None,
) -> list[Raised]:
    """Return the voices in which a theme was raised, by then or since then."""
    known = {one.id: one for one in sources.list_sources(session, opened.organisation_id)}
    return [
        Raised(
            item_id=one.item_id,
            customer_id=one.customer_id,
            source=known[one.source_id].name,
            external_id=one.external_id,
            channel=one.channel,
            lang=one.lang,
            created_at=one.created_at,
            reply=reply_state(known[one.source_id], one.external_id, one.channel, one.status, one.url),
        )
        for one in notices.heard(session, opened, theme, until=until, since=since)
    ]


def _titles(theme: Theme) -> Mapping[str, str | None]:
    return {**theme.titles, theme.lang: theme.title}


def _done(opened: Intervention, suggestion: Suggestion | None) -> Done:
    if opened.kind == "fix":
        return "fix"
    if opened.kind != "article":
        return "other"
    return "article" if suggestion is None or suggestion.action == "write_article" else "answer"


def _url_of(opened: Intervention, suggestion: Suggestion | None) -> str | None:
    """Return the address of what customers can read; that of a backlog's item is none."""
    if suggestion is None or opened.kind != "article" or suggestion.audience != "public":
        return None
    url = suggestion.published_url
    return url if url and is_public(url) else None
