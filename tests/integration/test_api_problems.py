"""What goes wrong is told to programs as RFC 9457 says: never a page, never a fault of ours."""

from collections.abc import Iterator

import httpx
import pytest
from sqlmodel import select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import Suggestion
from tests.api import API, asking, make_token, program
from tests.live import serving

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def api(read_demo_db: Database) -> Iterator[httpx.Client]:
    """A program with a write token, before a database in which it changes nothing."""
    with asking(read_demo_db, "write") as client:
        yield client


@pytest.fixture(scope="module")
def suggestion_id(read_demo_db: Database) -> str:
    with read_demo_db.begin() as session:
        found = session.exec(select(Suggestion.id)).first()
    assert found
    return found


def problem(answer: httpx.Response) -> dict[str, object]:
    """Return a problem, once it is sure that it is one."""
    assert answer.headers["Content-Type"] == PROBLEM
    told: dict[str, object] = answer.json()
    assert set(told) <= {"type", "title", "status", "detail", "instance", "errors"}
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["detail"]
    return told


class TestProblems:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/api", 404),
            ("GET", "/api/v2", 404),
            ("GET", "/feeds/nothing", 404),
            ("GET", "/api/v1/themes/x/y/z", 404),
            ("DELETE", "/api/v1/themes", 405),
            ("PATCH", "/api/v1/suggestions/x/accept", 405),
            ("GET", "/api/v1/suggestions/x/accept", 405),
            ("POST", "/feeds/suggestions.atom", 405),
            ("POST", "/healthz", 405),
        ],
    )
    def test_addresses_and_methods_that_do_not_exist(
        self, api: httpx.Client, method: str, path: str, status: int
    ) -> None:
        answer = api.request(method, path)
        assert answer.status_code == status
        assert problem(answer)["instance"] == path
        assert ("Allow" in answer.headers) == (status == 405)

    def test_who_is_not_known_is_told_how_to_be(self, api: httpx.Client) -> None:
        with program(str(api.base_url)) as stranger:
            for path in (
                "/api/v1",
                "/api/v1/openapi.json",
                "/metrics",
                "/api/nothing",
                "/feeds/suggestions.atom",
            ):
                answer = stranger.get(path)
                assert answer.status_code == 401
                problem(answer)
                assert answer.headers["WWW-Authenticate"]

    def test_a_token_that_only_reads_changes_nothing(
        self, api: httpx.Client, read_demo_db: Database, suggestion_id: str
    ) -> None:
        with program(str(api.base_url), make_token(read_demo_db, "read")) as reader:
            answer = reader.post(f"{API}/suggestions/{suggestion_id}/accept")
        assert answer.status_code == 403
        problem(answer)

    def test_another_name_of_the_server(self, api: httpx.Client) -> None:
        assert problem(api.get(API, headers={"Host": "evil.example"}))["status"] == 421

    @pytest.mark.parametrize(
        ("content", "media_type", "status"),
        [
            (b"reason=no", "application/x-www-form-urlencoded", 415),
            (b"{}", "text/plain", 415),
            (b'{"reason": "no"}', "", 415),
            (b"{", "application/json", 400),
            (b"{'reason': 'no'}", "application/json", 400),
            (b"", "application/json", 422),
            (b"null", "application/json", 422),
            (b"[]", "application/json", 422),
            (b'"no"', "application/json", 422),
            (b"{}", "application/json", 422),
            (b'{"reason": " \\n "}', "application/json", 422),
            (b'{"reason": NaN}', "application/json", 422),
            (b'{"reason": 1e999}', "application/json", 422),
            (b'{"reason": ' + b"9" * 5000 + b"}", "application/json", None),
            (b'{"reason": "\\ud800"}', "application/json", 422),
            (b'{"reason": "\xff"}', "application/json", 400),
            (b'{"reason": "no", "by": "somebody else"}', "application/json", 422),
            (b"[" * 100_000, "application/json", None),
            (b'{"reason":' * 50_000 + b"1" + b"}" * 50_000, "application/json", None),
            (b'{"reason": "' + b"x" * 501 + b'"}', "application/json", 422),
            (b" " * (1024 * 1024) + b"{}", "application/json", 413),
        ],
        ids=lambda value: repr(value)[:30],
    )
    def test_bodies_that_cannot_be_used(
        self, api: httpx.Client, suggestion_id: str, content: bytes, media_type: str, status: int | None
    ) -> None:
        headers = {"Content-Type": media_type} if media_type else {}
        path = f"{API}/suggestions/{suggestion_id}/dismiss"
        answer = api.post(path, content=content, headers=headers)
        assert answer.status_code == status or (status is None and 400 <= answer.status_code < 500)
        told = problem(answer)
        assert len(str(told)) < 1000

    def test_a_body_of_unknown_length_is_bounded_too(self, api: httpx.Client, suggestion_id: str) -> None:
        parts = (b" " * 65_536 for _ in range(40))
        headers = {"Content-Type": "application/json"}
        answer = api.post(f"{API}/suggestions/{suggestion_id}/dismiss", content=parts, headers=headers)
        assert answer.status_code == 413
        problem(answer)

    @pytest.mark.parametrize("key", ["", "x" * 256, "a b", "\u3042", "a\x7fb"])
    def test_keys_that_name_nothing(self, api: httpx.Client, suggestion_id: str, key: str) -> None:
        headers = {b"Idempotency-Key": key.encode()}
        answer = api.post(f"{API}/suggestions/{suggestion_id}/accept", headers=headers)
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["pointer"] == "#/header/Idempotency-Key"

    @pytest.mark.parametrize(
        "path",
        [
            "/api/v1/themes/%00",
            "/api/v1/themes/x%00y/evidence",
            "/api/v1/themes/%ff%fe",
            "/api/v1/themes/%",
            "/api/v1/themes/%zz",
            "/api/v1/themes/%ED%A0%80",
            "/api/v1/themes/" + "9" * 30,
            "/api/v1/themes/" + "x" * 501,
            "/api/v1/items/9223372036854775808",
            "/api/v1/accounts/..%2F..%2Fetc%2Fpasswd",
            "/api/v1/accounts/a%00",
            "/api/v1/themes?limit=9223372036854775808",
            "/api/v1/themes?title=%ff%fe",
            "/api/v1/themes?title=%00",
            "/api/v1/themes?title=%zz",
            "/api/v1/themes?%ff=1",
            "/api/v1/themes?limit=1e3",
            "/api/v1/runs?ordinal=9223372036854775808",
            "/api/v1/runs?ordinal=1e308",
            "/api/v1/articles?views=-1e300",
            "/api/v1/items?created_at=9000-12-31T23:59:59-14:00",
            "/api/v1/items?" + "&".join(f"x{n}=1" for n in range(2000)),
            "/feeds/suggestions.atom?lang=%F0%9F%98%80&limit=1",
        ],
        ids=lambda path: path[:60],
    )
    def test_odd_addresses_are_no_fault_of_ours(self, api: httpx.Client, path: str) -> None:
        answer = api.get(httpx.URL(api.base_url).copy_with(raw_path=path.encode()))
        assert answer.status_code in (200, 400, 404, 422)
        if answer.status_code != 200:
            problem(answer)

    def test_a_database_that_is_gone_is_no_fault_of_ours_either(self) -> None:
        gone = Database.at("postgresql+psycopg://koe@127.0.0.1:1/koe")
        with serving(create_app(gone, Settings(), demo=True)) as address, program(address) as client:
            for path in ("/api/v1/themes", "/readyz", "/metrics", "/feeds/suggestions.atom"):
                answer = client.get(path)
                assert answer.status_code == 503
                problem(answer)
                assert int(answer.headers["Retry-After"]) > 0
            assert client.get("/healthz").status_code == 200
            answer = client.get(API, headers={"Authorization": f"Bearer koe_{'0' * 12}_{'0' * 64}"})
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        gone.close()

    def test_a_fault_of_ours_tells_nothing_of_itself(self, demo_db: Database) -> None:
        app = create_app(demo_db, Settings(), demo=True)

        @app.get("/api/v1/broken")
        def broken() -> None:
            raise RuntimeError("a customer's words")

        with serving(app) as address, program(address) as client:
            answer = client.get("/api/v1/broken")
        assert problem(answer)["status"] == 500
        assert "customer" not in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
