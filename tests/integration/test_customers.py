"""Who spoke: over files, calls and connected systems, one person is one customer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from connectors.ports import Company, Customer, Event, Happened, Heard, Said
from service.db import Database
from service.imports import Options, feedback, heard, import_file
from service.models import MAIN, Account, Handle, Item, Source
from service.models import Event as LifeEvent
from service.pipeline import ingest
from service.pipeline.told import keep
from tests.calling import call, open_door
from tests.contract.sources import example_of, salesforce
from tests.sourcing import ELSEWHERE, there
from tests.walking import add

AT = datetime(2026, 5, 1, tzinfo=UTC)


def tells(db: Database, source_id: str, item: str, customer: Customer) -> None:
    event = Heard(external_id=item, said=[Said(external_id="1", text=item)], created_at=AT, customer=customer)
    with db.begin() as session:
        feedback.store(session, MAIN, source_id, heard.read([event], received_at=AT).records)
    ingest.run(db, MAIN)


def fetched(db: Database, source: Source, *events: Event) -> None:
    with db.begin() as session:
        keep(session, source, heard.read(events, received_at=AT))
    ingest.run(db, MAIN)


def behind(db: Database) -> dict[str, str | None]:
    with db.begin() as session:
        return dict(session.exec(select(Item.external_id, Item.account_id)).all())


def who(db: Database) -> dict[str, str | None]:
    with db.begin() as session:
        return dict(
            session.exec(select(Item.external_id, Item.customer_id).order_by(col(Item.external_id))).all()
        )


def test_a_webhook_and_a_connected_system_meet_in_one_customer(db: Database) -> None:
    desk = add(db, "zendesk")
    tells(db, desk.id, "t1", Customer(id="1900", email="aya@example.com"))
    assert who(db) == {"t1": "source/1900"}
    call(
        db,
        open_door(db),
        {"external_id": "w1", "text": "w", "customer_id": "c-42", "customer_email": "Aya@example.com"},
    )
    ingest.run(db, MAIN)
    assert who(db) == {"t1": "c-42", "w1": "c-42"}
    tells(db, desk.id, "t2", Customer(id="1900"))
    assert who(db) == {"t1": "c-42", "t2": "c-42", "w1": "c-42"}


def test_an_address_alone_is_a_customer_whose_address_is_not_kept(db: Database) -> None:
    desk = add(db, "zendesk")
    tells(db, desk.id, "t1", Customer(email="aya@example.com"))
    tells(db, desk.id, "t2", Customer(email="aya@example.com"))
    found = who(db)
    assert found["t1"] == found["t2"]
    assert found["t1"] is not None
    assert found["t1"].startswith("c-")
    with db.begin() as session:
        assert not [each for each in session.exec(select(Handle.handle)) if "aya" in each]


def test_ids_of_files_stay_as_they_were_given(db: Database) -> None:
    door = open_door(db)
    for number, customer in enumerate(("c-1", "aya@example.com", "1900", None)):
        call(db, door, {"external_id": str(number), "text": "w", "customer_id": customer})
    ingest.run(db, MAIN)
    assert who(db) == {"0": "c-1", "1": "aya@example.com", "2": "1900", "3": None}


class TestAccounts:
    def test_a_company_that_two_systems_know_is_one_account(self, db: Database) -> None:
        desk = add(db, "zendesk")
        tells(db, desk.id, "t1", Customer(id="1", account_id="77"))
        assert behind(db) == {"t1": "source/77"}
        fetched(db, desk, Company(account_id="77", name="Acme", revenue=1200.0))
        fetched(db, desk, Company(account_id="77", own_id="A-1", plan="gold"))
        assert behind(db) == {"t1": "A-1"}
        with db.begin() as session:
            (account,) = session.exec(select(Account)).all()
            assert (account.account_id, account.name, account.plan) == ("A-1", "Acme", "gold")
            assert account.revenue == 1200

    def test_whoever_writes_from_its_domain_belongs_to_it(self, db: Database, tmp_path: Path) -> None:
        file = tmp_path / "accounts.csv"
        file.write_text("account_id,name,domain\nA-1,Acme,acme.example\nA-2,Mail,gmail.com\n")
        import_file(db, MAIN, "accounts", file, source="crm", options=Options())
        desk = add(db, "zendesk")
        for item, email in (("t1", "aya@acme.example"), ("t2", "ken@gmail.com"), ("t3", "x@other.example")):
            tells(db, desk.id, item, Customer(email=email))
        tells(db, desk.id, "t4", Customer(email="aya@acme.example", account_id="9"))
        assert behind(db) == {"t1": "A-1", "t2": None, "t3": None, "t4": "source/9"}

    @pytest.mark.parametrize(
        ("kind", "items"),
        [
            ("salesforce", {salesforce.CASE: "A-1", "event-006Ax00000000001": "A-1"}),
            ("hubspot", {"987": "source/77", "988": None, "event-41": "A-1"}),
        ],
    )
    def test_what_systems_of_sales_tell_of_it_meets_in_it(
        self, db: Database, kind: str, items: dict[str, str | None]
    ) -> None:
        desk = add(db, kind)
        for _ in range(2):
            fetched(db, desk, *(there(event, ELSEWHERE) for event in example_of(kind).walked))
        assert items.items() <= behind(db).items()
        with db.begin() as session:
            found = session.exec(select(Account).where(Account.account_id == "A-1")).one()
            assert (found.name, found.currency) == ("Acme", "JPY")
            assert found.revenue == 1200
            kinds = session.exec(select(LifeEvent.kind).order_by(LifeEvent.kind)).all()
        assert len(kinds) == 2
        assert "churn" in kinds

    def test_what_a_system_knows_by_a_domain_is_the_account_that_a_file_names_with_it(
        self, db: Database, tmp_path: Path
    ) -> None:
        desk = add(db, "hubspot")
        company = Company(account_id="123", domains=["acme.example"], name="Acme Inc.", plan="gold")
        began = Happened(external_id="e1", kind="signup", occurred_at=AT, account_id="123")
        fetched(db, desk, company, began)
        tells(db, desk.id, "t1", Customer(id="7", account_id="123"))
        tells(db, desk.id, "t2", Customer(email="aya@acme.example"))
        assert behind(db) == {"t1": "source/123", "t2": "source/123"}
        file = tmp_path / "accounts.csv"
        file.write_text("account_id,name,domain\nA-1,Acme,acme.example\n")
        import_file(db, MAIN, "accounts", file, source="crm", options=Options())
        again = import_file(db, MAIN, "accounts", file, source="crm", options=Options())
        assert (again.stored, again.updated) == (0, 0)
        tells(db, desk.id, "t3", Customer(id="8", account_id="123"))
        tells(db, desk.id, "t4", Customer(email="ken@acme.example"))
        assert behind(db) == dict.fromkeys(("t1", "t2", "t3", "t4"), "A-1")
        with db.begin() as session:
            assert session.exec(select(LifeEvent.account_id)).all() == ["A-1"]
            (account,) = session.exec(select(Account)).all()
            assert (account.account_id, account.name, account.plan) == ("A-1", "Acme", "gold")

    def test_a_later_file_says_anew_whose_a_domain_is(self, db: Database, tmp_path: Path) -> None:
        file = tmp_path / "accounts.csv"
        desk = add(db, "zendesk")
        for item, account in (("t1", "A-1"), ("t2", "A-2")):
            file.write_text(f"account_id,domain\n{account},acme.example\n")
            import_file(db, MAIN, "accounts", file, source="crm", options=Options())
            tells(db, desk.id, item, Customer(email="aya@acme.example"))
        assert behind(db) == {"t1": "A-1", "t2": "A-2"}

    def test_its_life_is_kept_once_and_a_reason_to_leave_is_a_voice(self, db: Database) -> None:
        desk = add(db, "zendesk")
        left = Happened(
            external_id="e1", kind="churn", occurred_at=AT, account_id="77", text="It is too slow."
        )
        for _ in range(2):
            fetched(db, desk, Company(account_id="77", own_id="A-1"), left)
        with db.begin() as session:
            (event,) = session.exec(select(LifeEvent)).all()
            assert (event.kind, event.account_id, event.has_text) == ("churn", "A-1", True)
        assert behind(db) == {"event-e1": "A-1"}


def test_the_life_of_two_who_turn_out_to_be_one_is_found_without_reading_all(db: Database) -> None:
    query = (
        "EXPLAIN UPDATE event SET customer_id = 'new' WHERE organisation_id = 'main' AND customer_id = 'old'"
    )
    with db.begin() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = " ".join(session.execute(text(query)).scalars())
    assert "event_by_customer" in plan
