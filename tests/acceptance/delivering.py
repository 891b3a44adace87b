"""A target beside a system that is not ours, by Koe's own pipeline: what was accepted, and how it stands."""

from collections.abc import Mapping, Sequence

from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import select

from connectors.outgoing import Note
from service.config import Settings
from service.db import Database
from service.models import MAIN, Delivery, Intervention, Target
from service.parts import connecting, sealed_secret
from service.pipeline import deliver, track
from service.pipeline.doors import Connect
from service.repositories import targets
from tests.contract.target_exam import Desk
from tests.outbox import accept_suggestions

EDITED = "Somebody wrote this anew."


def goes_round(db: Database, desk: Desk, kind: str, told: Mapping[str, str], *, secret: str) -> Sequence[str]:
    """Hand over two suggestions, and show what becomes of them; return the report."""
    settings = Settings(secret_key=SecretStr("a key of thirty-two bytes at least"), private_hosts="127.0.0.1")
    connect, report = connecting(settings), list[str]()
    with db.begin() as session:
        sealed = sealed_secret(targets.target_id(MAIN, kind), secret, settings)
        targets.add_target(session, MAIN, kind, kind, told, sealed_secret=sealed)
    accept_suggestions(db, 2)
    first = deliver.run(db, MAIN, connect)
    assert (first.done, first.failed, first.notes) == (2, 0, ())
    kept, removed = (delivery.reference or "" for delivery in _deliveries(db))
    assert sorted(desk.there()) == sorted([kept, removed])
    report.append(f"delivered: {kept} and {removed}")

    desk.change(kept, EDITED)
    with db.begin() as session:
        session.execute(text("UPDATE delivery SET state = 'uncertain', next_at = clock_timestamp()"))
        session.execute(
            text("UPDATE delivery SET state = 'delivered' WHERE reference = :kept"), {"kept": kept}
        )
    assert deliver.run(db, MAIN, connect).done == 1
    assert deliver.run(db, MAIN, connect).done == 0
    assert [delivery.state for delivery in _deliveries(db)] == ["delivered"] * 2
    assert sorted(desk.there()) == sorted([kept, removed])
    report.append("one of which nobody knows whether it arrived: found again, and nothing made twice")

    with db.begin() as session:
        target = connect(session.exec(select(Target)).one())
    target.note(kept, Note(marker="fix-0000-48", text="48 people by now."))
    target.note(kept, Note(marker="fix-0000-48", text="48 people by now."))
    assert len(desk.notes(kept)) == 1
    assert desk.text(kept).strip() == EDITED
    report.append("a note stands there once, and what people wrote is as they wrote it")

    assert _standing(db, connect) == {kept: "open", removed: "open"}
    desk.finish(kept)
    desk.remove(removed)
    assert _standing(db, connect) == {kept: "done", removed: "gone"}
    with db.begin() as session:
        assert session.exec(select(Intervention.suggestion_id)).all() == ["fix-0000"]
    report.append("closed there: done, and an intervention began")
    assert deliver.run(db, MAIN, connect).done == 0
    assert desk.there() == [kept]
    report.append("deleted there: gone, and never made anew")
    return report


def _standing(db: Database, connect: Connect) -> Mapping[str, str | None]:
    """Look at all that was delivered, and return how it stands."""
    with db.begin() as session:
        session.execute(text("UPDATE delivery SET look_at = clock_timestamp()"))
    looked = track.run(db, MAIN, connect)
    assert (looked.failed, looked.notes) == (0, ())
    return {delivery.reference or "": delivery.remote_state for delivery in _deliveries(db)}


def _deliveries(db: Database) -> Sequence[Delivery]:
    with db.begin() as session:
        return session.exec(select(Delivery).order_by(Delivery.subject_id)).all()
