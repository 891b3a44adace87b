"""Programs that ask the API in tests: a token, and a client that sends it to a live server."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from service.access import tokens
from service.access.caller import Scope
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN
from tests.live import serving

API = "/api/v1"
NOUNS = {
    "themes": "theme_id",
    "suggestions": "suggestion_id",
    "articles": "article_id",
    "items": "item_id",
    "accounts": "account_id",
    "effects": "intervention_id",
    "alarms": "alarm_id",
    "sources": "source_id",
    "targets": "target_id",
    "deliveries": "delivery_id",
    "runs": "run_id",
    "corrections": "correction_id",
}
"""Every list, and what tells its rows apart."""


def make_token(db: Database, scope: Scope = "read", *, organisation_id: str = MAIN) -> str:
    """Return a new token."""
    now = datetime.now(UTC)
    with db.begin() as session:
        return tokens.create(session, organisation_id, f"{scope} {now}", scope=scope, now=now)


def program(address: str, token: str | None = None) -> httpx.Client:
    """Return a client that sends a token along."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60)


@contextmanager
def asking(db: Database, scope: Scope = "read") -> Iterator[httpx.Client]:
    """Serve a database to programs, and give a client that has a token of this scope."""
    with (
        serving(create_app(db, Settings(embedder="hashing"))) as address,
        program(address, make_token(db, scope)) as client,
    ):
        yield client


def rows(client: httpx.Client, noun: str, **query: Any) -> list[dict[str, Any]]:
    """Return all rows of a list, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        answer = client.get(f"{API}/{noun}", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]
