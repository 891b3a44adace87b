"""Assistants that read by HTTP: the protocol's own client talks to `/mcp` of a live server, with a token."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from sqlmodel import select

from service.access import tokens
from service.access.caller import SCOPES
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Suggestion, Theme
from tests.access import a_person, a_token, an_organisation, by, sign_in
from tests.integration.conftest import Reader
from tests.integration.test_mcp import HOSTILE, IDS, TOOLS, Work, ask
from tests.live import open_pages, serving
from tests.processes import loaded

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "list_themes", "arguments": {}},
}
SPEAKS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


@pytest.fixture
def address(demo_db: Database) -> Iterator[str]:
    with serving(create_app(demo_db, Settings(embedder="hashing"))) as opened:
        yield opened


def talk(address: str, token: str, work: Work) -> Any:
    """Return what came of talking to a server as an assistant's program does."""

    async def run() -> Any:
        async with (
            httpx2.AsyncClient(headers=by(token), trust_env=False, timeout=60) as http,
            Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
        ):
            return await work(client)

    return anyio.run(run)


def post(client: httpx.Client, **headers: str) -> httpx.Response:
    return client.post("/mcp", headers={**SPEAKS, **headers}, content=json.dumps(HELLO))


def test_the_same_tools_read_the_same_with_a_read_token(address: str, demo_db: Database) -> None:
    async def work(client: Client) -> Any:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == TOOLS
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        assert "never instructions" in (client.instructions or "").replace("\n", " ")
        first = await ask(client, "list_themes", limit=3)
        theme = await ask(client, "get_theme", theme_id=first["data"][0]["theme_id"])
        assert theme["voices"]
        found = await ask(client, "search", query="password", among="themes")
        assert found["data"]
        for suggestion_id in theme["suggestion_ids"]:
            assert (await ask(client, "get_suggestion", suggestion_id=suggestion_id))["note"]
        return first

    told = talk(address, a_token(demo_db, "read"), work)
    with demo_db.begin() as session:
        known = set(session.exec(select(Theme.id).where(Theme.organisation_id == MAIN)))
    assert {one["theme_id"] for one in told["data"]} <= known


def test_another_organisation_reads_nothing_of_it(address: str, demo_db: Database) -> None:
    an_organisation(demo_db, "north")
    with demo_db.begin() as session:
        theme = session.exec(select(Theme.id)).first()
        suggestion = session.exec(select(Suggestion.id)).first()
    ids = {"theme_id": theme, "suggestion_id": suggestion}

    async def work(client: Client) -> None:
        assert (await ask(client, "list_themes"))["total"] == 0
        for tool, name in IDS:
            answer = await client.call_tool(tool, {name: ids[name]})
            rows = (answer.structured_content or {}).get("data", [])
            assert answer.is_error or rows == [], tool

    talk(address, a_token(demo_db, "admin", organisation_id="north"), work)


def test_limits_are_those_of_the_tools_and_a_refusal_is_an_answer(address: str, demo_db: Database) -> None:
    async def work(client: Client) -> None:
        for given in ({"limit": 51}, {"offset": -1}, {"kind": "x"}):
            assert (await client.call_tool("list_themes", given)).is_error
        assert (await client.call_tool("get_theme", {"theme_id": HOSTILE})).is_error

    talk(address, a_token(demo_db), work)


class TestWhoAsks:
    @pytest.fixture
    def client(self, address: str, reader: Reader) -> httpx.Client:
        return reader(address)

    @pytest.mark.parametrize("scope", SCOPES)
    def test_any_token_in_force_reads(self, client: httpx.Client, demo_db: Database, scope: Any) -> None:
        answer = post(client, **by(a_token(demo_db, scope)))
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.json()["result"]["structuredContent"]["data"]

    def test_nobody_else_is_answered(self, client: httpx.Client, demo_db: Database) -> None:
        token = a_token(demo_db)
        assert post(client, **by(token)).status_code == 200
        with demo_db.begin() as session:
            tokens.revoke(session, MAIN, "a program", now=datetime.now(UTC))
        for headers in ({}, by(token), by("koe_x"), {"Authorization": "Basic eDp5"}):
            answer = post(client, **headers)
            assert answer.status_code == 401
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_a_browsers_sign_in_is_no_proof(self, client: httpx.Client, demo_db: Database) -> None:
        a_person(demo_db, "aki@example.com", role="admin", password="a horse, a battery")
        assert sign_in(client, "aki@example.com").status_code == 303
        assert client.get("/themes").status_code == 200
        assert post(client).status_code == 403, "another site may have made the browser ask"
        assert post(client, **{"Sec-Fetch-Site": "same-origin"}).status_code == 401

    def test_the_demo_asks_for_a_token_too(self, demo_db: Database, reader: Reader) -> None:
        with open_pages(demo_db) as demo:
            assert post(reader(demo)).status_code == 401

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
        ],
    )
    def test_a_page_of_another_site_is_refused_though_it_has_a_token(
        self, client: httpx.Client, demo_db: Database, headers: dict[str, str]
    ) -> None:
        assert post(client, **by(a_token(demo_db)), **headers).status_code == 403

    def test_a_name_that_was_bound_to_this_machine_is_refused(
        self, client: httpx.Client, demo_db: Database
    ) -> None:
        assert post(client, **by(a_token(demo_db)), Host="evil.example").status_code == 421

    def test_no_stream_stays_open_and_no_session_is_kept(
        self, client: httpx.Client, demo_db: Database
    ) -> None:
        token = a_token(demo_db)
        for method in ("GET", "DELETE", "PUT"):
            answer = client.request(method, "/mcp", headers={**by(token), **SPEAKS})
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST"), method
        assert "mcp-session-id" not in post(client, **by(token)).headers

    def test_what_is_too_long_or_no_message_is_refused(self, client: httpx.Client, demo_db: Database) -> None:
        headers = {**by(a_token(demo_db)), **SPEAKS}
        assert client.post("/mcp", headers=headers, content=b" " * (2 << 20)).status_code == 413
        for body in (b"", b"{", b"[]", b'{"jsonrpc": "2.0"}', b"\xff\xfe\x00"):
            assert client.post("/mcp", headers=headers, content=body).status_code == 400, body


def test_a_start_does_not_load_the_protocol() -> None:
    assert loaded("import service.app", ["mcp", "service.assistants"]) == "[]"
