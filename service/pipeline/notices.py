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
from service.models import Target
from service.models.columns import digest
from service.pipeline.notice_overview import Overview, overview
from service.repositories import consents, deliveries, notices, outbox, targets, voices
from service.rules.notice_texts import LONGEST, form_of, is_too_long
from service.rules.notices import Answer, Asker

GRACE = timedelta(minutes=10)
"""For which what was agreed to waits, so that it can be stopped."""
ANSWERS: Sequence[Answer] = get_args(Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What came of stopping a notice."""

    stopped: int
    """Replies that will not be sent."""
    looked_up: int
    """Replies that may have arrived: they are looked up, and not sent again."""


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
        news = News(
            event=AGREED,
            subject_id=_named(seen, asker),
            at=now,
            data={
                "theme_id": seen.theme.id if seen.theme else None,
                "notice_id": notice_id,
                "text": seen.text_for(asker),
            },
        )
        target = targets_of[asker.voice.source]
        waiting.append(deliveries.news_row(news, target, at=now + GRACE, link_to=asker.voice.external_id))
        rows.append(_row(seen, asker, by=by, at=now, delivery_id=waiting[-1]["id"]))
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
    notices.add(session, [_row(seen, one, by=by, at=now, delivery_id=None) for one in chosen])
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


def _named(seen: Overview, asker: Asker) -> str:
    """Return the id of a customer as one who is told by a notice."""
    return digest(seen.intervention.organisation_id, "recipient", seen.notice_id, asker.key)


def _row(seen: Overview, asker: Asker, *, by: str, at: datetime, delivery_id: object) -> dict[str, object]:
    return {
        "id": _named(seen, asker),
        "organisation_id": seen.intervention.organisation_id,
        "notice_id": seen.notice_id,
        "customer_id": asker.customer_id,
        "item_id": asker.voice.item_id,
        "words": digest(words_of(seen.text_for(asker))),
        "agreed_by": by,
        "agreed_at": at,
        "delivery_id": delivery_id,
    }


def _target_of(session: Session, organisation_id: str, source: str) -> Target:
    """Return what the outbox calls the conversations of a source."""
    return targets.add_target(session, organisation_id, f"{source} (replies)", KIND, {"source": source})


def _is_time(seen: Overview) -> None:
    if seen.hindrance == "future":
        raise Conflict("this has not happened yet; nobody is told before the day of the intervention")
    if seen.hindrance == "reopened":
        raise Conflict("the suggestion was opened again; nobody is told before it is done")
