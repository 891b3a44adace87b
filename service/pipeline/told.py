"""What a source told, put where it belongs: voices into the inbox, all else into its table."""

from collections.abc import Sequence

from sqlmodel import Session

from connectors.ports import Company, Happened
from service.imports import articles as articles_in
from service.imports import feedback
from service.imports.heard import Told
from service.models import Event, Source
from service.models.columns import digest
from service.pipeline.join import called, system
from service.repositories import accounts, articles, locks, walks
from service.repositories.customers import ACCOUNTS, CUSTOMERS
from service.repositories.upserts import upsert
from service.rules.customers import account_names, names_of


def keep(session: Session, source: Source, told: Told) -> None:
    """Put everything that was told where it belongs; what was told before changes nothing."""
    locks.hold_source(session, source.id)
    if told.records:
        feedback.store(session, source.organisation_id, source.id, told.records)
    if told.changed:
        walks.tell(session, source.organisation_id, source.id, told.changed)
    if told.companies or told.happened or told.unpublished or told.shelves:
        locks.hold(session, "inbox", source.organisation_id)
        for company in told.companies:
            _keep_company(session, source, company)
        _keep_life(session, source, told.happened)
    _keep_articles(session, source, told)


def _keep_articles(session: Session, source: Source, told: Told) -> None:
    if told.articles:
        records = [articles_in.told(source, each) for each in told.articles]
        articles_in.store(session, source.organisation_id, records)
    if told.unpublished:
        articles.remove(session, source, told.unpublished)
    for shelf in told.shelves:
        if shelf.external_ids:
            articles.remove_others(session, source, shelf.external_ids)


def _keep_company(session: Session, source: Source, company: Company) -> None:
    names = account_names(
        account_id=company.account_id, own_id=company.own_id, source=system(source), domains=company.domains
    )
    account_id = called(session, source.organisation_id, ACCOUNTS, names)
    if account_id is not None:
        fields = ("name", "plan", "revenue", "currency", "segment", "started_at", "renews_at", "ended_at")
        told = {name: getattr(company, name) for name in fields}
        accounts.update(session, source.organisation_id, account_id, told)


def _keep_life(session: Session, source: Source, happened: Sequence[Happened]) -> None:
    rows = [
        {
            "id": digest(source.organisation_id, "event", source.id, each.external_id),
            "organisation_id": source.organisation_id,
            "source_id": source.id,
            "occurred_at": each.occurred_at,
            "kind": each.kind,
            "account_id": called(
                session,
                source.organisation_id,
                ACCOUNTS,
                account_names(account_id=each.account_id, source=system(source)),
            ),
            "customer_id": called(
                session,
                source.organisation_id,
                CUSTOMERS,
                names_of(customer_id=each.customer_id, email=None, source=system(source)),
            ),
            "article": None,
            "amount": each.amount,
            "has_text": bool(each.text),
        }
        for each in happened
    ]
    upsert(session, Event, rows)
