"""Notices: those who raised a theme are told what was done about it, once a person has agreed.

What is sent goes through the outbox, to the conversation in the source itself; it waits there for a while in
which it can be stopped. Right before it is sent everything is asked again that speaks against it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from sqlmodel import Session

from connectors.files.encodings import clean
from connectors.outgoing import News
from connectors.replying import KIND, words_of
from connectors.target_port import AGREED
from service.errors import Conflict, NotFound, WrongUse
from service.models import Intervention, Suggestion, Target, Theme
from service.models.columns import digest
from service.pipeline.replies import Hindrance, hindrance, may_be_told_by_hand, reply_state
from service.repositories import (
    consents,
    deliveries,
    notices,
    organisations,
    outbox,
    sources,
    targets,
    voices,
)
from service.repositories.notices import Told
from service.rules.notice_texts import LONGEST, Done, form_of, is_public, is_too_long, key_of, usual_texts
from service.rules.notices import Answer, Asker, Raised, askers
from service.rules.notices import key_of as key_of_asker

GRACE = timedelta(minutes=10)
"""For which what was agreed to waits, so that it can be stopped."""
ANSWERS: Sequence[Answer] = get_args(Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A notice: what it is about, what it says, and to whom."""

    intervention: Intervention
    theme: Theme | None
    suggestion: Suggestion | None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What came of stopping a notice."""

    stopped: int
    """Replies that will not be sent."""
    looked_up: int
    """Replies that may have arrived: they are looked up, and not sent again."""


def overview(session: Session, organisation_id: str, notice_id: str) -> Overview:
    """Return a notice as it stands. Raises NotFound."""
    opened = notices.intervention(session, organisation_id, notice_id)
    kept = notices.notice(session, organisation_id, notice_id)
    theme = notices.raised_theme(session, opened)
    suggestion = notices.suggestion_of(session, opened)
    url = _url_of(opened, suggestion)
    titles = _titles(theme) if theme else {}
    usual = usual_texts(done=_done(opened, suggestion), titles=titles, url=url)
    written = dict(kept.texts) if kept else {}
    told = notices.told(session, organisation_id, notice_id)
    raised = _raised(session, opened, theme, until=opened.occurred_at) if theme else []
    known = _consents(session, organisation_id, raised, told)
    strict = organisations.get(session, organisation_id).asks_consent
    return Overview(
        intervention=opened,
        theme=theme,
        suggestion=suggestion,
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


def edit(
    session: Session, organisation_id: str, notice_id: str, written: Mapping[str, str], *, version: int
) -> Overview:
    """Let a notice say something else; an empty text is the usual one again.

    Raises NotFound, WrongUse for a text that nobody can be sent, and Conflict where somebody else has changed
    it since `version`.
    """
    before = overview(session, organisation_id, notice_id)
    kept = notices.lock(session, organisation_id, notice_id)
    if kept.version != version:
        raise Conflict("somebody else has just changed this notice; look at it as it is now")
    texts = dict(kept.texts)
    for key, given in written.items():
        if key not in before.texts:
            raise WrongUse(f"there is no text {key}; there are {', '.join(before.texts)}")
        text = clean(given).replace("\r\n", "\n").strip()
        if not text:
            texts.pop(key, None)
            continue
        if not words_of(text):
            raise WrongUse(f"the text {key} holds no word")
        if is_too_long(key, text):
            raise WrongUse(f"the text {key} is longer than {LONGEST[form_of(key)]:,} characters")
        texts[key] = text
    if texts != kept.texts:
        kept.texts, kept.version = texts, kept.version + 1
    session.flush()
    return overview(session, organisation_id, notice_id)


def agree(session: Session, organisation_id: str, notice_id: str, *, by: str, offer: str) -> Overview:
    """Send the notice to all who can be told by a reply, once `GRACE` is over; nobody is told twice.

    `offer` is the one that the person saw. Raises NotFound, and Conflict where it is another by now.
    """
    notices.intervention(session, organisation_id, notice_id)
    notices.lock(session, organisation_id, notice_id)
    seen = overview(session, organisation_id, notice_id)
    _is_time(seen)
    chosen = seen.by_way("reply")
    if offer != seen.offer:
        raise Conflict(
            f"other customers would be told by now, or with other words ({len(chosen):,} in all); "
            "look at them again"
        )
    now = outbox.clock(session)
    targets_of = {
        name: _target_of(session, organisation_id, name) for name in {one.voice.source for one in chosen}
    }
    waiting, rows = [], []
    for asker in chosen:
        text, named = seen.text_for(asker), digest(organisation_id, "recipient", notice_id, asker.key)
        news = News(
            event=AGREED,
            subject_id=named,
            at=now,
            data={"theme_id": seen.theme.id if seen.theme else None, "notice_id": notice_id, "text": text},
        )
        target = targets_of[asker.voice.source]
        waiting.append(deliveries.news_row(news, target, at=now + GRACE, link_to=asker.voice.external_id))
        rows.append(_row(seen, asker, named, by=by, at=now) | {"delivery_id": waiting[-1]["id"]})
    deliveries.put_all(session, waiting)
    notices.add(session, rows)
    session.expire_all()
    return overview(session, organisation_id, notice_id)


def told_by_hand(
    session: Session, organisation_id: str, notice_id: str, *, by: str, keys: Collection[str] | None = None
) -> Overview:
    """Note that a person told customers in another way: these, or all who cannot be told by a reply.

    Among them are those to whom a reply failed. Raises NotFound, also for somebody who is not among them, and
    Conflict where nobody is told now.
    """
    notices.intervention(session, organisation_id, notice_id)
    notices.lock(session, organisation_id, notice_id)
    deliveries.lock_named(session, organisation_id, notices.failed_ids(session, organisation_id, notice_id))
    seen = overview(session, organisation_id, notice_id)
    _is_time(seen)
    found = {one.key: one for one in seen.by_way("by_hand")}
    failed = {one.key: one.recipient for one in seen.by_hand_after}
    if keys is not None and (unknown := set(keys) - found.keys() - failed.keys()):
        raise NotFound(f"{min(unknown)} is not among those who are told by hand")
    now = outbox.clock(session)
    meant = {*found, *failed} if keys is None else set(keys)
    chosen = [one for key, one in found.items() if key in meant]
    for key, recipient in failed.items():
        if key in meant:
            recipient.delivery_id, recipient.agreed_by, recipient.agreed_at = None, by, now
    session.flush()
    rows = [
        _row(seen, one, digest(organisation_id, "recipient", notice_id, one.key), by=by, at=now)
        | {"delivery_id": None}
        for one in chosen
    ]
    notices.add(session, rows)
    return overview(session, organisation_id, notice_id)


def not_told(session: Session, organisation_id: str, notice_id: str, recipient_id: str) -> None:
    """Take back that somebody was told by hand. Raises NotFound, and Conflict for whom a reply goes to."""
    found = notices.recipient(session, organisation_id, recipient_id)
    if found is None or found.notice_id != notice_id:
        raise NotFound(f"there is no recipient {recipient_id}")
    if found.delivery_id is not None:
        raise Conflict("a reply goes to this customer; stop the notice while it waits")
    failed = deliveries.of_subject(session, organisation_id, AGREED, found.id)
    if failed is None:
        session.delete(found)
    else:
        found.delivery_id = failed.id


def stop(session: Session, organisation_id: str, notice_id: str, *, by: str) -> Stopped:
    """Send nothing more of a notice. What may have arrived is looked up, and not sent again."""
    notices.intervention(session, organisation_id, notice_id)
    notices.lock(session, organisation_id, notice_id)
    on_its_way = {
        one.delivery.id: one.recipient
        for one in notices.told(session, organisation_id, notice_id)
        if one.delivery is not None and one.recipient.stopped_by is None
    }
    locked = deliveries.lock_named(session, organisation_id, on_its_way.keys())
    waiting = {one.id: one.state for one in locked if one.state in deliveries.WAITING}
    unsure = {name for name, state in waiting.items() if state == "sending"}
    unsure |= outbox.unsure(session, waiting.keys())
    for name in unsure:
        on_its_way[name].stopped_by = by
    session.flush()
    notices.forget(session, organisation_id, waiting.keys() - unsure)
    session.expire_all()
    return Stopped(stopped=len(waiting) - len(unsure), looked_up=len(unsure))


def say(session: Session, organisation_id: str, customer_id: str, answer: str, *, by: str) -> None:
    """Remember whether a customer wants to be told of things: `yes`, `no`, or `unknown` again.

    Raises WrongUse for another word, and NotFound for a customer of whom there is no voice.
    """
    if answer not in ANSWERS:
        raise WrongUse(f"“{answer}” is no answer; there are {', '.join(ANSWERS)}")
    if not voices.is_customer(session, organisation_id, customer_id):
        raise NotFound(f"there is no voice of a customer {customer_id}")
    consents.keep(session, organisation_id, {customer_id: answer}, by=by, at=outbox.clock(session))


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
            reply=reply_state(known[one.source_id], one.channel, one.status, one.url),
        )
        for one in notices.heard(session, opened, theme, until=until, since=since)
    ]


def _row(seen: Overview, asker: Asker, named: str, *, by: str, at: datetime) -> dict[str, object]:
    return {
        "id": named,
        "organisation_id": seen.intervention.organisation_id,
        "notice_id": seen.notice_id,
        "customer_id": asker.customer_id,
        "item_id": asker.voice.item_id,
        "words": digest(words_of(seen.text_for(asker))),
        "agreed_by": by,
        "agreed_at": at,
    }


def _target_of(session: Session, organisation_id: str, source: str) -> Target:
    """Return what the outbox calls the conversations of a source."""
    return targets.add_target(session, organisation_id, f"{source} (replies)", KIND, {"source": source})


def _is_time(seen: Overview) -> None:
    if seen.hindrance == "future":
        raise Conflict("this has not happened yet; nobody is told before the day of the intervention")
    if seen.hindrance == "reopened":
        raise Conflict("the suggestion was opened again; nobody is told before it is done")


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
