"""Signing in and out: links, passwords, sessions, and one's own page."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import update
from sqlmodel import col, select

from service.access import passwords
from service.access.links import first_link
from service.access.proof import COOKIE
from service.access.secret import fingerprint
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Invitation, Person, SignIn
from tests.access import OURS, PASSWORD, a_link, a_person, a_token, an_organisation, by, sign_in
from tests.integration.conftest import Guarded
from tests.live import serving

Reader = Callable[..., httpx.Client]
FAST = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Argon2id with parameters that keep a test of many passwords quick."""
REAL = passwords.HASHER


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[PasswordHasher], None]]:
    """Lets passwords be kept by quick parameters, or by those that a test names."""

    def keep_by(chosen: PasswordHasher) -> None:
        monkeypatch.setattr(passwords, "HASHER", chosen)
        passwords._nobodys.cache_clear()

    keep_by(FAST)
    yield keep_by
    passwords._nobodys.cache_clear()


def age(db: Database, **columns: timedelta) -> None:
    """Let every sign-in have begun, been seen or end so much earlier."""
    with db.begin() as session:
        moved = {name: getattr(SignIn, name) - by for name, by in columns.items()}
        session.execute(update(SignIn).values(moved))


def sign_ins(db: Database) -> list[SignIn]:
    with db.begin() as session:
        return list(session.exec(select(SignIn).order_by(col(SignIn.created_at))))


