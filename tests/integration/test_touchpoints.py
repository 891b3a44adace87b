"""Touchpoints: a voice says where it was heard, else its source, else its channel; nothing is guessed."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.imports import Options, import_file
from service.models import MAIN, Item
from service.models.touchpoint import Touchpoint
from service.pipeline import ingest
from service.repositories import sources, touchpoints, voices
from service.repositories.voices import Wanted
from tests.access import OURS, a_token, by
from tests.cli import Koe
from tests.live import serving

ROWS = """external_id,text,channel,layer,moment,created_at
t-1,The export fails.,ticket,,,2026-05-01
r-1,I told everybody of it.,review,,,2026-05-01
v-1,We close the month by hand.,interview,,,2026-05-01
p-1,Nobody answers.,call,,,2026-05-01
o-1,Which plan has exports?,ticket,ロータッチ,First moment of truth,2026-05-01
u-1,It may be anything.,review,unknown,不明,2026-05-01
"""


def take(db: Database, folder: Path, rows: str = ROWS) -> int:
    """Import rows and make items of them; give how many were refused."""
    path = folder / "voices.csv"
    path.write_text(rows)
    report = import_file(db, MAIN, "feedback", path, source="voices", options=Options())
    ingest.run(db, MAIN)
    return report.rejected


def heard(db: Database) -> dict[str, tuple[str | None, str | None]]:
    """Where each item was heard."""
    with db.begin() as session:
        names = {item.id: item.external_id for item in session.exec(select(Item))}
        told = touchpoints.of_items(session, MAIN, list(names))
    return {names[item_id]: (where.layer, where.moment) for item_id, where in told.items()}


def tell(db: Database, *told: str | None) -> None:
    with db.begin() as session:
        touchpoints.tell(session, sources.get_source(session, MAIN, "voices"), Touchpoint(*told))


class TestWhereAVoiceWasHeard:
    def test_is_what_its_channel_tells_and_nothing_where_it_tells_nothing(
        self, db: Database, tmp_path: Path
    ) -> None:
        take(db, tmp_path)
        assert heard(db) == {
            "t-1": ("tech", None),
            "r-1": ("tech", "third"),
            "v-1": ("high", None),
            "p-1": (None, None),
            "o-1": ("low", "first"),
            "u-1": (None, None),
        }

    def test_is_what_its_source_says_unless_it_says_so_itself(self, db: Database, tmp_path: Path) -> None:
        take(db, tmp_path)
        tell(db, "low", "second")
        assert heard(db)["t-1"] == heard(db)["r-1"] == heard(db)["p-1"] == ("low", "second")
        assert heard(db)["o-1"] == ("low", "first")
        assert heard(db)["u-1"] == (None, None)
        tell(db, None, "zero")
        assert heard(db)["v-1"] == ("high", "zero")
        tell(db, "unknown", None)
        assert heard(db)["r-1"] == (None, "third")

    def test_changes_when_the_row_comes_again_and_says_something_else(
        self, db: Database, tmp_path: Path
    ) -> None:
        take(db, tmp_path)
        take(db, tmp_path, ROWS.replace("fails.,ticket,,", "fails.,ticket,high,2"))
        assert heard(db)["t-1"] == ("high", "second")

    def test_a_row_that_says_what_is_no_touchpoint_is_refused(self, db: Database, tmp_path: Path) -> None:
        path = tmp_path / "odd.csv"
        path.write_text("external_id,text,layer,moment\n1,One.,middle,\n2,Two.,,fourth\n3,Three.,tech,3\n")
        report = import_file(db, MAIN, "feedback", path, source="odd", options=Options())
        assert report.rejects == (
            (2, "layer: “middle” is none of tech, low, high, unknown"),
            (3, "moment: “fourth” is none of zero, first, second, third, unknown"),
        )
        assert report.stored == 1


class TestTheListOfVoices:
    def found(self, db: Database, **wanted: str) -> set[str]:
        with db.begin() as session:
            rows, total = voices.search(session, MAIN, Wanted(**wanted), limit=50)  # type: ignore[arg-type]
        assert total == len(rows)
        return {row.item.external_id for row in rows}

    def test_is_narrowed_by_layer_and_moment_and_to_what_nobody_knows(
        self, db: Database, tmp_path: Path
    ) -> None:
        take(db, tmp_path)
        assert self.found(db, layer="tech") == {"t-1", "r-1"}
        assert self.found(db, layer="tech", moment="third") == {"r-1"}
        assert self.found(db, layer="unknown") == {"p-1", "u-1"}
        assert self.found(db, moment="unknown") == {"t-1", "v-1", "p-1", "u-1"}
        assert self.found(db, layer="low", moment="second") == set()


@pytest.fixture
def served(db: Database, tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of the pages, with a source, and whose themes were asked to be counted anew."""
    take(db, tmp_path)
    rung: list[str] = []
    with serving(create_app(db, Settings(), ring_to_weigh=rung.append)) as address:
        yield address, rung


