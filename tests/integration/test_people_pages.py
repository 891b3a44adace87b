"""The pages of people and tokens: who is let in, as what, and with what; and who may change that."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from threading import Barrier, Thread

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col, select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import Person, SignIn, Token
from tests.access import OURS, a_link, a_person, a_token, an_organisation, by
from tests.cli import Koe
from tests.live import serving

Reader = Callable[..., httpx.Client]
LINK = re.compile(r"http://127\.0\.0\.1:[0-9]+(/sign-in/[0-9a-f]{64})")
TOKEN = re.compile(r"koe_[0-9a-f]{12}_[0-9a-f]{64}")
NASTY = '"><img src=x onerror=alert(1)>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A Koe with an administrator, Aki, at a browser of theirs."""

    address: str
    db: Database
    reader: Reader
    aki: httpx.Client
    ids: dict[str, str] = field(default_factory=dict)

    def as_(self, role: str, lang: str = "en", *, name: str | None = None) -> httpx.Client:
        """Let somebody in, and return their browser."""
        person = a_person(self.db, f"{name or role}@example.com", role=role, name=name)
        self.ids[name or role] = person.id
        client = self.reader(self.address, lang)
        assert client.get(a_link(self.db, person)).status_code == 303
        return client

    def post(self, path: str, /, *browsers: httpx.Client, **data: str) -> httpx.Response:
        """Fill a form in and send it, as Aki or in somebody else's browser."""
        (client,) = browsers or (self.aki,)
        return client.post(path, headers=OURS, data=data)

    def person(self, person_id: str) -> Person:
        with self.db.begin() as session:
            return session.get_one(Person, person_id)


@pytest.fixture
def office(db: Database, reader: Reader) -> Iterator[Office]:
    with serving(create_app(db, Settings())) as address:
        office = Office(address=address, db=db, reader=reader, aki=reader(address))
        person = a_person(db, "aki@example.com", role="admin", name="Aki")
        office.ids["aki"] = person.id
        office.aki.get(a_link(db, person))
        yield office


def told(answer: httpx.Response) -> str:
    """Return a page that was followed or shown, as it is read."""
    return unescape(re.sub("<[^>]+>", "", answer.text))


def undo(office: Office, page: str) -> httpx.Response:
    """Press the button that takes back what was just done."""
    found = re.search(r'action="([^"]+)">((?:<input[^>]+>)?)<button data-undo>', page)
    assert found, page
    hidden = dict(re.findall(r'name="(\w+)" value="(\w+)"', found[2]))
    return office.post(found[1], **hidden)


class TestLettingIn:
    def test_the_link_is_shown_once_and_brings_them_in(self, office: Office) -> None:
        made = office.post("/people", email="Ben@Example.com", name="勉", role="writer")
        assert made.status_code == 200
        (path,) = LINK.findall(made.text)
        assert "勉" in told(made)
        assert "shown this once" in told(made)
        assert LINK.findall(office.aki.get("/people").text) == []
        ben = office.reader(office.address)
        assert ben.get(path).status_code == 303
        assert "勉" in ben.get("/themes").text
        with office.db.begin() as session:
            kept = session.exec(select(Person).where(Person.email == "ben@example.com")).one()
        assert (kept.name, kept.role) == ("勉", "writer")

    @pytest.mark.parametrize(
        ("filled", "en", "ja"),
        [
            ({"email": "nobody"}, "no e-mail address", "メールアドレスの形ではありません"),
            ({"email": "AKI@example.com"}, "has this address already", "このアドレスの人はもういます"),
            ({"email": "c@example.com", "name": "x" * 101}, "100 characters or fewer", "100文字以内"),
        ],
    )
    def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
        self, office: Office, filled: dict[str, str], en: str, ja: str
    ) -> None:
        for lang, words in (("en", en), ("ja", ja)):
            office.aki.headers["Accept-Language"] = lang
            answer = office.post("/people", role="manager", **filled)
            assert answer.status_code == 422
            assert words in told(answer)
            assert answer.text.count('aria-invalid="true"') == 1
            assert f'value="{filled["email"]}"' in answer.text
            assert '<option value="manager" selected>' in answer.text
        with office.db.begin() as session:
            assert len(session.exec(select(Person)).all()) == 1

    def test_a_new_link_voids_the_one_before_and_a_stranger_gets_none(self, office: Office) -> None:
        (first,) = LINK.findall(office.post("/people", email="ben@example.com").text)
        with office.db.begin() as session:
            ben = session.exec(select(Person).where(Person.email == "ben@example.com")).one()
        (second,) = LINK.findall(office.post(f"/people/{ben.id}/link").text)
        stranger = office.reader(office.address)
        assert [stranger.get(path).status_code for path in (first, second)] == [410, 303]
        office.post(f"/people/{ben.id}/disable")
        refused = office.post(f"/people/{ben.id}/link")
        assert refused.status_code == 409
        assert "Let them in again first" in told(refused)

    def test_words_of_people_are_words_and_nothing_else(self, office: Office) -> None:
        made = office.post("/people", email=f"{NASTY.replace(' ', '')}@example.com", name=NASTY)
        assert made.status_code == 200
        assert "<img" not in made.text + office.aki.get("/people").text
        assert "<img" not in office.aki.get("/people", params={"q": NASTY, "done": NASTY, "who": NASTY}).text


