"""Who spoke: over files, calls and connected systems, one person is one customer."""

from datetime import UTC, datetime

from sqlmodel import col, select

from connectors.ports import Customer, Heard, Said
from service.db import Database
from service.imports import feedback, heard
from service.models import MAIN, Handle, Item
from service.pipeline import ingest
from tests.calling import call, open_door
from tests.integration.test_sources import add

AT = datetime(2026, 5, 1, tzinfo=UTC)


def tells(db: Database, source_id: str, item: str, customer: Customer) -> None:
    event = Heard(external_id=item, said=[Said(external_id="1", text=item)], created_at=AT, customer=customer)
    with db.begin() as session:
        feedback.store(session, MAIN, source_id, heard.read([event], received_at=AT).records)
    ingest.run(db, MAIN)


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
