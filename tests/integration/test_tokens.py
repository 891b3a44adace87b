"""Tokens of programs: what is proven, what is not, and what is never taken for proof."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import select

from service.access import tokens
from service.access.proof import COOKIE
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Token
from tests.access import OURS, a_token, by
from tests.integration.conftest import Guarded, Reader
from tests.live import serving

API, PAGE, FEED = "/api/v1/themes", "/themes", "/feeds/suggestions.atom"
SPOILED = {
    "a forged secret": lambda token: token[:-64] + "0" * 64,
    "a forged id": lambda token: "koe_" + "0" * 12 + token[16:],
    "cut by one": lambda token: token[:-1],
    "cut to its id": lambda token: token[:16],
    "without a secret": lambda token: token[:17],
    "longer by one": lambda token: token + "0",
    "in capitals": lambda token: "koe_" + token[4:].upper(),
    "with a space": lambda token: token[:20] + " " + token[20:],
    "twice": lambda token: f"{token}, {token}",
    "in quotes": lambda token: f'"{token}"',
    "its prefix": lambda token: "koe_",  # noqa: ARG005
}


def status_of(client: httpx.Client, token: str, path: str = API) -> int:
    return client.get(path, headers=by(token)).status_code


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_what_is_not_exactly_the_token_proves_nothing(
    guarded: Guarded, db: Database, spoil: Callable[[str], str]
) -> None:
    token = a_token(db)
    assert [status_of(guarded.client, token, path) for path in (API, PAGE, FEED)] == [200, 200, 200]
    for path in (API, PAGE, FEED):
        answer = guarded.client.get(path, headers=by(spoil(token)))
        assert answer.status_code == 401, path
        assert token not in answer.text
    told = guarded.client.get(API, headers=by(spoil(token)))
    assert told.headers["Content-Type"] == "application/problem+json"
    assert told.headers["WWW-Authenticate"] == 'Bearer realm="Koe"'


def test_it_ends_on_its_day_and_at_once_when_it_is_revoked(guarded: Guarded, db: Database) -> None:
    lasting, ending, gone = (
        a_token(db, name=name, lasts=lasts)
        for name, lasts in (("lasting", None), ("ending", timedelta(days=1)), ("gone", None))
    )
    assert [status_of(guarded.client, one) for one in (lasting, ending, gone)] == [200, 200, 200]
    with db.begin() as session:
        session.execute(update(Token).where(Token.name == "ending").values(expires_at=datetime.now(UTC)))  # type: ignore[arg-type]
        tokens.revoke(session, MAIN, "gone", now=datetime.now(UTC))
    assert [status_of(guarded.client, one) for one in (lasting, ending, gone)] == [200, 401, 401]


def test_a_token_counts_in_no_address_no_cookie_and_no_form(guarded: Guarded, db: Database) -> None:
    token, client = a_token(db, "admin"), guarded.client
    for path in (API, PAGE, FEED):
        for name in ("token", "access_token", "api_key", "Authorization", COOKIE):
            assert client.get(path, params={name: token}).status_code == 401
        for name in ("X-Api-Key", "X-Auth-Token", "Proxy-Authorization"):
            assert client.get(path, headers={name: f"Bearer {token}"}).status_code == 401
        assert client.get(path, headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401
        assert client.get(path, headers={"Authorization": f"Token {token}"}).status_code == 401
    sent = client.post("/suggestions/x/accept", headers=OURS, data={"access_token": token})
    assert sent.status_code == 401


def test_feed_readers_send_it_as_a_password(guarded: Guarded, db: Database) -> None:
    token, client = a_token(db), guarded.client
    asked = client.get(FEED)
    assert (asked.status_code, asked.headers["WWW-Authenticate"]) == (
        401,
        'Basic realm="Koe", charset="UTF-8"',
    )
    for user in ("", "anybody", "日本", "koe_x"):
        encoded = base64.b64encode(f"{user}:{token}".encode()).decode()
        assert client.get(FEED, headers={"Authorization": f"Basic {encoded}"}).status_code == 200
    wrong = base64.b64encode(f"{token}:".encode()).decode()
    assert client.get(FEED, headers={"Authorization": f"Basic {wrong}"}).status_code == 401


def test_each_scope_may_do_what_it_says_and_no_more(guarded: Guarded, db: Database) -> None:
    """There is no suggestion x: whoever may decide about it is told so."""
    client = guarded.client
    read, write, admin = (a_token(db, scope, name=scope) for scope in ("read", "write", "admin"))
    for path in ("/suggestions/x/accept", "/api/v1/suggestions/x/accept"):
        answers = [client.post(path, headers=by(token)) for token in (read, write, admin)]
        assert [answer.status_code for answer in answers] == [403, 404, 404], path
        if path.startswith("/api"):
            assert answers[0].headers["Content-Type"] == "application/problem+json"
        else:
            assert "You can read, but not change" in answers[0].text


def test_its_use_is_noted_to_the_minute_and_not_with_every_request(guarded: Guarded, db: Database) -> None:
    token = a_token(db)

    def used_at() -> datetime | None:
        with db.begin() as session:
            return session.exec(select(Token.used_at)).one()

    def used(ago: timedelta) -> datetime:
        with db.begin() as session:
            session.execute(update(Token).values(used_at=datetime.now(UTC) - ago))
            return session.exec(select(Token.used_at)).one() or datetime.now(UTC)

    assert used_at() is None
    status_of(guarded.client, token)
    noted = used_at()
    assert noted
    assert (noted.second, noted.microsecond) == (0, 0)
    just_now = used(timedelta(seconds=20))
    status_of(guarded.client, token)
    assert used_at() == just_now
    used(timedelta(minutes=2))
    status_of(guarded.client, token)
    assert (used_at() or noted) >= noted


def test_without_a_database_nobody_is_let_in_and_everybody_is_told_when_to_come_back(
    reader: Reader, db: Database
) -> None:
    token = a_token(db)
    broken = Database.at("postgresql+psycopg://nobody:s3cret@127.0.0.1:1/none")
    with serving(create_app(broken, Settings())) as address:
        client = reader(address)
        told = client.get(API, headers=by(token))
        assert (told.status_code, told.headers["Retry-After"]) == (503, "5")
        page = client.get(PAGE, headers={"Cookie": f"{COOKIE}=x"})
        assert page.status_code == 503
        assert page.headers["Content-Type"].startswith("text/html")
        assert "s3cret" not in told.text + page.text
        assert client.get(PAGE).status_code == 401
        assert client.get("/healthz").status_code == 200
    broken.close()


def test_the_demo_asks_nobody_but_takes_a_token_at_its_word(empty_pages: httpx.Client, db: Database) -> None:
    read = a_token(db)
    assert empty_pages.get(API).status_code == 200
    assert status_of(empty_pages, read) == 200
    assert empty_pages.post("/api/v1/suggestions/x/accept", headers=by(read)).status_code == 403
    assert status_of(empty_pages, read[:-1]) == 401
    assert empty_pages.post("/api/v1/suggestions/x/accept").status_code == 404
    foreign = {"Origin": "http://evil.example"}
    assert empty_pages.post("/api/v1/suggestions/x/accept", headers=foreign).status_code == 403
