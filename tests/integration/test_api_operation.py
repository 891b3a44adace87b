"""The feed, the health of a process, and its metrics."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import select

from service.db import Database, newest_step
from service.models import MAIN, Organisation, Source, Suggestion, WebhookCall
from tests.api import API, asking, make_token, program, rows

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/feeds/suggestions.atom"
ROUTES = re.compile(r"/[a-z0-9/{}_.-]*|none")


@pytest.fixture(scope="module")
def api(read_demo_db: Database) -> Iterator[httpx.Client]:
    """A program with a read token."""
    with asking(read_demo_db) as client:
        yield client


@pytest.fixture
def own_api(demo_db: Database) -> Iterator[httpx.Client]:
    """A program with a write token, before `demo_db`."""
    with asking(demo_db, "write") as client:
        yield client


def read(answer: httpx.Response) -> ElementTree.Element:
    """Return the feed of an answer."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def texts(element: ElementTree.Element, name: str) -> list[str]:
    return [each.text or "" for each in element.iter(f"{ATOM}{name}")]


class TestFeed:
    def test_holds_what_rfc_4287_asks_for(self, api: httpx.Client) -> None:
        feed = read(api.get(FEED))
        assert feed.tag == f"{ATOM}feed"
        entries = feed.findall(f"{ATOM}entry")
        assert len(entries) == min(len(rows(api, "suggestions")), 100)
        for element in (feed, *entries):
            assert [len(element.findall(f"{ATOM}{name}")) for name in ("id", "title", "updated")] == [1, 1, 1]
            updated = datetime.fromisoformat(element.findtext(f"{ATOM}updated", ""))
            assert updated.tzinfo is not None
        assert feed.findtext(f"{ATOM}author/{ATOM}name")
        ids = texts(feed, "id")
        assert len(set(ids)) == len(ids)
        assert all(each.startswith("urn:uuid:") for each in ids)
        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
        assert links["self"] == f"{api.base_url}{FEED}"
        for entry in entries:
            [link] = entry.findall(f"{ATOM}link")
            assert str(link.get("href")).startswith(f"{api.base_url}/suggestions/")
            assert entry.find(f"{ATOM}content").get("type") == "html"  # type: ignore[union-attr]

    def test_filters_as_the_list_does(self, api: httpx.Client) -> None:
        wanted = {"action": "write_article", "status": "open", "lang": "ja", "audience": "public"}
        feed = read(api.get(FEED, params=wanted))
        assert len(feed.findall(f"{ATOM}entry")) == len(rows(api, "suggestions", **wanted)) > 0
        assert texts(read(api.get(FEED, params={"status": "snoozed"})), "entry") == []
        assert api.get(FEED, params={"colour": "red"}).status_code == 422

    def test_an_entry_that_changed_comes_first_under_the_same_id(self, own_api: httpx.Client) -> None:
        before = texts(read(own_api.get(FEED)), "id")
        suggestion = rows(own_api, "suggestions", status="open")[0]
        own_api.post(f"{API}/suggestions/{suggestion['suggestion_id']}/accept")
        after = read(own_api.get(FEED))
        assert set(texts(after, "id")) == set(before)
        first = after.findall(f"{ATOM}entry")[0]
        assert str(first.find(f"{ATOM}link").get("href")).endswith(suggestion["suggestion_id"])  # type: ignore[union-attr]
        assert [each.get("term") for each in first.findall(f"{ATOM}category")][1] == "accepted"

    def test_is_read_with_the_token_as_a_password(self, api: httpx.Client, read_demo_db: Database) -> None:
        token = make_token(read_demo_db, "read")
        with program(str(api.base_url)) as reader:
            assert reader.get(FEED, auth=("anybody", token)).status_code == 200
            refused = reader.get(FEED, auth=("anybody", token[:-1]))
            assert (refused.status_code, refused.headers["WWW-Authenticate"][:5]) == (401, "Basic")

    def test_whoever_has_this_version_gets_no_second_copy(self, api: httpx.Client) -> None:
        first = api.get(FEED)
        again = api.get(FEED, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_what_no_xml_may_hold_breaks_no_feed(self, own_api: httpx.Client, demo_db: Database) -> None:
        with demo_db.begin() as session:
            suggestion = session.exec(select(Suggestion).where(Suggestion.action == "write_article")).first()
            assert suggestion
            odd = "]]> & <b> \x01 \x08 \uffff \U0001f600"
            suggestion.draft = {"title": odd, "body": odd, "sentences": [], "citations": []}
        titles = texts(read(own_api.get(FEED)), "title")
        assert "]]> & <b> \ufffd \ufffd \ufffd \U0001f600" in titles

    def test_another_organisation_reads_its_own(self, own_api: httpx.Client, demo_db: Database) -> None:
        with demo_db.begin() as session:
            session.add(Organisation(id="rival", name="Rival"))
        with program(str(own_api.base_url), make_token(demo_db, organisation_id="rival")) as rival:
            feed = read(rival.get(FEED))
        assert feed.findall(f"{ATOM}entry") == []
        assert feed.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00.000000Z"


class TestHealth:
    def test_anybody_may_ask(self, api: httpx.Client) -> None:
        with program(str(api.base_url)) as stranger:
            for path in ("/healthz", "/readyz"):
                answer = stranger.get(path)
                assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_tables_of_another_version_are_not_ready(self, own_api: httpx.Client, demo_db: Database) -> None:
        with demo_db.begin() as session:
            session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        answer = own_api.get("/readyz")
        assert (answer.status_code, str(newest_step()) in answer.json()["detail"]) == (503, True)
        assert own_api.get("/healthz").status_code == 200


def metrics(api: httpx.Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return every sample by its name and labels."""
    answer = api.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


class TestMetrics:
    def test_requests_are_counted_by_the_template_of_their_route(self, api: httpx.Client) -> None:
        theme_id = rows(api, "themes")[0]["theme_id"]
        before = metrics(api)
        for _ in range(3):
            api.get(f"{API}/themes/{theme_id}")
        api.get("/nothing/of/the/kind")
        api.request("BREW", API)
        counted = {key: value - before.get(key, 0) for key, value in metrics(api).items()}

        def requests(method: str, route: str, status: str) -> float:
            labels = frozenset({("method", method), ("route", route), ("status", status)})
            return counted[("koe_http_requests_total", labels)]

        assert requests("GET", "/api/v1/themes/{theme_id}", "200") == 3
        assert requests("GET", "none", "404") == 1
        assert requests("other", "none", "403") == 1
        timed = frozenset({("method", "GET"), ("route", "/api/v1/themes/{theme_id}")})
        assert counted[("koe_http_request_seconds_count", timed)] == 3

    def test_no_label_holds_what_a_request_was_about(self, api: httpx.Client) -> None:
        for noun in ("themes", "accounts"):
            for row in rows(api, noun, limit=200)[:5]:
                api.get(
                    f"{API}/{noun}/{next(row[name] for name in ('theme_id', 'account_id') if name in row)}"
                )
        api.post("/webhooks/nobody/secret", content=b"x")
        routes = {value for _, labels in metrics(api) for name, value in labels if name == "route"}
        assert [route for route in routes if not ROUTES.fullmatch(route)] == []
        assert "/webhooks/{source}/{secret}" in routes

    def test_what_waits_is_told_for_the_callers_organisation(
        self, own_api: httpx.Client, demo_db: Database
    ) -> None:
        with demo_db.begin() as session:
            session.add(Organisation(id="rival", name="Rival"))
            source = session.exec(select(Source)).first()
            assert source
            for key in ("a", "b"):
                session.add(
                    WebhookCall(
                        organisation_id=MAIN,
                        source_id=source.id,
                        call_key=key,
                        body=b"{}",
                        received_at=datetime.now(UTC),
                        state="dead",
                    )
                )
        ours = metrics(own_api)
        dead = ("koe_webhook_calls", frozenset({("state", "dead")}))
        assert ours[dead] == 2
        assert ours[("koe_inbox_records", frozenset({("state", "pending")}))] == 0
        assert ours[("koe_deliveries", frozenset({("state", "delivered")}))] == 0
        assert ours[("koe_unthemed_items", frozenset())] > 0
        assert ours[("koe_last_run_age_seconds", frozenset())] > 0
        with program(str(own_api.base_url), make_token(demo_db, organisation_id="rival")) as rival:
            assert metrics(rival)[dead] == 0

    def test_an_acknowledged_call_is_timed(self, api: httpx.Client) -> None:
        count = ("koe_webhook_acknowledgement_seconds_count", frozenset[tuple[str, str]]())
        before = metrics(api)[count]
        api.post("/webhooks/nobody", content=b"{}")
        assert metrics(api)[count] == before  # it was refused
