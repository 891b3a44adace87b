"""What a source tells, as records for the inbox: one of the item itself, and one of each message.

So the newest version of each counts, whether it came by a call, by a walk or by a file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from connectors.own import is_own
from connectors.ports import (
    Article,
    BadRow,
    Changed,
    Company,
    Event,
    File,
    Happened,
    Heard,
    Said,
    Shelf,
    Unpublished,
    Unsaid,
    Withdrawn,
)
from nlp.html import plain
from service.imports import values
from service.imports.feedback import Received, received
from service.rules.records import FeedbackRecord, MessageRecord

MESSAGE = "message "
"""What the names of messages' records begin with."""
MOST_EVENTS = 10_000
"""Of one call or page: more are a mistake of the connector."""


@dataclass(slots=True, kw_only=True)
class Told:
    """What events came to."""

    records: list[Received] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    """The items that are told of, one for each event."""
    changed: list[str] = field(default_factory=list)
    """Items that are to be fetched."""
    companies: list[Company] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)
    """Articles that were withdrawn."""
    shelves: list[Shelf] = field(default_factory=list)
    mistakes: list[BadRow] = field(default_factory=list)

    @property
    def says_nothing(self) -> bool:
        """Whether nothing is to be put anywhere."""
        return not (
            self.records
            or self.changed
            or self.companies
            or self.happened
            or self.files
            or self.articles
            or self.unpublished
            or self.shelves
        )


def read(events: Iterable[Event], *, received_at: datetime) -> Told:
    """Return the records that events make; of more than `MOST_EVENTS` a mistake says so."""
    told, following = Told(), iter(events)
    for event in islice(following, MOST_EVENTS):
        _put(event, received_at, told)
    if next(following, None) is not None:
        reason = f"it tells of more than {MOST_EVENTS:,} things at once; what comes after them is left out"
        told.mistakes.append(BadRow(line=MOST_EVENTS + 1, reason=reason))
    return told


def _put(event: Event, received_at: datetime, told: Told) -> None:
    if isinstance(event, BadRow):
        told.mistakes.append(event)
    elif isinstance(event, Changed):
        told.changed.append(event.external_id)
    elif isinstance(event, File):
        told.files.append(event)
    elif isinstance(event, Article | Unpublished | Shelf):
        _put_article(event, told)
    elif isinstance(event, Company):
        told.companies.append(event)
    elif isinstance(event, Happened):
        told.happened.append(event)
        if words := values.words(event.text):
            told.records.append(received(_reason(event, words)))
    elif isinstance(event, Withdrawn):
        told.items.append(event.external_id)
        told.records.append(received(_withdrawn(event, received_at)))
    elif isinstance(event, Unsaid):
        told.records.extend(received(_unsaid(event, item, received_at)) for item in event.items)
    else:
        _take(event, received_at, told)


def _put_article(event: Article | Unpublished | Shelf, told: Told) -> None:
    """Take what is told of articles. A draft that Koe made is none, whatever it was before."""
    if isinstance(event, Shelf):
        told.shelves.append(event)
    elif isinstance(event, Unpublished) or _is_own_draft(event):
        told.unpublished.append(event.external_id)
    elif not plain(event.title).split():
        told.mistakes.append(BadRow(line=1, reason=f"the article {event.external_id} has no title"))
    else:
        told.items.append(event.external_id)
        told.articles.append(event)


def _is_own_draft(article: Article) -> bool:
    return article.status == "draft" and (article.own or is_own(article.text))


def _take(heard: Heard, received_at: datetime, told: Told) -> None:
    try:
        made = [received(record) for record in _records(heard, received_at)]
    except ValueError as error:
        told.mistakes.append(BadRow(line=1, reason=str(error)))
        return
    if made:
        told.items.append(heard.external_id)
        told.records.extend(made)


def _reason(event: Happened, words: str) -> FeedbackRecord:
    """Return the words of a customer about something that happened, as a voice of its own."""
    return FeedbackRecord(
        external_id=f"event-{event.external_id}",
        text=words,
        channel="survey",
        created_at=event.occurred_at,
        customer_id=values.identifier(event.customer_id),
        account_id=values.identifier(event.account_id),
    )


def _withdrawn(event: Withdrawn, received_at: datetime) -> FeedbackRecord:
    at = event.at or received_at
    return FeedbackRecord(
        external_id=event.external_id,
        thread_id=event.external_id,
        updated_at=at,
        withdrawn=True,
    )


def _unsaid(event: Unsaid, item: str, received_at: datetime) -> FeedbackRecord:
    return FeedbackRecord(
        external_id=_name(event.external_id),
        thread_id=item,
        updated_at=event.at or received_at,
        unsaid=True,
    )


def _records(heard: Heard, received_at: datetime) -> Iterator[FeedbackRecord]:
    """Yield the item and its messages. An item that Koe itself wrote yields nothing."""
    said = [one for one in heard.said if not is_own(one.text)]
    if heard.said and not said:
        return
    yield _item(heard, received_at)
    for one in said:
        yield _message(heard, one, received_at)


def _item(heard: Heard, received_at: datetime) -> FeedbackRecord:
    customer = heard.customer
    dated = heard.created_at or heard.updated_at
    return FeedbackRecord(
        external_id=heard.external_id,
        thread_id=heard.external_id,
        title=values.words(heard.title),
        channel=heard.channel,
        lang=values.language(heard.lang),
        created_at=heard.created_at,
        updated_at=heard.updated_at,
        replied_at=heard.replied_at,
        resolved_at=heard.resolved_at,
        assumed_at=None if dated else received_at,
        customer_id=values.identifier(customer.id),
        customer_email=values.short(customer.email),
        customer_own_id=values.identifier(customer.own_id),
        account_id=values.identifier(customer.account_id),
        account_own_id=values.identifier(customer.account_own_id),
        status=values.short(heard.status),
        rating=values.rating(heard.rating),
        url=values.link(heard.url),
        tags=values.tags(list(heard.tags)),
        product_area=values.short(heard.product_area),
        team=values.short(heard.team),
    )


def _message(heard: Heard, said: Said, received_at: datetime) -> FeedbackRecord:
    text = values.words(said.text)
    message = MessageRecord(
        external_id=said.external_id,
        author_role=said.author_role,
        text=text or "",
        created_at=said.created_at,
    )
    dated = said.created_at or said.updated_at
    return FeedbackRecord(
        external_id=_name(said.external_id),
        thread_id=heard.external_id,
        messages=[message] if text else [],
        author_role=said.author_role,
        channel=heard.channel,
        created_at=said.created_at,
        updated_at=said.updated_at,
        assumed_at=None if dated else received_at,
    )


def _name(message: str) -> str:
    """Return the name of a message's record: its item may well go by the same name there."""
    return f"{MESSAGE}{message}"
