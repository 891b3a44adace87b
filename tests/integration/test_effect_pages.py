"""The pages of effects: what was done, what came of it, and what a person says was done."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import httpx
import pytest
from sqlalchemy import delete
from sqlmodel import col, select

from service.db import Database
from service.models import MAIN, Effect, Event, Intervention, Notice, Source, Suggestion, Theme
from service.models.account import HAPPENINGS
from service.models.columns import digest
from service.pipeline import measure
from tests.access import OURS
from tests.integration.conftest import Reader
from tests.live import open_pages


@pytest.fixture
def client(demo_db: Database, reader: Reader) -> Iterator[httpx.Client]:
    with open_pages(demo_db) as address:
        opened = reader(address)
        opened.follow_redirects = True
        opened.headers.update(OURS)
        yield opened


def drawn_effect(db: Database) -> Effect:
    """Return an effect with a course."""
    with db.begin() as session:
        found = next(each for each in session.exec(select(Effect)) if each.course)
        session.expunge(found)
        return found


def a_theme(db: Database) -> str:
    with db.begin() as session:
        query = select(Theme.id).where(Theme.parent_id == None, Theme.retired == False)  # noqa: E711, E712
        return session.exec(query).first() or ""


def day(days_ago: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days_ago)).date().isoformat()


class TestAnEffect:
    def test_it_is_drawn_beside_what_was_expected_and_every_week_opens_to_its_contacts(
        self, client: httpx.Client, demo_db: Database
    ) -> None:
        effect = drawn_effect(demo_db)
        page = client.get(f"/effects/{effect.intervention_id}").text
        assert page.count('class="expected"') >= 2, "a dashed line in each of the two drawings"
        ahead = [week for week in effect.course if week["low"] is not None]
        assert sum(week["heard"] for week in ahead) == effect.observed
        first = ahead[0]
        assert f"since={first['period']}" in page
        link = re.search(rf'href="(/items[^"]*since={first["period"]}[^"]*)"', page)
        assert link
        listed = client.get(link[1].replace("&amp;", "&")).text
        assert listed.count("data-row") >= first["heard"]

    def test_the_table_has_the_same_weeks_as_the_drawing(
        self, client: httpx.Client, demo_db: Database
    ) -> None:
        page = client.get(f"/effects/{drawn_effect(demo_db).intervention_id}").text
        wide = page.split("trend wide")[1].split("</svg>")[0]
        table = page.split('<table class="figures">')[1].split("</table>")[0]
        assert re.findall(r"since=([\d-]+)", wide) == re.findall(r"since=([\d-]+)", table)

    def test_what_means_no_theme_today_says_so(self, client: httpx.Client, demo_db: Database) -> None:
        with demo_db.begin() as session:
            lost = Intervention(
                id="lost",
                organisation_id=MAIN,
                intervention_id="lost",
                theme="<b>no such theme</b>",
                occurred_at=datetime(2026, 5, 1, tzinfo=UTC),
            )
            session.add(lost)
        page = client.get("/effects/lost").text
        assert "&lt;b&gt;no such theme&lt;/b&gt;" in page
        assert "no theme is called so today" in page

    def test_one_that_does_not_exist_is_not_found(self, client: httpx.Client) -> None:
        assert client.get("/effects/none").status_code == 404


class TestTheList:
    def test_it_counts_by_verdict_and_shows_those_of_one(
        self, client: httpx.Client, demo_db: Database
    ) -> None:
        with demo_db.begin() as session:
            verdicts = [effect.verdict for effect in session.exec(select(Effect))]
        for verdict in sorted(set(verdicts)):
            page = client.get("/effects", params={"verdict": verdict}).text
            assert page.count('<tr class="row"') == verdicts.count(verdict)

    def test_an_odd_verdict_shows_all(self, client: httpx.Client) -> None:
        assert client.get("/effects?verdict=<x>").text.count("<tr") == client.get("/effects").text.count(
            "<tr"
        )

    def test_where_nothing_was_done_it_says_what_to_do(self, client: httpx.Client, demo_db: Database) -> None:
        with demo_db.begin() as session:
            for each in session.exec(select(Intervention)):
                session.delete(each)
        assert "say what was done about it" in client.get("/effects").text


class TestByHand:
    def test_what_a_person_says_was_done_is_measured_with_the_next_run(
        self, client: httpx.Client, demo_db: Database
    ) -> None:
        theme = a_theme(demo_db)
        done = client.post(f"/themes/{theme}/done", data={"kind": "fix", "day": day(30)})
        assert done.status_code == 200
        assert "reckoned with the next run" in done.text
        key = done.url.path.rpartition("/")[2]
        assert f"/effects/{key}" in client.get(f"/themes/{theme}").text
        measure.run(demo_db, MAIN)
        with demo_db.begin() as session:
            assert session.get(Effect, key) is not None

    def test_the_same_said_twice_is_one(self, client: httpx.Client, demo_db: Database) -> None:
        theme, said = a_theme(demo_db), {"kind": "other", "day": day(3), "segment": "small"}
        first, second = (client.post(f"/themes/{theme}/done", data=said).url.path for _ in range(2))
        assert first == second

    @pytest.mark.parametrize(
        ("kind", "when", "told"),
        [
            ("fix", "", "Choose the day since when"),
            ("fix", "yesterday", "Write the day like"),
            ("fix", day(-2), "has not come yet"),
            ("magic", day(1), "Say what was done."),
        ],
    )
    def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(
        self, client: httpx.Client, demo_db: Database, kind: str, when: str, told: str
    ) -> None:
        said = {"kind": kind, "day": when, "segment": "the <small> ones"}
        page = client.post(f"/themes/{a_theme(demo_db)}/done", data=said)
        assert page.status_code == 422
        assert told in page.text
        assert 'value="the &lt;small&gt; ones"' in page.text

    def test_it_is_taken_back_and_put_back(self, client: httpx.Client, demo_db: Database) -> None:
        theme = a_theme(demo_db)
        key = client.post(
            f"/themes/{theme}/done", data={"kind": "fix", "day": day(30), "segment": "big"}
        ).url.path.rpartition("/")[2]
        measure.run(demo_db, MAIN)
        gone = client.post(f"/effects/{key}/withdraw").text
        assert client.get(f"/effects/{key}").status_code == 404
        typed = dict(re.findall(r'name="(\w+)" value="([^"]*)"', gone.split("/effects/restore")[1]))
        assert client.post("/effects/restore", data=typed).url.path == f"/effects/{key}"

    def test_what_a_file_told_of_a_theme_that_is_not_there_is_taken_back_and_put_back_as_it_was(
        self, client: httpx.Client, demo_db: Database
    ) -> None:
        told = datetime(2026, 5, 1, 9, tzinfo=UTC)
        with demo_db.begin() as session:
            key = digest(MAIN, "intervention", "from-a-file")
            session.add(
                Intervention(
                    id=key,
                    organisation_id=MAIN,
                    intervention_id="from-a-file",
                    theme="no such title",
                    occurred_at=told,
                    segment="big",
                )
            )
        gone = client.post(f"/effects/{key}/withdraw").text
        typed = dict(re.findall(r'name="(\w+)" value="([^"]*)"', gone.split("/effects/restore")[1]))
        assert client.post("/effects/restore", data=typed).url.path == f"/effects/{key}"
        with demo_db.begin() as session:
            back = session.get_one(Intervention, key)
            assert (back.intervention_id, back.theme, back.occurred_at, back.segment) == (
                "from-a-file",
                "no such title",
                told,
                "big",
            )

    def test_nonsense_is_not_put_back(self, client: httpx.Client) -> None:
        assert client.post("/effects/restore", data={"name": "x", "at": "never"}).status_code == 422

    def test_what_came_of_a_suggestion_stays_until_that_is_opened_again(
        self, client: httpx.Client, demo_db: Database
    ) -> None:
        with demo_db.begin() as session:
            kept_one = session.exec(select(Intervention)).first()
            assert kept_one
            kept_one.suggestion_id = session.exec(select(Suggestion.id)).first()
            kept = kept_one.id
        refused = client.post(f"/effects/{kept}/withdraw")
        assert refused.status_code == 409
        assert "Open the suggestion again" in refused.text
        assert client.get(f"/effects/{kept}").status_code == 200

    def test_what_customers_are_told_of_stays(self, client: httpx.Client, demo_db: Database) -> None:
        said = {"kind": "fix", "day": day(30)}
        key = client.post(f"/themes/{a_theme(demo_db)}/done", data=said).url.path.rpartition("/")[2]
        with demo_db.begin() as session:
            session.add(Notice(id=key, organisation_id=MAIN))
        refused = client.post(f"/effects/{key}/withdraw")
        assert refused.status_code == 409
        assert "told of this already" in refused.text


class TestReleases:
    def test_they_are_lines_in_the_pictures_as_long_as_they_are_few(
        self, client: httpx.Client, demo_db: Database
    ) -> None:
        effect = drawn_effect(demo_db)
        day = date.fromisoformat(effect.course[-2]["period"])
        paths = (f"/effects/{effect.intervention_id}", f"/themes/{effect.theme_id}")
        with demo_db.begin() as session:
            session.execute(delete(Event).where(col(Event.kind).in_(HAPPENINGS)))
            source = session.exec(select(Source.id)).first() or ""
            session.add(release("one", source, day))
        for path in paths:
            assert client.get(path).text.count(">Release ") == 2, "one in each of the two drawings"
        with demo_db.begin() as session:
            session.add_all([release(str(n), source, day - timedelta(days=n)) for n in range(1, 8)])
        for path in paths:
            assert ">Release " not in client.get(path).text

    def test_a_run_takes_them_into_account_and_says_so(self, client: httpx.Client, demo_db: Database) -> None:
        effect = drawn_effect(demo_db)
        with demo_db.begin() as session:
            session.execute(delete(Event).where(col(Event.kind).in_(HAPPENINGS)))
            source = session.exec(select(Source.id)).first() or ""
            session.add(release("one", source, date.fromisoformat(effect.course[-2]["period"])))
        measure.run(demo_db, MAIN)
        assert (
            "In the weeks that count a release came" in client.get(f"/effects/{effect.intervention_id}").text
        )


def release(name: str, source_id: str, day: date) -> Event:
    """Return a release at noon."""
    at = datetime.combine(day, time(12), UTC)
    return Event(id=name, organisation_id=MAIN, source_id=source_id, occurred_at=at, kind="release")
