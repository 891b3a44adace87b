"""Alarms where people and programs see them: pages, API, commands, and the message that goes out."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlmodel import col, select

from connectors.http import Http
from connectors.ports import Means
from connectors.registry import open_target
from connectors.target_port import Target as TargetPort
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Alarm, Delivery, Target
from service.pipeline import deliver
from service.repositories import targets
from tests.access import a_token, by
from tests.cli import Koe
from tests.daily import Daily, days_after
from tests.integration.conftest import Reader
from tests.live import open_pages, serving
from tests.speaker import Call, answers, speaker

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def daily(daily: Daily) -> Daily:
    daily.have("login")
    for day, many in days_after(daily.last, 5, 6):
        daily.hear("login", day, many)
    return daily


@pytest.fixture
def alarm(daily: Daily) -> Alarm:
    [raised] = daily.look()
    return raised


def test_without_an_alarm_the_page_says_how_they_come(empty_pages: httpx.Client) -> None:
    page = empty_pages.get("/alarms").text
    assert "Nothing is out of the ordinary." in page
    assert "four weeks" in page
    for show in ("past", "quiet", "nonsense"):
        assert empty_pages.get(f"/alarms?show={show}").status_code == 200


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_an_open_alarm_is_shown_with_its_course_and_its_voices(
    alarm: Alarm, daily: Daily, reader: Reader, lang: str
) -> None:
    with open_pages(daily.db) as address:
        pages = reader(address, lang)
        page = pages.get("/alarms").text
        assert {"en": "11 contacts", "ja": "11件"}[lang] in page
        assert 'class="usual"' in page
        one = pages.get(f"/alarms/{alarm.id}").text
        assert one.count("<blockquote") == 11
        assert "/items?theme=login" in one
        assert f'href="/alarms/{alarm.id}"' in pages.get("/themes/login").text, "a mark on its theme"


def test_the_voices_of_an_alarm_that_ended_are_those_up_to_the_organisations_day(
    alarm: Alarm, daily: Daily, reader: Reader
) -> None:
    with daily.db.begin() as session:
        over = session.get_one(Alarm, alarm.id)
        over.ended_at, over.ending = datetime(2026, 7, 14, 15, 30, tzinfo=UTC), "over"
    with open_pages(daily.db) as address:
        assert "until=2026-07-15" in reader(address).get(f"/alarms/{alarm.id}").text, (
            "in Tokyo it is past midnight"
        )


def test_seen_quiet_and_let_again(alarm: Alarm, daily: Daily, reader: Reader) -> None:
    with open_pages(daily.db) as address:
        pages = reader(address)
        here = f"/alarms/{alarm.id}"
        assert pages.post(f"{here}/acknowledge", headers=OURS).status_code == 303
        assert "I have seen it" not in pages.get(here).text
        assert pages.post(f"{here}/mute", headers=OURS, data={"until": "2026-13-40"}).status_code == 422
        assert pages.post(f"{here}/mute", headers=OURS, data={"until": "2026-12-31"}).status_code == 303
        assert "31 December 2026" in pages.get("/alarms?show=quiet").text
        assert pages.post("/alarms/quiet/login/unmute", headers=OURS).status_code == 303
        assert "No theme is quiet" in pages.get("/alarms?show=quiet").text
        assert pages.post(f"{here}/mute", headers=OURS, data={"until": ""}).status_code == 303
        assert "for ever" in pages.get(here).text
        assert pages.post(f"{here}/unmute", headers=OURS).status_code == 303
        assert pages.get(f"{here}/mute").headers["location"] == "/alarms"
        assert pages.get("/alarms/absent").status_code == 404


def test_programs_read_and_decide_once_under_a_key(alarm: Alarm, daily: Daily, reader: Reader) -> None:
    write, read = (a_token(daily.db, scope, name=scope) for scope in ("write", "read"))
    with serving(create_app(daily.db, Settings())) as address:
        api = reader(address)
        [listed] = api.get("/api/v1/alarms?ended_at=null", headers=by(read)).json()["data"]
        assert (listed["alarm_id"], listed["kind"], listed["acknowledged_at"]) == (alarm.id, "new", None)
        here = f"/api/v1/alarms/{alarm.id}"
        assert api.post(f"{here}/acknowledge", headers=by(read)).status_code == 403
        seen = api.post(f"{here}/acknowledge", headers=by(write) | {"Idempotency-Key": "k"})
        assert seen.json()["acknowledged_by"] == "token write"
        again = api.post(f"{here}/acknowledge", headers=by(write) | {"Idempotency-Key": "k"})
        assert again.headers["Idempotent-Replayed"] == "true"
        for body, status in (({"until": "2026-12-31"}, 200), ({}, 200), ({"until": "soon"}, 422)):
            assert api.post(f"{here}/mute", headers=by(write), json=body).status_code == status
        assert api.post(f"{here}/unmute", headers=by(write)).status_code == 200
        assert api.get(here, headers=by(read)).json()["items"][0].keys() == {"source", "external_id"}


def test_a_channel_is_told_once_whatever_fails_in_between(daily: Daily, reader: Reader) -> None:
    bodies: list[bytes] = []
    coming = iter([answers("503 Service Unavailable")])

    def take(call: Call) -> None:
        bodies.append(call.body)
        next(coming, answers("200 OK", body=b"ok"))(call)

    def connect(target: Target) -> TargetPort:
        return open_target(
            target.kind, target.settings, Means(secret=url, http=Http(private_hosts=("127.0.0.1",)))
        )

    with speaker(take) as server:
        url = f"http://127.0.0.1:{server.port}/services/x"
        with daily.db.begin() as session:
            targets.add_target(session, MAIN, "team", "slack", {"lang": "en"})
        daily.look()
        deliver.run(daily.db, MAIN, connect)
        with daily.db.begin() as session:
            waiting = session.exec(select(Delivery)).one()
            assert (waiting.event, waiting.state) == ("alarm.raised", "pending")
            waiting.next_at -= timedelta(minutes=1)
            session.exec(select(Target)).one().held_until = None
        daily.look()
        for _ in range(3):
            deliver.run(daily.db, MAIN, connect)
    assert [json.loads(body)["text"].splitlines()[0] for body in bodies] == ["*A new theme*: Theme login"] * 2
    with daily.db.begin() as session:
        [state] = session.exec(select(Delivery.state).order_by(col(Delivery.id)))
    assert state == "delivered"
    with open_pages(daily.db) as address:
        pages = reader(address)
        assert "Alarm: " in pages.get("/deliveries").text
        assert "/themes/login" in pages.get(f"/deliveries/{waiting.id}").text


def test_the_address_of_a_channel_is_a_secret_and_is_shown_nowhere(koe: Koe, db: Database) -> None:
    with speaker(answers("200 OK", body=b"ok")) as server:
        url = f"http://127.0.0.1:{server.port}/services/a-secret"
        added = koe("target", "add", "slack", "team", "--set", f"url={url}", KOE_PRIVATE_HOSTS="127.0.0.1")
        assert "a-secret" not in added.out + added.err
        assert "a-secret" not in koe("target", "list", "--json").out
        assert koe("target", "test", "team", KOE_PRIVATE_HOSTS="127.0.0.1").status == 0
        assert koe("target", "rotate", "team").status == 2
    with db.begin() as session:
        [target] = session.exec(select(Target)).all()
    assert target.sealed_secret is not None
    assert "a-secret" not in str(target.settings)


def test_the_address_of_a_channel_is_read_from_stdin_where_no_list_of_processes_shows_it(
    koe: Koe, db: Database
) -> None:
    add = ("target", "add", "slack", "team")
    with speaker(answers("200 OK", body=b"ok")) as server:
        url = f"http://127.0.0.1:{server.port}/services/a-secret"
        twice = koe(*add, "--set", f"url={url}", "--secret", "-", given=url.encode())
        assert (twice.status, "Say it once" in twice.err, "a-secret" in twice.err) == (2, True, False)
        none = koe(*add, "--secret", "-")
        assert (none.status, "the url" in none.err) == (2, True)
        assert "--secret -" in koe(*add).err, "whoever gave none is told of the way that shows it nowhere"
        added = koe(*add, "--secret", "-", given=f"{url}\n".encode(), KOE_PRIVATE_HOSTS="127.0.0.1")
        assert added.status == 0
        assert koe("target", "test", "team", KOE_PRIVATE_HOSTS="127.0.0.1").status == 0
    with db.begin() as session:
        [target] = session.exec(select(Target)).all()
    assert (target.settings, target.sealed_secret is None) == ({}, False)


def test_the_command_lists_alarms_and_looks(koe: Koe) -> None:
    assert "No alarm was raised yet" in koe("alarms", "list").out
    assert "no themes to look at yet" in koe("alarms", "look").out
    assert koe("alarms", "list", "--json").json == []
    assert koe("alarms", "look", "--json").json == {"raised": 0}
    wrong = koe("alarms", "look", "--as-of", "2026-13-01")
    assert (wrong.status, "no date" in wrong.err) == (2, True)
