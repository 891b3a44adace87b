"""Replies of a notice: whether there can be one, how each stands, and what speaks against sending it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from connectors.registry import SOURCES
from connectors.replying import SETTING, Replier
from service.models import Delivery, Intervention, Source, Suggestion
from service.repositories import notices, outbox
from service.repositories.notices import Told
from service.rules.notices import Answer, ReplyState

WITHHELD = {
    "stopped": "a person stopped it",
    "by_hand": "a person told the customer in another way",
    "gone": "the customer's voice was deleted, or is in no theme any more",
    "said_no": "the customer does not want to be told",
    "no_consent": "the customer has not said that they want to be told",
    "off": "replies are switched off for this source",
    "paused": "the source is paused",
    "elsewhere": "the conversation is in another account than the source's of now",
    "reopened": "the suggestion was opened again",
    "future": "what it tells of has not happened yet",
    "came_back": "the customer raised it again since it was done",
    "told": "the customer was told in another conversation",
}
"""Why something is not sent that a person had agreed to, by its code."""
CODES: Mapping[str, str] = {words: code for code, words in WITHHELD.items()}
UNDONE = ("open", "accepted")
"""How a suggestion stands that was opened again after its intervention."""
Hindrance = Literal["", "future", "reopened"]
"""Why nobody is told of something now: it has not happened yet; it was opened again."""


def hindrance(opened: Intervention, suggestion: Suggestion | None, *, now: datetime) -> Hindrance:
    """Return why nobody is told of an intervention now; empty where nothing speaks against it."""
    if opened.occurred_at > now:
        return "future"
    return "reopened" if suggestion is not None and suggestion.status in UNDONE else ""


def withheld(session: Session, organisation_id: str, recipient_id: str) -> str | None:
    """Return why a reply must not be sent after all, as a code of `WITHHELD`; None where it may."""
    found = notices.waiting(session, organisation_id, recipient_id)
    if found is None or found.recipient.stopped_by is not None:
        return "stopped"
    if found.recipient.delivery_id is None:
        return "by_hand"
    item, source = found.item, found.source
    if item is None or source is None or not found.said_there or item.set_aside:
        return "gone"
    if found.answer == "no":
        return "said_no"
    if found.answer is None and found.asks_consent:
        return "no_consent"
    if source.paused_at is not None:
        return "paused"
    state = reply_state(source, item.external_id, item.channel, item.status, item.url)
    if state in ("off", "elsewhere"):
        return state
    opened = notices.intervention(session, organisation_id, found.recipient.notice_id)
    against = hindrance(opened, notices.suggestion_of(session, opened), now=outbox.clock(session))
    if against:
        return against
    if _came_back(session, opened, item.id, item.customer_id or found.recipient.customer_id):
        return "came_back"
    return "told" if found.told_elsewhere else None


def _came_back(session: Session, opened: Intervention, item_id: str, customer_id: str | None) -> bool:
    """Say whether somebody raised again what was mended."""
    theme = notices.raised_theme(session, opened) if opened.kind == "fix" else None
    if theme is None:
        return False
    since = opened.occurred_at
    again = notices.heard(session, opened, theme, until=None, since=since, by=(item_id, customer_id))
    return bool(again)


def reply_state(
    source: Source, conversation: str, channel: str, status: str | None, url: str | None
) -> ReplyState:
    """Return whether a source can reply in a conversation that came by this channel and stands so."""
    kind = SOURCES.get(source.kind)
    if kind is None or not issubclass(kind, Replier) or channel not in kind.replies_in:
        return "never"
    if not kind.reaches(conversation):
        return "never"
    if url is not None and not url.startswith(kind.place(source.settings)):
        return "elsewhere"
    if status in kind.closed:
        return "closed"
    is_on = source.settings.get(SETTING.name) == "yes" and source.sealed_credentials is not None
    return "on" if is_on else "off"


def state_of(told: Told) -> str:
    """Return how it stands with a recipient: `told`, `by_hand`, `stopped`, `failed`, or on its way."""
    if told.delivery is None:
        return "by_hand"
    if told.delivery.state == "delivered":
        return "told"
    is_dead = told.delivery.state == "dead"
    if is_dead and told.may_have_arrived and why(told.delivery) not in WITHHELD:
        return "unsure"
    if told.recipient.stopped_by is not None:
        return "stopped"
    return "failed" if is_dead else told.delivery.state


def why(sent: Delivery | None) -> str | None:
    """Return why a reply was not sent, as a code where Koe itself held it back, else in words."""
    if sent is None or sent.reason is None:
        return None
    return CODES.get(sent.reason, sent.reason)


def may_be_told_by_hand(told: Told, consents: Mapping[str, Answer], *, asks_consent: bool) -> bool:
    """Say whether a person may tell somebody to whom a reply failed."""
    if state_of(told) != "failed" or why(told.delivery) in WITHHELD:
        return False
    if told.item is None or told.item.set_aside:
        return False
    consent = consents.get(told.customer_id or "", "unknown")
    return consent == "yes" or (consent == "unknown" and not asks_consent)
