"""Who may see and change what on the pages, and what goes wrong politely."""

import re
from collections.abc import Callable
from itertools import product

import httpx
import pytest

from service.access.gate import FOR_PROGRAMS, OPEN, PROVEN, lies_under
from service.app import create_app
from service.config import Settings
from service.db import Database
from tests.access import OURS, a_token, by
from tests.integration.conftest import Guarded
from tests.live import one_of_each, open_pages, routes, serving

Reader = Callable[..., httpx.Client]


class TestMishaps:
    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/nowhere", 404),
            ("/themes/nothing", 404),
            ("/suggestions/nothing", 404),
            ("/articles/nothing", 404),
            ("/items/nothing", 404),
            ("/items?theme=nothing", 404),
            ("/items?article=nothing", 404),
            ("/items?kind=nothing", 404),
            ("/themes/" + "9" * 400, 404),
            ("/themes/%F0%9F%A6%8A%FF", 404),
            ("/themes/a%00b", 400),
            ("/items?q=%00", 400),
            ("/themes?page=0", 422),
            ("/themes?page=99999999999999999999", 422),
            ("/themes?page=NaN", 422),
            ("/themes?sort=x", 422),
            ("/items?only=x", 422),
            ("/items?since=x", 422),
            ("/items?until=9999-12-31", 422),
            ("/items?q=" + "x" * 201, 422),
            ("/themes?kind=x&lang=%ED%A0%80&stage=x&page=3", 200),
            ("/suggestions?action=x&status=x&lang=x", 200),
            ("/items?channel=x&source=x&since=&until=", 200),
        ],
    )
    def test_whatever_is_asked_for_is_answered_with_a_page(
        self, empty_pages: httpx.Client, path: str, status: int
    ) -> None:
        for lang in ("en", "ja"):
            page = empty_pages.get(path, headers={"Accept-Language": lang})
            assert page.status_code == status
            assert page.headers["Content-Type"].startswith("text/html")
            assert f'<html lang="{lang}">' in page.text
            assert "Traceback" not in page.text
            assert '{"detail"' not in page.text

    def test_an_unknown_address_is_answered_in_the_readers_language(self, empty_pages: httpx.Client) -> None:
        assert "There is nothing here" in empty_pages.get("/themes/x").text
        assert (
            "ここには何もありません" in empty_pages.get("/themes/x", headers={"Accept-Language": "ja"}).text
        )

    def test_a_fault_of_our_own_shows_nothing_of_the_inside(self, db: Database, reader: Reader) -> None:
        with open_pages(db) as address:
            db.close()
            broken = Database.at("postgresql+psycopg://nobody:s3cret@127.0.0.1:1/none")
            app = create_app(broken, Settings(), demo=True)

            @app.get("/crash")
            def crash() -> None:
                raise RuntimeError("s3cret")

            with serving(app) as address:
                for path in ("/crash", "/themes"):
                    page = reader(address).get(path)
                    assert page.status_code >= 500
                    assert "s3cret" not in page.text
                    assert "Traceback" not in page.text
                    assert page.headers["Content-Security-Policy"]

    def test_no_page_leads_to_another_site(self, empty_pages: httpx.Client) -> None:
        for path in (
            "//evil.example/?ui=ja",
            "/%2F%2Fevil.example/?ui=ja",
            "/themes?ui=ja&next=//evil.example",
        ):
            answer = empty_pages.get(empty_pages.base_url.join("/").copy_with(raw_path=path.encode()))
            location = answer.headers.get("Location", "/")
            assert re.match(r"/(?![/\\])", location), location


