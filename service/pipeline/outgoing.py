"""What goes to a target: the draft as it was decided on and news as they were, never the latest figures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from connectors.outgoing import Citation, News, Note, Outgoing, Reply
from connectors.wording import one_line
from nlp.redact import redact
from service.models import Delivery, Suggestion, Theme
from service.repositories.suggestions import article_of, theme_of


def outgoing_of(session: Session, suggestion: Suggestion, *, public_url: str | None = None) -> Outgoing:
    """Return the suggestion as a target may know it; it has a draft."""
    draft = suggestion.draft or {}
    theme: Theme = theme_of(session, suggestion)
    article = article_of(session, suggestion)
    facts = draft.get("facts", {})
    last_seen = facts.get("last_seen")
    return Outgoing(
        suggestion_id=suggestion.id,
        theme_id=suggestion.theme_id,
        action=suggestion.action,
        audience=suggestion.audience,
        lang=suggestion.lang,
        title=draft.get("title") or theme.title,
        body=draft.get("body", ""),
        theme_title=theme.title,
        contacts=facts.get("contacts", 0),
        customers=facts.get("customers", 0),
        accounts=facts.get("accounts", 0),
        revenue=facts.get("revenue"),
        currency=facts.get("currency"),
        keywords=tuple(theme.keywords),
        citations=tuple(_redacted(citation) for citation in draft.get("citations", ())),
        created_at=datetime.fromisoformat(last_seen) if last_seen else None,
        decided_at=suggestion.decided_at,
        link=link_of(f"/suggestions/{suggestion.id}", public_url),
        article_title=article.title if article else "",
        article_url=article.url if article else None,
    )


def link_of(page: str, public_url: str | None) -> str | None:
    """Return where people find a page of Koe; None where nobody has told its address."""
    return f"{public_url.rstrip('/')}{page}" if public_url else None


def note_of(outgoing: Outgoing) -> Note:
    """Return what is written under something that is there already and says the same."""
    return Note(
        marker=outgoing.suggestion_id,
        text=f"## {one_line(outgoing.theme_title)}\n\n{outgoing.body}",
        link=outgoing.link,
    )


def note_of_news(news: News) -> Note:
    """Return the note that news are."""
    return Note(marker=news.subject_id, text=news.data["text"], link=news.data.get("link"))


def reply_of_news(news: News) -> Reply:
    """Return the reply to a customer that news are."""
    return Reply(text=news.data["text"], since=news.at)


def news_of(delivery: Delivery) -> News | None:
    """Return what a delivery tells of; None where it hands over a suggestion."""
    if delivery.payload is None:
        return None
    return News(
        event=delivery.event,
        subject_id=delivery.subject_id,
        at=datetime.fromisoformat(delivery.payload["at"]),
        data=delivery.payload["data"],
    )


def _redacted(citation: Mapping[str, Any]) -> Citation:
    """Return a citation whose id names nobody: some systems call an item by its customer's address."""
    return Citation(**{**citation, "external_id": redact(citation["external_id"]).text})