class TestFirstLink:
    def test_it_makes_the_first_administrator_who_then_sets_what_they_come_back_with(
        self, guarded: Guarded, reader: Reader, db: Database
    ) -> None:
        client = guarded.client
        answer = client.get(guarded.link)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
        page = client.get("/me").text
        assert "Set an address and a password" in page
        assert "Administrator" in page
        mine = {"name": "安芸", "email": "Aki@example.com", "password": PASSWORD}
        saved = client.post("/me", headers=OURS, data=mine)
        assert (saved.status_code, saved.headers["Location"]) == (303, "/me?saved=")
        page = client.get("/me?saved=", headers={"Accept-Language": "ja"}).text
        assert "保存しました" in page
        assert 'value="aki@example.com"' in page
        back = reader(guarded.address)
        assert sign_in(back, "AKI@example.com").headers["Location"] == "/"
        assert "安芸" in back.get("/themes").text
        with db.begin() as session:
            assert session.exec(select(Person.role)).all() == ["admin"]
            assert session.exec(select(Person.organisation_id)).all() == [MAIN]

    def test_it_works_once_and_for_nobody_else(self, guarded: Guarded, reader: Reader) -> None:
        assert guarded.client.get("/sign-in/wrong").status_code == 410
        assert guarded.client.get(guarded.link).status_code == 303
        late = reader(guarded.address, "ja")
        refused = late.get(guarded.link)
        assert refused.status_code == 410
        assert "このリンクは使えません" in refused.text
        assert 'href="/sign-in"' in refused.text
        assert late.get("/themes").status_code == 401

    def test_a_newer_one_voids_it_and_a_person_voids_them_all(self, guarded: Guarded, db: Database) -> None:
        newer = first_link(db, MAIN)
        assert newer
        assert guarded.client.get(guarded.link).status_code == 410
        a_person(db)
        assert guarded.client.get(newer).status_code == 410
        assert first_link(db, MAIN) is None
        assert first_link(db, an_organisation(db, "north")) is not None

    def test_it_waits_as_long_as_nobody_comes(self, guarded: Guarded, db: Database) -> None:
        with db.begin() as session:
            session.execute(update(Invitation).values(created_at=datetime(2020, 1, 1, tzinfo=UTC)))
        assert guarded.client.get(guarded.link).status_code == 303

    def test_of_many_who_open_it_at_once_one_comes_in(
        self, guarded: Guarded, reader: Reader, db: Database
    ) -> None:
        together, answers = Barrier(6), list[int]()

        def follow(client: httpx.Client) -> None:
            together.wait()
            answers.append(client.get(guarded.link).status_code)

        threads = [Thread(target=follow, args=(reader(guarded.address),)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [303, *[410] * 5]
        with db.begin() as session:
            assert len(session.exec(select(Person)).all()) == 1


class TestLinks:
    def test_a_link_signs_in_once_within_a_day_and_a_newer_one_voids_it(
        self, guarded: Guarded, reader: Reader, db: Database
    ) -> None:
        person = a_person(db)
        older, newer = a_link(db, person), a_link(db, person)
        client = guarded.client
        assert [client.get(path).status_code for path in (older, newer, newer)] == [410, 303, 410]
        assert client.get("/me").status_code == 200
        late = a_link(db, person)
        with db.begin() as session:
            session.execute(update(Invitation).values(ends_at=datetime.now(UTC)))
        assert reader(guarded.address).get(late).status_code == 410

    def test_a_new_password_voids_the_links_that_are_still_around(
        self, guarded: Guarded, reader: Reader, db: Database
    ) -> None:
        person = a_person(db)
        guarded.client.get(a_link(db, person))
        unused = a_link(db, person)
        mine = {"name": "a", "email": "aki@example.com", "password": PASSWORD}
        assert guarded.client.post("/me", headers=OURS, data=mine).status_code == 303
        assert reader(guarded.address).get(unused).status_code == 410


class TestPasswords:
    def test_what_is_wrong_is_not_told_and_costs_the_same(
        self, guarded: Guarded, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(passwords, "HASHER", REAL)
        a_person(db, "aki@example.com", password=PASSWORD)
        a_person(db, "no-password@example.com")
        gone = a_person(db, "gone@example.com", password=PASSWORD)
        with db.begin() as session:
            session.get_one(Person, gone.id).disabled_at = datetime.now(UTC)
        worked: list[str] = []

        class Counting:
            def verify(self, kept: str, password: bytes) -> bool:
                worked.append(kept.rsplit("$", 2)[0])
                return REAL.verify(kept, password)

            def __getattr__(self, name: str) -> object:
                return getattr(REAL, name)

        monkeypatch.setattr(passwords, "HASHER", Counting())
        pages = set()
        for email in ("aki@example.com", "nobody@example.com", "no-password@example.com", "gone@example.com"):
            answer = sign_in(guarded.client, email, "wrong")
            assert (answer.status_code, answer.headers.get("Set-Cookie")) == (422, None)
            pages.add(answer.text.replace(email, ""))
        assert sign_in(guarded.client, "no address at all", "wrong").status_code == 422
        assert len(pages) == 1
        assert len(worked) == 5
        assert len(set(worked)) == 1, "the parameters are the same, too"

    def test_whoever_is_wrong_often_waits_and_nobody_else_does(
        self, guarded: Guarded, reader: Reader, db: Database
    ) -> None:
        for email in ("aki@example.com", "ben@example.com"):
            a_person(db, email, password=PASSWORD)
        statuses = [sign_in(guarded.client, "aki@example.com", f"wrong {n}").status_code for n in range(12)]
        assert statuses == [422] * 10 + [429] * 2
        waiting = sign_in(reader(guarded.address, "ja"), "AKI@example.com")
        assert waiting.status_code == 429
        assert 0 < int(waiting.headers["Retry-After"]) <= 5
        assert "1分後に" in waiting.text
        assert sign_in(guarded.client, "ben@example.com").status_code == 303

    def test_one_address_in_two_organisations_comes_to_the_one_whose_password_it_is(
        self, guarded: Guarded, reader: Reader, db: Database
    ) -> None:
        north = an_organisation(db, "north")
        a_person(db, password="the password of main", name="of main")
        a_person(db, password="the password of north", name="of north", organisation_id=north)
        for place in ("main", "north"):
            client = reader(guarded.address)
            assert sign_in(client, "aki@example.com", f"the password of {place}").status_code == 303
            assert f"of {place}" in client.get("/me").text

    def test_a_password_of_former_parameters_is_kept_anew(
        self, guarded: Guarded, db: Database, hasher: Callable[[PasswordHasher], None]
    ) -> None:
        person = a_person(db, password=PASSWORD)
        hasher(REAL)
        assert sign_in(guarded.client, "aki@example.com").status_code == 303
        with db.begin() as session:
            kept = session.get_one(Person, person.id).password_hash
        assert kept
        assert "m=65536" in kept
        assert sign_in(guarded.client, "aki@example.com").status_code == 303


class TestSessions:
    def test_the_cookie_is_new_each_time_and_only_its_digest_is_kept(
        self, guarded: Guarded, db: Database
    ) -> None:
        """A browser that comes with a cookie of somebody's choice leaves with another one."""
        a_person(db, password=PASSWORD)
        client = guarded.client
        client.cookies.set(COOKIE, "planted")
        answer = sign_in(client, "aki@example.com")
        cookie = answer.headers["Set-Cookie"].lower()
        for flag in ("httponly", "samesite=lax", "path=/", "max-age=604800"):
            assert flag in cookie
        assert "secure" not in cookie
        assert "domain" not in cookie
        first = answer.cookies[COOKIE]
        assert re.fullmatch("[0-9a-f]{64}", first)
        assert [one.id for one in sign_ins(db)] == [fingerprint(first)]
        client.cookies.clear()
        client.cookies.set(COOKIE, first)
        second = sign_in(client, "aki@example.com").cookies[COOKIE]
        assert second != first
        assert [one.id for one in sign_ins(db)] == [fingerprint(second)], "the one it came with is over"

    def test_behind_https_it_never_travels_without(self, db: Database, reader: Reader) -> None:
        link = first_link(db, MAIN)
        assert link
        with serving(create_app(db, Settings(public_url="https://koe.example.com"))) as address:
            answer = reader(address).get(link, headers={"Host": "koe.example.com"})
            assert "secure" in answer.headers["Set-Cookie"].lower()

    @pytest.mark.parametrize(
        ("columns", "status"),
        [
            ({"seen_at": timedelta(hours=11, minutes=59)}, 200),
            ({"seen_at": timedelta(hours=12)}, 401),
            ({"ends_at": timedelta(days=6, hours=23)}, 200),
            ({"ends_at": timedelta(days=7)}, 401),
        ],
    )
    def test_it_ends_after_half_a_day_without_use_and_after_a_week(
        self, guarded: Guarded, db: Database, columns: dict[str, timedelta], status: int
    ) -> None:
        guarded.client.get(guarded.link)
        age(db, **columns)
        assert guarded.client.get("/themes").status_code == status

    def test_use_keeps_it_going_and_is_noted_once_a_minute(self, guarded: Guarded, db: Database) -> None:
        guarded.client.get(guarded.link)
        (begun,) = sign_ins(db)
        guarded.client.get("/themes")
        assert sign_ins(db)[0].seen_at == begun.seen_at
        age(db, seen_at=timedelta(hours=11))
        guarded.client.get("/themes")
        assert datetime.now(UTC) - sign_ins(db)[0].seen_at < timedelta(minutes=5)

    def test_whoever_is_disabled_is_out_at_once_and_another_role_counts_at_once(
        self, guarded: Guarded, db: Database
    ) -> None:
        person = a_person(db, role="viewer")
        client = guarded.client
        client.get(a_link(db, person))
        assert client.post("/suggestions/x/accept", headers=OURS).status_code == 403
        with db.begin() as session:
            session.get_one(Person, person.id).role = "writer"
        assert client.post("/suggestions/x/accept", headers=OURS).status_code == 404
        with db.begin() as session:
            session.get_one(Person, person.id).disabled_at = datetime.now(UTC)
        assert client.get("/themes").status_code == 401


class TestComingBack:
    def test_the_sign_in_leads_on_to_the_page_that_was_asked_for(
        self, guarded: Guarded, db: Database
    ) -> None:
        a_person(db, password=PASSWORD)
        asked = guarded.client.get("/items?q=%E5%A3%B0&page=2")
        assert asked.status_code == 401
        leads_to = html.unescape(re.findall('name="next" value="([^"]*)"', asked.text)[0])
        answer = sign_in(guarded.client, "aki@example.com", next=leads_to)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/items?q=%E5%A3%B0&page=2")
        away = sign_in(guarded.client, "aki@example.com", next="//evil.example")
        assert away.headers["Location"] == "/"

    def test_what_was_typed_into_a_form_before_the_session_ended_is_not_lost(
        self, guarded: Guarded, db: Database
    ) -> None:
        a_person(db, role="writer", password=PASSWORD)
        typed = {"reason": 'もう直しました <b>"&'}
        client = guarded.client
        late = client.post("/suggestions/x/dismiss", headers=OURS, data=typed)
        assert late.status_code == 401
        hidden = dict(re.findall('type="hidden" name="([a-z]+)" value="([^"]*)"', late.text))
        again = sign_in(
            client, "aki@example.com", "wrong", **{name: html.unescape(v) for name, v in hidden.items()}
        )
        assert again.status_code == 422
        assert dict(re.findall('type="hidden" name="([a-z]+)" value="([^"]*)"', again.text)) == hidden
        resumed = sign_in(client, "aki@example.com", **{name: html.unescape(v) for name, v in hidden.items()})
        assert resumed.status_code == 200
        assert 'action="/suggestions/x/dismiss"' in resumed.text
        ((name, value),) = re.findall('type="hidden" name="([a-z]+)" value="([^"]*)"', resumed.text)
        assert {name: html.unescape(value)} == typed
        assert "<b>" not in resumed.text
        assert client.get("/themes").status_code == 200

    def test_what_another_site_sent_is_not_kept_and_no_password_is(
        self, guarded: Guarded, db: Database
    ) -> None:
        a_person(db, password=PASSWORD)
        foreign = guarded.client.post(
            "/suggestions/x/dismiss", headers={"Sec-Fetch-Site": "cross-site"}, data={"reason": "theirs"}
        )
        assert foreign.status_code == 403
        assert "theirs" not in foreign.text
        own = guarded.client.post("/me", headers=OURS, data={"password": "my new password"})
        assert own.status_code == 401
        assert "my new password" not in own.text
        assert sign_in(guarded.client, "aki@example.com", typed="a=1&" * 6000).status_code == 303


class TestOwnPage:
    def change(self, client: httpx.Client, **changes: str) -> httpx.Response:
        mine = {"name": "Aki", "email": "aki@example.com", "password": "", "current": ""}
        return client.post("/me", headers=OURS, data=mine | changes)

    def test_it_says_what_is_wrong_and_keeps_what_was_typed(self, guarded: Guarded, db: Database) -> None:
        a_person(db, "ben@example.com")
        a_person(db, "other@example.com", organisation_id=an_organisation(db, "north"))
        guarded.client.get(a_link(db, a_person(db)))
        for changes, told in (
            ({"name": " "}, "Write a name"),
            ({"name": "x" * 101}, "100 characters"),
            ({"email": "aki"}, "no e-mail address"),
            ({"email": "BEN@example.com"}, "Somebody else here has this address"),
            ({"password": "short"}, "12 characters or more"),
            ({"password": "x" * 501}, "500 characters or fewer"),
            ({"password": "aki@example.com"}, "guessed at once"),
            ({"password": "aaaaaaaaaaaaaaa"}, "guessed at once"),
        ):
            answer = self.change(guarded.client, **changes)
            assert answer.status_code == 422, changes
            assert told in answer.text
            assert 'aria-invalid="true"' in answer.text
            assert not re.search('type="password"[^>]*value=', answer.text)
        assert self.change(guarded.client, email="other@example.com").status_code == 303

    def test_some_time_after_the_sign_in_the_password_is_asked_for(
        self, guarded: Guarded, db: Database
    ) -> None:
        a_person(db, password=PASSWORD)
        client = guarded.client
        sign_in(client, "aki@example.com")
        assert 'name="current"' not in client.get("/me").text
        assert self.change(client, email="new@example.com").status_code == 303
        age(db, created_at=timedelta(minutes=16))
        assert 'name="current"' in client.get("/me").text
        assert self.change(client, name="Another", email="new@example.com").status_code == 303
        for changes in ({"password": "another password"}, {"email": "aki@example.com"}):
            refused = self.change(client, **{"email": "new@example.com"} | changes)
            assert refused.status_code == 422
            assert "not your current password" in refused.text
        right = {"password": "another password", "current": PASSWORD}
        assert self.change(client, email="new@example.com", **right).status_code == 303
        assert sign_in(client, "new@example.com", "another password").status_code == 303
        age(db, created_at=timedelta(minutes=16))
        guesses = [self.change(client, password="a third password", current=f"{n}") for n in range(11)]
        assert "That went wrong too often" in guesses[-1].text

    def test_a_new_password_ends_the_other_sign_ins_and_not_this_one(
        self, guarded: Guarded, reader: Reader, db: Database
    ) -> None:
        a_person(db, password=PASSWORD)
        here, there = guarded.client, reader(guarded.address)
        for client in (here, there):
            sign_in(client, "aki@example.com")
        assert self.change(here, password="another password").status_code == 303
        assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 401)

    def test_each_sign_in_is_listed_and_can_be_ended_by_its_owner_alone(
        self, guarded: Guarded, reader: Reader, db: Database
    ) -> None:
        a_person(db, password=PASSWORD)
        a_person(db, "ben@example.com", password=PASSWORD)
        here, there, ben = guarded.client, reader(guarded.address), reader(guarded.address)
        there.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"
        for client, email in ((here, "aki"), (there, "aki"), (ben, "ben")):
            sign_in(client, f"{email}@example.com")
        page = here.get("/me").text
        assert "this browser" in page
        assert "Firefox, Linux" in page
        (end,) = re.findall('action="(/me/sign-ins/[0-9a-f]+/end)"', page)
        assert ben.post(end, headers=OURS).status_code == 303
        assert there.get("/me").status_code == 200
        assert here.post(end, headers=OURS).status_code == 303
        assert [client.get("/me").status_code for client in (here, there, ben)] == [200, 401, 200]

    def test_signing_out_ends_it_on_the_server_here_or_everywhere(
        self, guarded: Guarded, reader: Reader, db: Database
    ) -> None:
        a_person(db, password=PASSWORD)
        clients = [reader(guarded.address) for _ in range(3)]
        for client in clients:
            sign_in(client, "aki@example.com")
        kept = dict(clients[0].cookies)
        out = clients[0].post("/me/sign-out", headers=OURS)
        assert (out.status_code, out.headers["Location"]) == (303, "/sign-in")
        assert COOKIE not in clients[0].cookies
        clients[0].cookies.update(kept)
        assert [client.get("/me").status_code for client in clients] == [401, 200, 200]
        assert clients[1].post("/me/sign-out-everywhere", headers=OURS).status_code == 303
        assert [client.get("/me").status_code for client in clients] == [401, 401, 401]
        assert sign_ins(db) == []

    def test_only_people_have_one(self, guarded: Guarded, empty_pages: httpx.Client, db: Database) -> None:
        assert guarded.client.get("/me", headers=by(a_token(db))).status_code == 404
        assert empty_pages.get("/me").status_code == 404
        assert empty_pages.post("/me/sign-out", headers=OURS).status_code == 404
