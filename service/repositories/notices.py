"""Notices: who raised the theme of an intervention, what they are told, and who was told already."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, and_, delete, func, or_
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import QueryableAttribute, defer
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import (
    Assignment,
    Consent,
    Delivery,
    Intervention,
    Item,
    Message,
    Notice,
    Organisation,
    Recipient,
    Run,
    Source,
    Span,
    Suggestion,
    Theme,
)
from service.repositories import interventions, outbox
from service.repositories.bulk import insert_rows
from service.repositories.slices import in_slice


class Heard(NamedTuple):
    """An item in which a theme was raised: what of it is needed, without its words."""

    item_id: str
    customer_id: str | None
    external_id: str
    channel: str
    lang: str | None
    status: str | None
    created_at: datetime
    source_id: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A recipient, with the conversation and how the reply stands."""

    recipient: Recipient
    item: Item | None
    """None once the voice is gone."""
    source: str | None
    delivery: Delivery | None
    """None where a person told them by hand."""
    may_have_arrived: bool
    """Whether the reply failed in a way in which it may be there all the same."""

    @property
    def customer_id(self) -> str | None:
        """The customer as they are called by now."""
        return (self.item.customer_id if self.item else None) or self.recipient.customer_id

    @property
    def key(self) -> str:
        """By what they are told apart from others."""
        return self.customer_id or f"item:{self.recipient.item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A reply that is about to be sent, with all that speaks against it."""

    recipient: Recipient
    item: Item | None
    source: Source | None
    answer: str | None
    """What the customer said about being told."""
    asks_consent: bool
    said_there: bool
    """Whether there is still something that the customer said in the conversation."""
    told_elsewhere: bool
    """Whether the same customer is told in another conversation: two turned out to be one."""


def interventions_of(session: Session, organisation_id: str, *, most: int) -> list[Intervention]:
    """Return the interventions, the latest first."""
    query = select(Intervention).where(Intervention.organisation_id == organisation_id)
    latest = query.order_by(col(Intervention.occurred_at).desc(), col(Intervention.id))
    return list(session.exec(latest.limit(most)))


def intervention(session: Session, organisation_id: str, notice_id: str) -> Intervention:
    """Return what a notice is about. Raises NotFound."""
    found = session.get(Intervention, notice_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound(f"There is no notice {notice_id}.")
    return found


def suggestion_of(session: Session, opened: Intervention) -> Suggestion | None:
    """Return the suggestion that an intervention came of; None for one that was entered by hand."""
    return session.get(Suggestion, opened.suggestion_id) if opened.suggestion_id else None


def raised_theme(session: Session, opened: Intervention) -> Theme | None:
    """Return the theme that an intervention is about in the live run; None where it means none.

    A sub-theme that was named itself stays the sub-theme: others of its theme asked for something else.
    """
    named = session.get(Theme, opened.theme.strip())
    if named is not None and named.organisation_id == opened.organisation_id and not named.retired:
        return named
    meant = interventions.meant_theme(session, opened)
    return session.get(Theme, meant) if meant else None


def heard(
    session: Session,
    opened: Intervention,
    theme: Theme,
    *,
    until: datetime | None,
    since: datetime | None,
    by: tuple[str, str | None] | None = None,
) -> list[Heard]:
    """Return the items with a span in a theme that customers wrote by `until`, or after `since`.

    Of an intervention for one segment alone, those of that segment; with `by`, this item and those of this
    customer alone.
    """
    level = col(Assignment.theme_id if theme.parent_id is None else Assignment.subtheme_id)
    holds = (
        select(Span.id)
        .join(Assignment, col(Assignment.span_id) == col(Span.id))
        .join(Run, and_(col(Run.id) == col(Assignment.run_id), col(Run.state) == "live"))
        .where(col(Span.item_id) == col(Item.id), level == theme.id)
        .where(Run.organisation_id == theme.organisation_id)
        .exists()
    )
    query = (
        select_columns(
            col(Item.id),
            col(Item.customer_id),
            col(Item.external_id),
            col(Item.channel),
            col(Item.lang),
            col(Item.status),
            col(Item.created_at),
            col(Item.source_id),
            col(Item.url),
        )
        .where(col(Item.organisation_id) == theme.organisation_id, col(Item.set_aside).is_(None))
        .where(holds)
    )
    if opened.segment is not None:
        query = query.where(in_slice(f"segment:{opened.segment}"))
    if by is not None:
        item_id, customer_id = by
        theirs = [col(Item.id) == item_id, *([col(Item.customer_id) == customer_id] if customer_id else ())]
        query = query.where(or_(*theirs))
    if until is not None:
        query = query.where(col(Item.created_at) <= until)
    if since is not None:
        query = query.where(_wrote_since(since))
    return [Heard(*row) for row in session.execute(query.order_by(col(Item.created_at), col(Item.id)))]


def _wrote_since(since: datetime) -> ColumnElement[bool]:
    again = (
        select(Message.id)
        .where(col(Message.item_id) == col(Item.id), col(Message.reopens))
        .where(col(Message.created_at) > since)
        .exists()
    )
    return or_(col(Item.created_at) > since, again)


def notice(session: Session, organisation_id: str, notice_id: str) -> Notice | None:
    """Return what people have made of a notice; None where nobody has touched it."""
    found = session.get(Notice, notice_id)
    return found if found is not None and found.organisation_id == organisation_id else None


def lock(session: Session, organisation_id: str, notice_id: str) -> Notice:
    """Return a notice as it is now, and keep it from others until the transaction ends. Raises NotFound."""
    intervention(session, organisation_id, notice_id)
    made = {"id": notice_id, "organisation_id": organisation_id, "texts": {}, "version": 0}
    session.execute(insert(Notice).values(made).on_conflict_do_nothing())
    query = select(Notice).where(Notice.organisation_id == organisation_id, Notice.id == notice_id)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).one()


