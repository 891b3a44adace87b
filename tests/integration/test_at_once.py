"""Calls, walks and the making of items at the same time: they wait for each other, and never in a circle."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, func, select

from connectors.ports import Company, Heard
from service.db import Database
from service.imports import feedback, heard
from service.imports.feedback import Received
from service.imports.heard import Told
from service.models import MAIN, Account, Hint, InboxEntry
from service.pipeline.told import keep
from service.repositories import walks
from tests.waiting import one_waits, until
from tests.walking import begun

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
ITEMS = 60
SECONDS = 4


def records(*numbers: int) -> list[Received]:
    said = [Heard(external_id=str(number), title="Broken", created_at=NOW) for number in numbers]
    return heard.read(said, received_at=NOW).records


def in_each_others_way(
    db: Database,
    other: Callable[[Session], object],
    first: Callable[[Session], object],
    last: Callable[[Session], object],
) -> None:
    """Let another transaction come between the two parts of one, and see that both end well."""

    def come_between() -> None:
        with db.begin() as session:
            other(session)

    with ThreadPoolExecutor(1) as beside:
        with db.begin() as session:
            first(session)
            done = beside.submit(come_between)
            until(lambda: one_waits(db))
            last(session)
        done.result()


class TestTwoAtOnce:
    def test_store_the_same_records_in_another_order(self, db: Database) -> None:
        source = begun(db)
        in_each_others_way(
            db,
            lambda session: feedback.store(session, MAIN, source.id, records(2, 1)),
            first=lambda session: feedback.store(session, MAIN, source.id, records(1)),
            last=lambda session: feedback.store(session, MAIN, source.id, records(2)),
        )
        with db.begin() as session:
            assert session.exec(select(func.count()).select_from(InboxEntry)).one() == 2

    def test_tell_of_items_while_the_source_is_left_alone(self, db: Database) -> None:
        source = begun(db)
        with db.begin() as session:
            walks.tell(session, MAIN, source.id, ["1", "2"])
        in_each_others_way(
            db,
            lambda session: walks.rest(session, source.id, timedelta(minutes=1)),
            first=lambda session: walks.tell(session, MAIN, source.id, ["2"]),
            last=lambda session: walks.tell(session, MAIN, source.id, ["1"]),
        )
        with db.begin() as session:
            assert session.exec(select(func.count()).select_from(Hint)).one() == 2

    def test_bring_accounts_and_voices(self, db: Database) -> None:
        source = begun(db)
        company = Told(companies=[Company(account_id="acme", name="Acme")])
        voice = Told(records=records(1))
        in_each_others_way(
            db,
            lambda session: keep(session, source, Told(records=records(1), companies=company.companies)),
            first=lambda session: keep(session, source, company),
            last=lambda session: keep(session, source, voice),
        )
        with db.begin() as session:
            assert session.exec(select(func.count()).select_from(Account)).one() == 1