class TestChanging:
    def test_another_role_counts_from_the_next_request_on_and_is_taken_back(self, office: Office) -> None:
        ben = office.as_("viewer", name="ben")
        assert office.post("/suggestions/x/accept", ben).status_code == 403
        given = office.post(f"/people/{office.ids['ben']}/role", role="writer")
        page = office.aki.get(given.headers["Location"]).text
        assert "ben is writer now." in unescape(re.sub("<[^>]+>", "", page))
        assert office.post("/suggestions/x/accept", ben).status_code == 404
        assert undo(office, page).status_code == 303
        assert office.post("/suggestions/x/accept", ben).status_code == 403

    def test_whoever_is_disabled_is_out_at_once_and_comes_back_by_undo(self, office: Office) -> None:
        ben = office.as_("writer", name="ben")
        gone = office.post(f"/people/{office.ids['ben']}/disable")
        assert ben.get("/themes").status_code == 401
        page = office.aki.get(gone.headers["Location"]).text
        assert "not let in" in page
        back = office.aki.get(undo(office, page).headers["Location"]).text
        assert "ben is let in again" in unescape(re.sub("<[^>]+>", "", back))
        assert office.person(office.ids["ben"]).disabled_at is None
        assert ben.get("/themes").status_code == 401, "what they were signed in with stays over"

    def test_their_browsers_are_counted_and_ended(self, office: Office) -> None:
        ben = office.as_("viewer", name="ben")
        row = re.compile(rf'id="{office.ids["ben"]}".*?</tr>', re.S)
        (shown,) = row.findall(office.aki.get("/people").text)
        assert 'data-label="Browsers">1<' in shown
        assert "just now" in shown
        ended = office.post(f"/people/{office.ids['ben']}/sign-out")
        assert "signed out everywhere" in office.aki.get(ended.headers["Location"]).text
        assert ben.get("/themes").status_code == 401
        assert office.aki.get("/people").status_code == 200, "nobody else is"

    def test_what_a_browser_did_last_is_told_though_it_is_over(self, office: Office) -> None:
        office.as_("viewer", name="ben")
        with office.db.begin() as session:
            old = datetime.now(UTC) - timedelta(hours=30)
            whose = col(SignIn.person_id) == office.ids["ben"]
            session.execute(update(SignIn).where(whose).values(seen_at=old))
        (shown,) = re.findall(rf'id="{office.ids["ben"]}".*?</tr>', office.aki.get("/people").text, re.DOTALL)
        assert "30 hours ago" in shown
        assert 'data-label="Browsers">0<' in shown

    def test_the_last_administrator_locks_nobody_out(self, office: Office) -> None:
        aki = f"/people/{office.ids['aki']}"
        for lang, words in (("en", "the only administrator"), ("ja", "最後の一人")):
            office.aki.headers["Accept-Language"] = lang
            for refused in (office.post(f"{aki}/disable"), office.post(f"{aki}/role", role="viewer")):
                assert refused.status_code == 409
                assert words in told(refused)
                assert "Aki" in told(refused)
        office.as_("admin", name="ben")
        office.post(f"/people/{office.ids['ben']}/disable")
        assert office.post(f"{aki}/disable").status_code == 409, "who is not let in does not count"
        office.post(f"/people/{office.ids['ben']}/enable")
        assert office.post(f"{aki}/role", role="viewer").status_code == 303
        assert office.post(f"{aki}/role", role="admin").status_code == 403

    def test_of_two_administrators_who_go_at_once_one_stays(self, office: Office) -> None:
        ben = office.as_("admin", name="ben")
        together, answers = Barrier(2), list[int]()

        def go(client: httpx.Client, whom: str) -> None:
            together.wait()
            answers.append(office.post(f"/people/{office.ids[whom]}/role", client, role="viewer").status_code)

        threads = [Thread(target=go, args=one) for one in ((office.aki, "aki"), (ben, "ben"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [303, 409]


class TestWhoMay:
    @pytest.mark.parametrize("role", ["viewer", "writer", "manager"])
    def test_others_are_told_whom_to_ask_and_change_nothing(self, office: Office, role: str) -> None:
        other = office.as_(role)
        for path in ("/people", "/tokens"):
            page = other.get(path)
            assert page.status_code == 200
            assert "Aki" in told(page)
            assert "aki@example.com" not in page.text
            assert 'method="post"' not in page.text
        before = office.person(office.ids["aki"])
        for path in ("/people", "/tokens", *(f"/people/{before.id}/{wish}" for wish in WISHES)):
            assert office.post(path, other, email="x@example.com", name="x", role="viewer").status_code == 403
        assert office.person(before.id) == before
        with office.db.begin() as session:
            assert len(session.exec(select(Person)).all()) == 2
            assert session.exec(select(Token)).all() == []

    def test_people_of_another_organisation_are_not_there(self, office: Office) -> None:
        north = an_organisation(office.db, "north")
        theirs = a_person(office.db, "nora@example.com", role="admin", organisation_id=north, name="Nora")
        token = a_token(office.db, "read", organisation_id=north, name="north's")
        assert "Nora" not in office.aki.get("/people", params={"done": "role", "who": theirs.id}).text
        for wish in WISHES:
            assert office.post(f"/people/{theirs.id}/{wish}", role="viewer").status_code == 404
        token_id = token.split("_")[1]
        for path in (f"/tokens/{token_id}/revoke", f"/tokens/{token_id}/restore"):
            assert office.post(path).status_code == 404
        assert "north's" not in unescape(office.aki.get(f"/tokens?done=revoked&which={token_id}").text)
        assert office.aki.get("/themes", headers=by(token)).status_code == 200
        assert office.person(theirs.id).role == "admin"

    def test_another_site_changes_nothing_in_an_administrators_name(self, office: Office) -> None:
        foreign = {"Sec-Fetch-Site": "cross-site"}
        for path in ("/people", "/tokens", f"/people/{office.ids['aki']}/sign-out"):
            assert office.aki.post(path, headers=foreign, data={"name": "x"}).status_code == 403


WISHES = ("role", "link", "disable", "enable", "sign-out", "forget")


class TestTokens:
    def test_one_is_shown_once_works_and_is_signed_with_its_maker(self, office: Office) -> None:
        made = office.post("/tokens", name="help centre", scope="read", days="30")
        (token,) = TOKEN.findall(made.text)
        assert office.reader(office.address).get("/themes", headers=by(token)).status_code == 200
        page = office.aki.get("/tokens")
        assert TOKEN.findall(page.text) == []
        assert "help centre" in told(page)
        assert "Aki" in told(page)
        assert "used just now" in told(page)
        with office.db.begin() as session:
            kept = session.exec(select(Token)).one()
        assert kept.expires_at
        assert timedelta(days=29) < kept.expires_at - datetime.now(UTC) <= timedelta(days=30)

    def test_revoked_it_is_refused_from_the_next_request_on_and_undo_brings_it_back(
        self, office: Office
    ) -> None:
        (token,) = TOKEN.findall(office.post("/tokens", name="ci", scope="write").text)
        program = office.reader(office.address)
        token_id = token.split("_")[1]
        gone = office.post(f"/tokens/{token_id}/revoke")
        assert program.get("/api/v1/themes", headers=by(token)).status_code == 401
        page = office.aki.get(gone.headers["Location"]).text
        assert "is over" in page
        assert undo(office, page).status_code == 303
        assert program.get("/api/v1/themes", headers=by(token)).status_code == 200
        office.post(f"/tokens/{token_id}/revoke")
        office.post("/tokens", name="ci", scope="read")
        taken = office.post(f"/tokens/{token_id}/restore")
        assert (taken.status_code, "is called ci already" in told(taken)) == (409, True)

    def test_what_was_ended_long_ago_stays_so(self, office: Office) -> None:
        (token,) = TOKEN.findall(office.post("/tokens", name="ci", scope="write").text)
        token_id = token.split("_")[1]
        office.post(f"/tokens/{token_id}/revoke")
        with office.db.begin() as session:
            session.execute(update(Token).values(revoked_at=datetime.now(UTC) - timedelta(minutes=16)))
        late = office.post(f"/tokens/{token_id}/restore")
        assert (late.status_code, "too long" in told(late)) == (409, True)
        assert office.reader(office.address).get("/api/v1/themes", headers=by(token)).status_code == 401

    @pytest.mark.parametrize(
        ("filled", "en", "ja"),
        [
            ({"name": " "}, "Write a name.", "名前を書いてください"),
            ({"name": "x" * 101}, "100 characters or fewer", "100文字以内"),
            ({"name": "known"}, "has this name", "この名前の有効なトークンがあります"),
            ({"name": "ci", "days": "soon"}, "a whole number of days", "整数"),
            ({"name": "ci", "days": "0"}, "a whole number of days", "整数"),
            ({"name": "ci", "days": "99999999"}, "a whole number of days", "整数"),
        ],
    )
    def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
        self, office: Office, filled: dict[str, str], en: str, ja: str
    ) -> None:
        a_token(office.db, name="known")
        for lang, words in (("en", en), ("ja", ja)):
            office.aki.headers["Accept-Language"] = lang
            answer = office.post("/tokens", **{"scope": "write", "days": "7", **filled})
            assert answer.status_code == 422
            assert words in told(answer)
            assert '<option value="write" selected>' in answer.text
            assert TOKEN.findall(answer.text) == []
        with office.db.begin() as session:
            assert len(session.exec(select(Token)).all()) == 1

    def test_names_of_tokens_are_words_and_nothing_else(self, office: Office) -> None:
        made = office.post("/tokens", name=NASTY, scope="read")
        assert "<img" not in made.text + office.aki.get("/tokens").text


def test_two_thousand_people_and_tokens_come_in_pages_and_people_are_found(office: Office) -> None:
    now = datetime.now(UTC)
    with office.db.begin() as session:
        session.add_all(
            Person(
                id=f"p{n}",
                organisation_id="main",
                email=f"p{n:04}@example.com",
                name=f"Person {n}",
                created_at=now,
            )
            for n in range(2000)
        )
        session.add_all(
            Token(
                id=f"{n:012x}",
                organisation_id="main",
                name=f"t{n}",
                scope="read",
                secret_hash="x",
                created_at=now,
            )
            for n in range(2000)
        )
    for path in ("/people", "/tokens"):
        page = office.aki.get(path).text
        assert page.count('<tr class="row"') == 50
        assert "2,00" in page
        assert office.aki.get(f"{path}?page=41").text.count('<tr class="row"') == (
            1 if "people" in path else 0
        )
    assert office.aki.get("/people?q=P0777%40").text.count('<tr class="row"') == 1
    assert "None" not in office.aki.get("/people?q=nobody").text


def test_commands_refuse_in_the_same_words(koe: Koe) -> None:
    koe("user", "add", "aki@example.com", "--role", "admin")
    for command in ("disable aki@example.com", "role aki@example.com viewer"):
        said = koe("user", *command.split())
        assert (said.status, "the only administrator who is let in" in said.err) == (1, True)
    koe("user", "add", "ben@example.com")
    assert koe("user", "role", "ben@example.com", "admin", "--json").json["role"] == "admin"
    assert koe("user", "disable", "aki@example.com").status == 0