def told(session: Session, organisation_id: str, notice_id: str) -> list[Told]:
    """Return everybody who is told or was, in the order in which people agreed to it."""
    query = (
        select_columns(Recipient, Item, col(Source.name), Delivery)
        .outerjoin(Item, col(Item.id) == col(Recipient.item_id))
        .outerjoin(Source, col(Source.id) == col(Item.source_id))
        .outerjoin(Delivery, col(Delivery.id) == col(Recipient.delivery_id))
        .where(col(Recipient.organisation_id) == organisation_id, col(Recipient.notice_id) == notice_id)
        .order_by(col(Recipient.agreed_at), col(Recipient.id))
        .options(defer(cast("QueryableAttribute[Any]", Item.text), raiseload=True))
        .execution_options(populate_existing=True)
    )
    rows = [(one, item, source, sent) for one, item, source, sent in session.execute(query)]
    unsure = outbox.unsure(session, {sent.id for *_, sent in rows if sent and sent.state == "dead"})
    return [
        Told(
            recipient=one,
            item=item,
            source=source,
            delivery=sent,
            may_have_arrived=sent is not None and sent.id in unsure,
        )
        for one, item, source, sent in rows
    ]


def failed_ids(session: Session, organisation_id: str, notice_id: str) -> list[str]:
    """Return the ids of the replies of a notice that were given up."""
    query = select(Delivery.id).join(Recipient, col(Recipient.delivery_id) == col(Delivery.id))
    ours = query.where(Recipient.organisation_id == organisation_id, Recipient.notice_id == notice_id)
    return list(session.exec(ours.where(Delivery.state == "dead")))


def add(session: Session, recipients: Sequence[Mapping[str, Any]]) -> None:
    """Write down who is told; those who are already stay as they are."""
    insert_rows(session, Recipient, recipients, keep=True)


def forget(session: Session, organisation_id: str, delivery_ids: Collection[str]) -> None:
    """Take back replies that were not sent, and that anybody is told by them."""
    for table, column in ((Recipient, Recipient.delivery_id), (Delivery, Delivery.id)):
        session.execute(
            delete(table).where(col(table.organisation_id) == organisation_id, col(column).in_(delivery_ids))
        )


def recipient(session: Session, organisation_id: str, recipient_id: str) -> Recipient | None:
    """Return one recipient."""
    found = session.get(Recipient, recipient_id)
    return found if found is not None and found.organisation_id == organisation_id else None


def waiting(session: Session, organisation_id: str, recipient_id: str) -> Waiting | None:
    """Return a reply that is about to be sent; None where nobody is to be told any more."""
    query = (
        select_columns(Recipient, Item, Source, col(Consent.answer), col(Organisation.asks_consent))
        .join(Organisation, col(Organisation.id) == col(Recipient.organisation_id))
        .outerjoin(Item, col(Item.id) == col(Recipient.item_id))
        .outerjoin(Source, col(Source.id) == col(Item.source_id))
        .outerjoin(
            Consent,
            and_(
                col(Consent.organisation_id) == col(Recipient.organisation_id),
                col(Consent.customer_id) == func.coalesce(col(Item.customer_id), Recipient.customer_id),
            ),
        )
        .where(col(Recipient.organisation_id) == organisation_id, col(Recipient.id) == recipient_id)
        .execution_options(populate_existing=True)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    one, item, source, answer, asks_consent = found
    said = select(Message.id).where(
        Message.item_id == (item.id if item else ""), Message.author_role == "customer"
    )
    return Waiting(
        recipient=one,
        item=item,
        source=source,
        answer=answer,
        asks_consent=asks_consent,
        said_there=session.exec(said.limit(1)).first() is not None,
        told_elsewhere=_is_told_elsewhere(session, one),
    )


def _is_told_elsewhere(session: Session, one: Recipient) -> bool:
    """Say whether another recipient of the notice is the same customer by now, and comes first."""
    called = func.coalesce(col(Item.customer_id), col(Recipient.customer_id))
    own = col(Recipient.id) == one.id
    me = (
        select(called)
        .select_from(Recipient)
        .outerjoin(Item, col(Item.id) == col(Recipient.item_id))
        .where(own)
    )
    # Nobody who is known by nothing is the same as another one of whom nothing is known.
    who = ((called, session.exec(me).one()), (col(Recipient.item_id), one.item_id))
    same = [column == value for column, value in who if value is not None]
    if not same:
        return False
    query = (
        select(Recipient.id)
        .outerjoin(Delivery, col(Delivery.id) == col(Recipient.delivery_id))
        .outerjoin(Item, col(Item.id) == col(Recipient.item_id))
        .where(Recipient.notice_id == one.notice_id)
        .where(or_(*same))
        .where(Recipient.id != one.id, col(Recipient.stopped_by).is_(None))
        .where(
            or_(
                col(Recipient.delivery_id).is_(None),
                col(Delivery.state).in_(("delivered", "uncertain")),
                and_(col(Delivery.state) != "dead", col(Recipient.id) < one.id),
            )
        )
    )
    return session.exec(query.limit(1)).first() is not None


def own_words(session: Session, organisation_id: str, item_ids: Collection[str]) -> dict[str, set[str]]:
    """Return the digests of what notices said in these items."""
    found: dict[str, set[str]] = {}
    query = select(Recipient.item_id, Recipient.words).where(
        Recipient.organisation_id == organisation_id, col(Recipient.item_id).in_(item_ids)
    )
    for item_id, words in session.exec(query):
        if item_id is not None:
            found.setdefault(item_id, set()).add(words)
    return found
