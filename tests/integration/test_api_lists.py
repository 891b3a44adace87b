"""The lists of the API: complete while rows change, in the columns of the exports, and closed to others."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import event
from sqlmodel import col, select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.exports import EXPORTS
from service.exports.rows import ROWS
from service.models import (
    MAIN,
    Alarm,
    Assignment,
    Correction,
    Delivery,
    Item,
    Organisation,
    Run,
    Source,
    Suggestion,
    Target,
    Theme,
)
from tests.api import API, NOUNS, asking, make_token, program, rows
from tests.live import serving

NOW = datetime(2026, 5, 4, 3, tzinfo=UTC)
CANARY = "koe-canary-7f3a"


def add_one_of_each(db: Database) -> None:
    """Add a row of every noun that the demo has none of, and secrets where some may be."""
    with db.begin() as session:
        suggestion = session.exec(select(Suggestion)).first()
        assert suggestion
        session.add(
            Target(
                id="target-1",
                organisation_id=MAIN,
                name="backlog",
                kind="backlog-file",
                settings={"path": f"/srv/{CANARY}"},
                sealed_secret=CANARY.encode(),
            )
        )
        session.flush()
        session.add(
            Delivery(
                id="delivery-1",
                organisation_id=MAIN,
                subject_id=suggestion.id,
                suggestion_id=suggestion.id,
                target_id="target-1",
                created_at=NOW,
                next_at=NOW,
                updated_at=NOW,
            )
        )
        session.add(
            Alarm(
                id="alarm-1",
                organisation_id=MAIN,
                theme_id=suggestion.theme_id,
                kind="rising",
                onset=NOW,
                raised_at=NOW,
                contacts=9,
                expected=2.5,
                items=[{"source": "demo-chats", "external_id": "CH-042"}],
            )
        )
        session.add(
            Correction(
                id="correction-1",
                organisation_id=MAIN,
                op="pin",
                theme_ids=[suggestion.theme_id],
                by="Aki",
                at=NOW,
            )
        )
        for source in session.exec(select(Source)):
            source.settings = {**source.settings, "token": CANARY}
            source.sealed_secrets = CANARY.encode()


@pytest.fixture(scope="module")
def api(read_demo_db: Database) -> Iterator[httpx.Client]:
    """A program with a read token, before a database that nobody changes."""
    add_one_of_each(read_demo_db)
    with asking(read_demo_db) as client:
        yield client


@pytest.fixture
def own_api(demo_db: Database) -> Iterator[httpx.Client]:
    """A program with a read token, before `demo_db`."""
    add_one_of_each(demo_db)
    with asking(demo_db) as client:
        yield client


def wrong(answer: httpx.Response) -> list[dict[str, str]]:
    """Return what a problem finds wrong with a request."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    errors: list[dict[str, str]] = answer.json()["errors"]
    return errors


