"""An import that was a mistake: what the file brought goes, and what others told stays."""

from collections.abc import Iterator

import pytest
from sqlmodel import col, func, select

from service.db import Database
from service.models import MAIN, Assignment, InboxEntry, Item, Span, Tally
from service.pipeline import take_back
from service.pipeline.report import Stopped
from service.pipeline.run import run
from tests.access import an_organisation
from tests.demo import demo_ports
from tests.integration.test_files import giving
from tests.uploading import TICKETS, Giver

EDITED = TICKETS.replace("The login fails every morning.", "The login fails at night.")
DESK = {"source": "desk"}


@pytest.fixture
def giver(db: Database, url: str) -> Iterator[Giver]:
    with giving(db, url) as someone:
        yield someone


def texts(db: Database) -> list[str | None]:
    with db.begin() as session:
        return sorted(session.exec(select(Item.text)), key=str)


def counts(db: Database) -> list[int]:
    with db.begin() as session:
        tables = (InboxEntry, Item, Span, Assignment)
        return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


def in_themes(db: Database) -> int:
    """How many voices have a theme; here each says one thing."""
    with db.begin() as session:
        query = select(func.count()).select_from(Assignment).where(col(Assignment.theme_id).is_not(None))
        return session.exec(query).one()


def tallied(db: Database) -> int:
    """The same, as lists of themes show it."""
    with db.begin() as session:
        return sum(session.exec(select(Tally.items)))


def test_all_that_the_file_brought_is_gone_and_can_be_brought_again(giver: Giver) -> None:
    place = giver.brought("tickets.csv", TICKETS, DESK)
    before, page = texts(giver.db), giver.see(place)
    assert "Records that came in this file alone: 3." in page
    assert "このファイルだけから届いた記録は3件です。" in giver.see(place, lang="ja")
    marks = [giver.client.get(f"{place}/live").json()["mark"]]
    for _ in range(2):  # a double click
        assert giver.client.post(f"{place}/take-back").status_code == 303
    assert "is being removed" in giver.see(place)
    assert giver.rung == [MAIN] * 3
    giver.work()
    marks.append(giver.client.get(f"{place}/live").json()["mark"])
    assert counts(giver.db)[:3] == [0, 0, 0]
    assert "Voices that were removed: 3." in giver.see(place)
    assert "取り消し済み" in giver.see("/files", lang="ja")
    assert marks[0] != marks[1]
    giver.brought("tickets.csv", TICKETS, DESK)
    assert texts(giver.db) == before


def test_what_another_file_tells_of_a_voice_stays_as_it_tells_it(giver: Giver) -> None:
    giver.brought("first.csv", TICKETS, DESK)
    before = texts(giver.db)
    second = giver.brought("second.csv", EDITED + "4,New,The app crashes.,2026-05-06,\n", DESK)
    assert len(texts(giver.db)) == 4
    assert texts(giver.db)[:3] != before
    giver.client.post(f"{second}/take-back")
    giver.work()
    assert texts(giver.db) == before
    assert giver.upload(second).removed == 1


def test_what_was_known_before_cannot_be_taken_back(giver: Giver) -> None:
    giver.brought("first.csv", TICKETS, DESK)
    again = giver.brought("again.csv", TICKETS, DESK)
    assert "take-back" not in giver.see(again)
    help_centre = giver.brought("help.csv", "title,body,audience\nReset,Open the settings.,public\n")
    assert "take-back" not in giver.see(help_centre)
    for place in (again, help_centre):
        giver.client.post(f"{place}/take-back")
        giver.work()
    assert giver.upload(help_centre).state == "done"
    assert len(texts(giver.db)) == 3


def test_cut_off_anywhere_it_goes_on(giver: Giver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take_back, "AT_ONCE", 1)
    place = giver.brought("tickets.csv", TICKETS, DESK)
    giver.client.post(f"{place}/take-back")

    def stop(stage: str, done: int, total: int) -> None:
        assert (stage, done, total) == ("take_back", 1, 3)
        raise Stopped

    with pytest.raises(Stopped):
        take_back.run(giver.db, MAIN, progress=stop)
    assert len(texts(giver.db)) == 2
    assert "Records that are left: 2." in giver.see(place)
    giver.work()
    assert (texts(giver.db), giver.upload(place).removed) == ([], 3)


def test_themes_are_counted_without_what_is_gone(giver: Giver) -> None:
    words = ("The login fails", "Cannot log in", "Login does not work")
    rows = [f"{n},{words[n % 3]} on device {n}.,2026-05-03" for n in range(60)]
    place = giver.brought("many.csv", "\n".join(["id,text,created_at", *rows[:40]]), DESK)
    giver.brought("rest.csv", "\n".join(["id,text,created_at", *rows[40:]]), DESK)
    run(giver.db, MAIN, demo_ports())
    assert counts(giver.db)[3] == 60
    assert in_themes(giver.db) == tallied(giver.db) > 20
    giver.client.post(f"{place}/take-back")
    take_back.run(giver.db, MAIN)
    assert counts(giver.db) == [20, 20, 20, 20]
    assert in_themes(giver.db) == tallied(giver.db) > 0


def test_a_file_of_another_organisation_is_none(giver: Giver, db: Database, url: str) -> None:
    place = giver.brought("tickets.csv", TICKETS, DESK)
    an_organisation(db, "north")
    with giving(db, url, organisation_id="north") as stranger:
        assert stranger.client.post(f"{place}/take-back").status_code == 404
    with giving(db, url, "read") as reader:
        assert reader.client.post(f"{place}/take-back").status_code == 403
    assert giver.upload(place).state == "done"