def client(db: Database, address: str, scope: str, lang: str = "en") -> httpx.Client:
    headers = {**OURS, "Accept-Language": lang, **by(a_token(db, scope, name=f"{scope}-{lang}"))}  # type: ignore[arg-type]
    return httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60)


def place(db: Database) -> str:
    with db.begin() as session:
        return f"/sources/{sources.get_source(session, MAIN, 'voices').id}"


class TestThePageOfASource:
    def test_lets_administrators_say_it_and_then_shows_it(
        self, db: Database, served: tuple[str, list[str]]
    ) -> None:
        address, rung = served
        with client(db, address, "admin") as admin:
            answer = admin.post(f"{place(db)}/touchpoint", data={"layer": "high", "moment": ""})
            assert answer.status_code == 303
            page = unescape(admin.get(answer.headers["location"]).text)
        assert "Said. Lists of themes follow in a moment." in page
        assert '<option value="high" selected>High touch</option>' in page
        assert heard(db)["p-1"] == ("high", None)
        assert rung == [MAIN]

    def test_says_what_is_wrong_and_changes_nothing(
        self, db: Database, served: tuple[str, list[str]]
    ) -> None:
        address, rung = served
        with client(db, address, "admin", "ja") as admin:
            answer = admin.post(f"{place(db)}/touchpoint", data={"layer": "middle"})
        assert answer.status_code == 422
        assert "そのような接点はありません。" in answer.text
        assert heard(db)["p-1"] == (None, None)
        assert rung == []

    def test_lets_nobody_else_say_it(self, db: Database, served: tuple[str, list[str]]) -> None:
        address, _ = served
        with client(db, address, "write") as writer:
            assert writer.post(f"{place(db)}/touchpoint", data={"layer": "high"}).status_code == 403
            assert "As the channel tells × As the channel tells" in writer.get(place(db)).text
        assert heard(db)["p-1"] == (None, None)


def test_programs_read_and_choose_items_by_where_they_were_heard(
    db: Database, served: tuple[str, list[str]]
) -> None:
    address, _ = served
    with client(db, address, "read") as program:
        (one,) = program.get("/api/v1/items?moment=third").json()["data"]
        assert (one["external_id"], one["layer"], one["moment"]) == ("r-1", "tech", "third")
        assert len(program.get("/api/v1/items?layer=null").json()["data"]) == 2
        assert program.get(f"/api/v1/items/{one['item_id']}").json()["moment"] == "third"
        assert program.get("/api/v1/items?layer=middle").status_code == 422
        (source,) = program.get("/api/v1/sources?layer=null").json()["data"]
        assert (source["layer"], source["moment"]) == (None, None)


def test_the_command_says_it_half_by_half(koe: Koe, db: Database, url: str, tmp_path: Path) -> None:
    take(db, tmp_path)
    own = Koe(folder=koe.folder, settings={**koe.settings, "KOE_DATABASE_URL": url}, loaded=koe.loaded)
    said = own("source", "touchpoint", "voices", "--layer", "low", "--json").json
    assert said == {"source": "voices", "layer": "low", "moment": None}
    said = own("source", "touchpoint", "voices", "--moment", "unknown", "--json").json
    assert said == {"source": "voices", "layer": "low", "moment": "unknown"}
    assert heard(db)["r-1"] == ("low", None)
    shown = own("source", "touchpoint", "voices", "--layer", "channel").out
    assert shown.strip() == "voices: layer channel, moment unknown."
    assert own("source", "touchpoint", "voices", "--layer", "middle").status == 2