class TestFollowing:
    @pytest.mark.parametrize("noun", NOUNS)
    def test_every_row_comes_once_however_small_the_pages(self, api: httpx.Client, noun: str) -> None:
        everything = rows(api, noun, limit=200)
        assert everything
        assert rows(api, noun, limit=min(len(everything) // 3 + 1, 90)) == everything
        assert len({row[NOUNS[noun]] for row in everything}) == len(everything)
        assert everything == sorted(everything, key=lambda row: str(row["updated_at"]))

    def test_whoever_asks_again_since_as_of_gets_what_changed(
        self, own_api: httpx.Client, demo_db: Database
    ) -> None:
        as_of = own_api.get(f"{API}/suggestions").json()["as_of"]
        assert rows(own_api, "suggestions", updated_since=as_of) == []
        with demo_db.begin() as session:
            suggestion = session.exec(select(Suggestion).where(Suggestion.status == "open")).first()
            assert suggestion
            suggestion.status = "snoozed"
        [changed] = rows(own_api, "suggestions", updated_since=as_of)
        assert (changed["suggestion_id"], changed["status"]) == (suggestion.id, "snoozed")
        assert rows(own_api, "suggestions", updated_since=changed["updated_at"]) == [changed]

    def test_a_row_written_over_with_the_very_same_has_not_changed(
        self, own_api: httpx.Client, demo_db: Database
    ) -> None:
        as_of = own_api.get(f"{API}/themes").json()["as_of"]
        with demo_db.begin() as session:
            session.connection().exec_driver_sql("UPDATE theme SET title = title")
        assert rows(own_api, "themes", updated_since=as_of) == []

    def test_what_changes_while_somebody_reads_is_read(
        self, own_api: httpx.Client, demo_db: Database
    ) -> None:
        first = own_api.get(f"{API}/articles", params={"limit": 10}).json()
        seen = [row["article_id"] for row in first["data"]]
        with demo_db.begin() as session:
            session.connection().exec_driver_sql(
                "UPDATE article SET title = title || '!' WHERE id = %(id)s", {"id": seen[0]}
            )
        rest = rows(own_api, "articles", limit=10, cursor=first["next_cursor"])
        assert rest[-1]["article_id"] == seen[0]
        assert rest[-1]["title"].endswith("!")
        assert len({row["article_id"] for row in [*first["data"], *rest]}) == len(rows(own_api, "articles"))

    def test_what_a_slow_transaction_held_back_comes_the_next_time(
        self, own_api: httpx.Client, demo_db: Database
    ) -> None:
        with demo_db.begin() as slow:
            theme = slow.exec(select(Theme)).first()
            assert theme
            theme.title = "held back"
            slow.flush()
            with demo_db.begin() as quick:
                other = quick.exec(select(Theme).where(Theme.id != theme.id)).first()
                assert other
                other.title = "younger, and seen first"
            page = own_api.get(f"{API}/themes", params={"limit": 200}).json()
            titles = {row["title"] for row in page["data"]}
            assert "held back" not in titles
            assert "younger, and seen first" in titles
        missed = rows(own_api, "themes", updated_since=page["as_of"])
        assert {"held back", "younger, and seen first"} <= {row["title"] for row in missed}

    def test_all_pages_of_one_reading_tell_the_same_as_of(self, api: httpx.Client) -> None:
        first = api.get(f"{API}/items", params={"limit": 5}).json()
        second = api.get(f"{API}/items", params={"limit": 5, "cursor": first["next_cursor"]}).json()
        assert second["as_of"] == first["as_of"]

    def test_a_page_asks_few_questions_however_many_rows_it_has(
        self, api: httpx.Client, read_demo_db: Database
    ) -> None:
        asked: list[str] = []
        event.listen(read_demo_db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        counts = {}
        for noun in NOUNS:
            asked.clear()
            api.get(f"{API}/{noun}", params={"limit": 200})
            counts[noun] = len(asked)
        assert {noun: count for noun, count in counts.items() if count > 20} == {}

    def test_figures_are_counted_for_the_themes_of_the_page_alone(
        self, api: httpx.Client, read_demo_db: Database
    ) -> None:
        counted: list[int] = []

        def note(*args: Any) -> None:
            if "FROM assignment JOIN span" in args[2] and "count(*)" in args[2]:
                counted.append(sum(len(v) for v in args[3].values() if isinstance(v, list)) or len(args[3]))

        event.listen(read_demo_db.engine, "before_cursor_execute", note)
        api.get(f"{API}/themes", params={"limit": 2})
        assert counted
        assert max(counted) <= 8


class TestColumns:
    @pytest.mark.parametrize("noun", [noun for noun in NOUNS if noun in EXPORTS])
    def test_a_row_says_what_the_export_says(
        self, api: httpx.Client, read_demo_db: Database, noun: str
    ) -> None:
        with read_demo_db.begin() as session:
            exported = [dict(row) for row in ROWS[noun](session, MAIN, ZoneInfo("Asia/Tokyo"))]
        assert exported
        told = [{name: row[name] for name in EXPORTS[noun]} for row in rows(api, noun)]
        assert sorted(told, key=str) == sorted(exported, key=str)

    def test_no_secret_and_no_setting_that_may_hold_one_is_told(self, api: httpx.Client) -> None:
        for noun in ("sources", "targets"):
            everything = api.get(f"{API}/{noun}", params={"limit": 200})
            one = api.get(f"{API}/{noun}/{everything.json()['data'][0][NOUNS[noun]]}")
            assert CANARY not in everything.text + one.text


class TestFilters:
    @pytest.mark.parametrize("noun", NOUNS)
    def test_every_filter_keeps_the_rows_that_say_so(self, api: httpx.Client, noun: str) -> None:
        everything = rows(api, noun, limit=200)
        known = [name for name in filters_of(noun) if name in everything[0]]
        assert len(known) >= 3
        for name in known:
            value = next((row[name] for row in everything if row[name] not in (None, "")), None)
            asked = "null" if value is None else str(value).lower() if isinstance(value, bool) else value
            kept = rows(api, noun, limit=200, **{name: asked})
            assert kept == [row for row in everything if row[name] == value], (name, value)

    def test_filters_are_joined(self, api: httpx.Client) -> None:
        everything = rows(api, "suggestions")
        wanted = {"action": "write_article", "status": "open", "lang": "ja", "audience": "public"}
        kept = rows(api, "suggestions", **wanted)
        assert kept
        assert kept == [row for row in everything if wanted.items() <= row.items()]

    def test_the_word_null_asks_for_none(self, api: httpx.Client) -> None:
        for noun, name in (("themes", "parent_id"), ("items", "theme_id"), ("items", "set_aside")):
            kept = rows(api, noun, limit=200, **{name: "null"})
            assert kept
            assert {row[name] for row in kept} == {None}

    @pytest.mark.parametrize(
        ("query", "pointer", "words"),
        [
            ("colour=red", "#/query/colour", "no parameter"),
            ("limit=0", "#/query/limit", "greater than or equal to 1"),
            ("limit=201", "#/query/limit", "less than or equal to 200"),
            ("limit=" + "9" * 5000, "#/query/limit", ""),
            ("updated_since=yesterday", "#/query/updated_since", "write it like"),
            ("updated_since=2026-05-04T09:00:00", "#/query/updated_since", "time zone"),
            ("updated_since=0001-01-01T00:00:00%2B14:00", "#/query/updated_since", "years"),
            ("updated_since=1770000000", "#/query/updated_since", ""),
            ("status=opne", "#/query/status", "there are open, accepted"),
            ("confidence=nan", "#/query/confidence", "finite"),
            ("confidence=much", "#/query/confidence", "number"),
            ("theme_id=" + "x" * 501, "#/query/theme_id", "500 characters"),
        ],
    )
    def test_what_is_wrong_is_said_in_words(
        self, api: httpx.Client, query: str, pointer: str, words: str
    ) -> None:
        [error] = wrong(api.get(f"{API}/suggestions?{query}"))
        assert error["pointer"] == pointer
        assert words in error["detail"]

    def test_a_plus_that_was_not_escaped_is_read_as_what_was_meant(self, api: httpx.Client) -> None:
        assert api.get(f"{API}/suggestions?updated_since=2026-05-04T09:00:00+09:00").status_code == 200

    @pytest.mark.parametrize(
        "cursor", ["", "x", "%ff", "e30", "eyJhIjoxfQ==", "A" * 900, "\u3042", "bnVsbAA"]
    )
    def test_a_cursor_that_nobody_gave_out_is_refused(self, api: httpx.Client, cursor: str) -> None:
        answer = api.get(f"{API}/themes", params={"cursor": cursor})
        assert answer.status_code == 422
        assert "begin without" in answer.json()["detail"]

    def test_a_cursor_holds_for_its_own_list_and_filters(self, api: httpx.Client) -> None:
        cursor = api.get(f"{API}/items?limit=1&lang=ja").json()["next_cursor"]
        assert api.get(f"{API}/items", params={"cursor": cursor, "lang": "ja"}).status_code == 200
        for path in ("items", "articles"):
            answer = api.get(f"{API}/{path}", params={"cursor": cursor})
            assert answer.status_code == 422
            assert "another list or to other filters" in answer.json()["detail"]


def filters_of(noun: str) -> list[str]:
    """Return the filters of a list, as its own query declares them."""
    from service import api as package
    from service.api.lists import ListQuery

    module = next(module for module in package.NOUNS if module.__name__.endswith(f".{noun}"))
    queries = [
        each for each in vars(module).values() if isinstance(each, type) and issubclass(each, ListQuery)
    ]
    [query] = [each for each in queries if each is not ListQuery]
    return [name for name in query.model_fields if name not in ListQuery.model_fields]


class TestOneThing:
    @pytest.mark.parametrize("noun", NOUNS)
    def test_is_what_the_list_says_and_more(self, api: httpx.Client, noun: str) -> None:
        row = api.get(f"{API}/{noun}", params={"limit": 1}).json()["data"][0]
        answer = api.get(f"{API}/{noun}/{row[NOUNS[noun]]}")
        assert answer.status_code == 200
        assert row.items() <= answer.json().items()

    @pytest.mark.parametrize("noun", NOUNS)
    def test_that_does_not_exist_is_told_so(self, api: httpx.Client, noun: str) -> None:
        answer = api.get(f"{API}/{noun}/nobody")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
        assert "nobody" in answer.json()["detail"]

    def test_a_retired_theme_leads_on(self, own_api: httpx.Client, demo_db: Database) -> None:
        with demo_db.begin() as session:
            old, new = session.exec(select(Theme).where(col(Theme.parent_id).is_(None)).limit(2)).all()
            old.retired, old.successor_id = True, new.id
            run = session.exec(select(Run).where(Run.state == "live")).one()
            for put in session.exec(
                select(Assignment).where(Assignment.theme_id == old.id, Assignment.run_id == run.id)
            ):
                put.theme_id, put.subtheme_id = new.id, None
        answer = own_api.get(f"{API}/themes/{old.id}").json()
        assert (answer["retired"], answer["successor_id"], answer["spans"]) == (True, new.id, 0)
        assert own_api.get(f"{API}/themes/{old.id}/evidence").json() == {"data": [], "next_cursor": None}

    def test_whoever_has_this_version_gets_no_second_copy(
        self, own_api: httpx.Client, demo_db: Database
    ) -> None:
        theme_id = own_api.get(f"{API}/themes?limit=1").json()["data"][0]["theme_id"]
        path = f"{API}/themes/{theme_id}"
        tag = own_api.get(path).headers["ETag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = own_api.get(path, headers={"If-None-Match": known})
            assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
        with demo_db.begin() as session:
            session.get_one(Theme, theme_id).title = "another"
        assert own_api.get(path, headers={"If-None-Match": tag}).status_code == 200

    def test_an_account_may_be_called_anything(self, own_api: httpx.Client, demo_db: Database) -> None:
        name = "株式会社/東 100%?#"
        with demo_db.begin() as session:
            session.connection().exec_driver_sql(
                "UPDATE account SET account_id = %(name)s WHERE account_id = 'A01'", {"name": name}
            )
        answer = own_api.get(f"{API}/accounts/{quote(name, safe='')}")
        assert (answer.status_code, answer.json()["account_id"]) == (200, name)


class TestEvidence:
    def test_is_every_voice_that_the_theme_counts(self, api: httpx.Client, read_demo_db: Database) -> None:
        theme = max(rows(api, "themes"), key=lambda row: int(row["spans"]))
        voices = rows(api, f"themes/{theme['theme_id']}/evidence", limit=7)
        assert len(voices) == len({voice["span_id"] for voice in voices}) == theme["spans"]
        assert {voice["theme_id"] for voice in voices} == {theme["theme_id"]}
        sure = [voice["confidence"] for voice in voices]
        assert sure == sorted(sure, reverse=True)
        with read_demo_db.begin() as session:
            for voice in voices[:20]:
                item = session.get_one(Item, voice["item_id"])
                assert (item.text or "")[voice["start"] : voice["end"]] == voice["text"]
                assert item.external_id == voice["external_id"]

    def test_can_be_narrowed_by_kind_severity_and_tone(self, api: httpx.Client) -> None:
        theme = max(rows(api, "themes", kind="pain_point"), key=lambda row: int(row["spans"]))
        path = f"themes/{theme['theme_id']}/evidence"
        voices = rows(api, path)
        severe = rows(api, path, severity="high", limit=2)
        assert [one for one in voices if one["severity"] == "high"] == severe
        displeased = rows(api, path, tone="negative")
        assert [v for v in voices if v["sentiment"] is not None and v["sentiment"] <= -0.15] == displeased
        mild = rows(api, path, severity="null", kind="question")
        assert [v for v in voices if v["severity"] is None and v["kind"] == "question"] == mild
        assert all(voice["severity_reason"] for voice in severe)
        assert api.get(f"{API}/{path}", params={"severity": "x"}).status_code == 422

    def test_an_item_tells_the_gravest_of_its_voices(self, api: httpx.Client) -> None:
        items = rows(api, "items", severity="critical")
        assert items
        assert {item["severity"] for item in items} == {"critical"}
        assert all(-1 <= item["sentiment"] <= 1 for item in items if item["sentiment"] is not None)
        assert {item["severity"] for item in rows(api, "items", severity="null")} == {None}

    def test_a_cursor_ends_with_the_run_it_was_given_in(
        self, own_api: httpx.Client, demo_db: Database
    ) -> None:
        theme = max(rows(own_api, "themes"), key=lambda row: int(row["spans"]))
        path = f"{API}/themes/{theme['theme_id']}/evidence"
        cursor = own_api.get(path, params={"limit": 1}).json()["next_cursor"]
        with demo_db.begin() as session:
            live = session.exec(select(Run).where(Run.state == "live")).one()
            live.state = "superseded"
            session.flush()
            copied = {**live.model_dump(exclude={"changed_at"}), "id": "next", "ordinal": 2, "state": "live"}
            session.add(Run(**copied))
        answer = own_api.get(path, params={"cursor": cursor})
        assert (answer.status_code, "begin again" in answer.json()["detail"]) == (409, True)

    def test_of_another_theme_or_of_nobody_is_refused(self, api: httpx.Client) -> None:
        one, other = (row["theme_id"] for row in rows(api, "themes", parent_id="null")[:2])
        cursor = api.get(f"{API}/themes/{one}/evidence?limit=1").json()["next_cursor"]
        for given in (cursor, "x"):
            answer = api.get(f"{API}/themes/{other}/evidence", params={"cursor": given})
            assert answer.status_code == 422
        assert api.get(f"{API}/themes/nobody/evidence").status_code == 404


class TestOthers:
    def test_another_organisation_finds_nothing(self, own_api: httpx.Client, demo_db: Database) -> None:
        with demo_db.begin() as session:
            session.add(Organisation(id="rival", name="Rival"))
        ours = {noun: rows(own_api, noun)[0][NOUNS[noun]] for noun in NOUNS}
        token = make_token(demo_db, "write", organisation_id="rival")
        with program(str(own_api.base_url), token) as rival:
            for noun, row_id in ours.items():
                assert rival.get(f"{API}/{noun}").json()["data"] == []
                assert rival.get(f"{API}/{noun}/{row_id}").status_code == 404
            assert rival.get(f"{API}/themes/{ours['themes']}/evidence").status_code == 404

    def test_without_a_token_nothing_is_told(self, demo_db: Database) -> None:
        with serving(create_app(demo_db, Settings())) as address, program(address) as stranger:
            for noun in NOUNS:
                answer = stranger.get(f"{API}/{noun}")
                assert (answer.status_code, answer.json()["status"]) == (401, 401)
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")