class TestAccess:
    def test_nothing_answers_without_a_session(self, guarded: Guarded) -> None:
        client = guarded.client
        for path in (*addresses("GET"), "/nowhere", "/metrics", "/feeds/suggestions.atom", "/api/v1/nowhere"):
            answer = client.get(path, headers={"Accept-Language": "ja"})
            if lies_under(path, OPEN):
                assert answer.status_code != 401, path
                continue
            assert answer.status_code == 401, path
            if lies_under(path, FOR_PROGRAMS):
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert answer.json()["status"] == 401
            else:
                assert "サインインしてください" in answer.text
                assert "<nav" not in answer.text
        for path in unsafe_pages():
            assert client.post(path, headers=OURS).status_code == 401, path
        assert client.get("/healthz").status_code == 200
        assert client.get("/static/koe.css").status_code == 200

    def test_forms_are_taken_from_our_own_pages_only(self, empty_pages: httpx.Client) -> None:
        own = f"http://{empty_pages.base_url.netloc.decode()}"
        for (site, origin), path in product(combinations(own), unsafe_pages()):
            sent = {name: value for name, value in (("Sec-Fetch-Site", site), ("Origin", origin)) if value}
            ours = site in ("same-origin", "none") if site else origin == own
            answer = empty_pages.post(path, headers=sent, data={"reason": "x", "day": "2026-01-01"})
            assert (answer.status_code != 403) == ours, (path, sent)
        assert empty_pages.post("/sign-in", data={"email": "a@b"}).status_code == 403

    def test_another_site_moves_no_browser_that_is_signed_in_and_no_remembered_password(
        self, guarded: Guarded, db: Database, reader: Reader
    ) -> None:
        """What a browser sends by itself is no consent; a bearer token is sent by those who mean it."""
        guarded.client.get(guarded.link)
        token, own = a_token(db, "write"), guarded.address
        browser, bearer, basic = guarded.client, reader(own), reader(own)
        bearer.headers.update(by(token))
        basic.auth = ("anybody", token)
        for path in ("/suggestions/x/accept", "/api/v1/suggestions/x/accept"):
            for site, origin in combinations(own):
                sent = {n: value for n, value in (("Sec-Fetch-Site", site), ("Origin", origin)) if value}
                ours = site in ("same-origin", "none") if site else origin == own
                silent = not site and not origin
                for client, passes in ((browser, ours), (basic, ours or silent), (bearer, True)):
                    answer = client.post(path, headers=sent)
                    assert answer.status_code == (404 if passes else 403), (path, sent)

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "localhost@evil.example",
            "evil.example:80@localhost",
            "localhost, evil.example",
            "localhost#.evil.example",
            "localhost/evil.example",
            "[::1",
            "[::1]x",
            "0.0.0.0",
            "::1",
        ],
    )
    def test_another_name_is_refused(self, empty_pages: httpx.Client, host: str) -> None:
        answer = empty_pages.get("/themes", headers={"Host": host})
        assert answer.status_code in (400, 421)
        assert "Koe" not in answer.text

    @pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:99", "[::1]:8000"])
    def test_its_own_names_are_taken(self, empty_pages: httpx.Client, host: str) -> None:
        assert empty_pages.get("/themes", headers={"Host": host}).status_code == 200

    def test_every_answer_carries_the_headers_that_keep_browsers_careful(self, guarded: Guarded) -> None:
        client = guarded.client
        answers = [
            client.get(path)
            for path in ("/themes", "/nowhere", "/static/koe.css", "/healthz", "/sign-in/x", "/api/v1/themes")
        ]
        answers += [client.get("/themes", headers={"Host": "evil.example"}), client.get(guarded.link)]
        answers += [client.get("/themes"), client.get("/themes?page=0"), client.post("/themes")]
        for answer in answers:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            static = answer.request.url.path.startswith("/static/")
            assert answer.headers["Cache-Control"] == ("no-cache" if static else "no-store")

    def test_pages_hold_no_script_and_no_style_of_their_own(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        for path in one_of_each(demo_db):
            page = demo_pages.get(path).text
            scripts = re.findall(r"<script[^>]*>", page)
            assert scripts
            assert all(re.fullmatch(r'<script src="/static/\w+\.js" type="module">', one) for one in scripts)
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=", re.sub(r">[^<]*<", "><", page)), path

    def test_a_form_that_is_too_long_or_has_no_end_is_refused(self, empty_pages: httpx.Client) -> None:
        long = empty_pages.post("/suggestions/x/dismiss", headers=OURS, data={"reason": "x" * 70_000})
        assert long.status_code == 413
        endless = empty_pages.post("/suggestions/x/dismiss", headers=OURS, content=iter([b"reason=", b"x"]))
        assert endless.status_code == 413
        nothing = empty_pages.build_request("POST", "/suggestions/x/accept", headers=OURS)
        del nothing.headers["Content-Length"]
        assert empty_pages.send(nothing).status_code == 404


def combinations(own: str) -> list[tuple[str | None, str | None]]:
    """Return thirty ways in which browsers and others say where a request comes from."""
    sites = (None, "same-origin", "none", "same-site", "cross-site")
    origins = (None, own, "null", "http://evil.example", "http://127.0.0.1:1", f"{own}.evil.example")
    return list(product(sites, origins))


def unsafe_pages() -> list[str]:
    """Return an address for every form of the pages but the sign-in, which asks nobody who they are."""
    found = [path for path in addresses("POST") if not lies_under(path, (*FOR_PROGRAMS, *PROVEN, "/sign-in"))]
    assert len(found) >= 8
    return found


def addresses(method: str) -> list[str]:
    """Return an address for everything that the application answers to a method."""
    return [re.sub(r"\{[a-z_:]+\}", "x", path) for known, path in routes() if known == method]
