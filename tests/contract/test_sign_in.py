"""The sign-in by a provider, against its double: what every provider shows, and what a bad one tries."""

import html
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import select

from connectors.http import Http
from service.access import departures
from service.access.provider import Provider, Trip
from service.access.turned_away import TurnedAway
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.errors import WrongUse
from service.models import Departure, Source
from service.repositories import organisations, persons
from service.rules.admission import Admission
from tests.access import OURS, a_link, a_person, an_organisation
from tests.contract.sign_in_exam import ALICE, BEN, ROLES, SignInExam, identities_of, persons_of
from tests.live import serving
from tests.signing_in import (
    BACK,
    Double,
    House,
    a_key,
    house,
    provider,
    signed_with_what_all_know,
    unsigned,
)
from tests.waiting import one_waits, until

ALREADY_HERE: dict[str, str] = {}
DOMAIN = {"oidc_domains": "koe.test, other.test"}
Change = Callable[[Double], None]


@pytest.fixture
def counterpart() -> Iterator[Double]:
    with provider() as double:
        yield double


@pytest.fixture
def open_house(db: Database, counterpart: Double) -> Iterator[House]:
    """A Koe that lets everybody of two domains in."""
    with house(db, counterpart, **DOMAIN) as served:
        yield served


def told(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


def hidden(page: httpx.Response, form: str = "/sign-in/provider") -> dict[str, str]:
    """Return what a form of a page hides."""
    (inside,) = re.findall(rf'action="{form}".*?</form>', page.text, re.DOTALL)
    found = re.findall('type="hidden" name="([a-z]+)" value="([^"]*)"', inside)
    return {name: html.unescape(value) for name, value in found}


class TestDouble(SignInExam):
    pass


class TestWhatIsNotProved:
    """Nobody comes in, whatever else is right."""

    def wrong(self, change: str, double: Double) -> None:
        now = int(time.time())
        mine = {
            "iss": double.issuer,
            "sub": ALICE.subject,
            "aud": double.client_id,
            "iat": now,
            "exp": now + 60,
        }
        public = double.keys[-1].as_pem(private=False)
        changes: dict[str, Change] = {
            "another nonce": lambda d: d.says.update(nonce="another"),
            "no nonce": lambda d: d.says.update(nonce=None),
            "another issuer": lambda d: d.says.update(iss="https://evil.example.com"),
            "another audience": lambda d: d.says.update(aud="another-client"),
            "one of many, of another's asking": lambda d: d.says.update(aud=["koe-web", "x"], azp="x"),
            "many, and nobody's asking": lambda d: d.says.update(aud=["koe-web", "x"]),
            "no subject": lambda d: d.says.update(sub=None),
            "a number as subject": lambda d: d.says.update(sub=12),
            "a subject of 256 letters": lambda d: d.says.update(sub="x" * 256),
            "no end": lambda d: d.says.update(exp=None),
            "an end that is no number": lambda d: d.says.update(exp="tomorrow"),
            "nobody's signature": lambda d: setattr(d, "raw", unsigned(mine)),
            "a public key as secret": lambda d: setattr(
                d, "raw", signed_with_what_all_know(mine, public, "first")
            ),
            "a key that it does not tell of": lambda d: setattr(d, "published", [a_key("other")]),
            "another key of the same name": lambda d: setattr(d, "published", [a_key("first")]),
            "another token's digest": lambda d: d.says.update(at_hash="bm90IGl0cyBkaWdlc3Q"),
            "no token at all": lambda d: setattr(d, "raw", "not.a.token"),
        }
        changes[change](double)

    @pytest.mark.parametrize(
        "change",
        [
            "another nonce",
            "no nonce",
            "another issuer",
            "another audience",
            "one of many, of another's asking",
            "many, and nobody's asking",
            "no subject",
            "a number as subject",
            "a subject of 256 letters",
            "no end",
            "an end that is no number",
            "nobody's signature",
            "a public key as secret",
            "a key that it does not tell of",
            "another key of the same name",
            "another token's digest",
            "no token at all",
        ],
    )
    def test_is_told_and_signs_nobody_in(self, open_house: House, counterpart: Double, change: str) -> None:
        self.wrong(change, counterpart)
        with open_house.browser() as browser:
            refused = open_house.come_in(browser, ALICE)
            assert refused.status_code == 422
            assert "is not proved" in told(refused)
            assert browser.get("/themes").status_code == 401
        assert persons_of(open_house.db) == []

    @pytest.mark.parametrize("seconds", [-3600, 3600])
    def test_a_clock_that_is_wrong_is_told_as_such(
        self, open_house: House, counterpart: Double, seconds: float
    ) -> None:
        counterpart.clock = seconds
        for lang, words in (("en", "one of the two clocks is wrong"), ("ja", "時計がずれています")):
            with open_house.browser(lang) as browser:
                assert words in told(open_house.come_in(browser, ALICE))

    def test_clocks_may_differ_by_a_little(self, open_house: House, counterpart: Double) -> None:
        counterpart.clock = 45
        with open_house.browser() as browser:
            assert open_house.come_in(browser, ALICE).status_code == 303

    def test_another_provider_that_answers_is_no_answer(self, open_house: House, counterpart: Double) -> None:
        with open_house.browser() as browser:
            back = httpx.URL(counterpart.sign_in(open_house.set_out(browser), ALICE))
            mixed = back.copy_merge_params({"iss": "https://evil.example.com"})
            assert open_house.come_back(browser, str(mixed)).status_code == 422

    def test_what_it_tells_of_somebody_else_is_not_taken_for_them(
        self, open_house: House, counterpart: Double
    ) -> None:
        counterpart.thin, counterpart.of_person = True, {"sub": BEN.subject}
        with open_house.browser() as browser:
            assert open_house.come_in(browser, ALICE).status_code == 422
        assert persons_of(open_house.db) == []


class TestWays:
    def test_keys_that_change_are_asked_for_again(self, open_house: House, counterpart: Double) -> None:
        with open_house.browser() as browser:
            assert open_house.come_in(browser, ALICE).status_code == 303
            counterpart.keys.append(a_key("second"))
            assert open_house.come_in(browser, ALICE).status_code == 303
            assert open_house.come_in(browser, ALICE).status_code == 303
        asked = [request.path for request in counterpart.board.asked]
        assert asked.count("/keys") == 2
        assert asked.count("/.well-known/openid-configuration") == 1

    def test_what_a_thin_token_leaves_out_is_asked_for(self, db: Database, counterpart: Double) -> None:
        counterpart.thin = True
        with house(db, counterpart, **ROLES) as served, served.browser() as browser:
            assert served.come_in(browser, ALICE).status_code == 303
        (person,) = persons_of(db)
        assert (person.email, person.name, person.role) == ("alice@koe.test", "Alice Sato", "writer")

    def test_a_way_ends_after_a_while_and_a_browser_of_its_own_alone_goes_it(
        self, open_house: House, counterpart: Double
    ) -> None:
        with open_house.browser() as browser, open_house.browser("ja") as other:
            back = counterpart.sign_in(open_house.set_out(browser), ALICE)
            stolen = open_house.come_back(other, back)
            assert (stolen.status_code, "別のブラウザー" in told(stolen)) == (422, True)
            assert other.get("/themes").status_code == 401
            assert open_house.come_back(browser, back).status_code == 303, "it was not used up by that"
            back = counterpart.sign_in(open_house.set_out(browser), ALICE)
            with open_house.db.begin() as session:
                session.execute(update(Departure).values(ends_at=datetime.now(UTC) - timedelta(seconds=1)))
            assert open_house.come_back(browser, back).status_code == 422
            assert open_house.come_back(browser, f"{BACK}?state=&code=").status_code == 422
            assert open_house.come_back(browser, f"{BACK}?code=x").status_code == 422

    def test_two_tabs_do_not_disturb_each_other(self, open_house: House, counterpart: Double) -> None:
        with open_house.browser() as browser:
            ways = [open_house.set_out(browser, next=f"/items?page={n}") for n in (1, 2)]
            backs = [counterpart.sign_in(way, ALICE) for way in ways]
            leads = [open_house.come_back(browser, back).headers["Location"] for back in backs]
        assert leads == ["/items?page=1", "/items?page=2"]

    def test_it_leads_on_to_no_other_site(self, open_house: House) -> None:
        with open_house.browser() as browser:
            for away in (
                "//evil.example",
                "https://evil.example",
                "/\\evil.example",
                "/sign-in",
                "javascript:1",
            ):
                assert open_house.come_in(browser, ALICE, next=away).headers["Location"] == "/"

    def test_another_site_sends_nobody_out(self, open_house: House) -> None:
        with open_house.browser() as browser:
            foreign = browser.post("/sign-in/provider", headers={"Sec-Fetch-Site": "cross-site"})
            assert foreign.status_code == 403
            assert browser.get("/sign-in/provider").headers["Location"] == "/sign-in"

    def test_a_sign_in_is_a_new_one_and_ends_the_one_before(self, open_house: House) -> None:
        with open_house.browser() as browser:
            first = open_house.come_in(browser, ALICE).cookies["koe_session"]
            kept = dict(browser.cookies)
            second = open_house.come_in(browser, ALICE).cookies["koe_session"]
            assert first != second
            assert [name for name in browser.cookies if name.startswith("koe_way")] == []
            browser.cookies.update(kept)
            browser.cookies.set("koe_session", first)
            assert browser.get("/themes", headers={"Cookie": f"koe_session={first}"}).status_code == 401

    def test_what_was_typed_before_is_there_after_it(self, open_house: House) -> None:
        a_person(open_house.db, ALICE.email, role="writer")
        typed = {"reason": 'もう直しました <b>"&'}
        with open_house.browser() as browser:
            late = browser.post("/suggestions/x/dismiss", headers=OURS, data=typed)
            assert late.status_code == 401
            resumed = open_house.come_in(browser, ALICE, **hidden(late))
            assert resumed.status_code == 200
            assert hidden(resumed, "/suggestions/x/dismiss") == typed
            assert browser.get("/themes").status_code == 200
        with open_house.db.begin() as session:
            assert session.exec(select(Departure)).all() == [], "nothing of it stays"

    def test_what_was_typed_stays_where_it_goes_wrong(self, open_house: House, counterpart: Double) -> None:
        counterpart.says["nonce"] = "another"
        with open_house.browser() as browser:
            late = browser.post("/suggestions/x/dismiss", headers=OURS, data={"reason": "typed"})
            wrong = open_house.come_in(browser, ALICE, **hidden(late))
            assert hidden(wrong) == hidden(late) == hidden(wrong, "/sign-in")

    def test_of_too_many_ways_the_oldest_are_forgotten(
        self, open_house: House, counterpart: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(departures, "MOST", 2)
        with open_house.browser() as browser:
            backs = [counterpart.sign_in(open_house.set_out(browser), ALICE) for _ in range(3)]
            assert [open_house.come_back(browser, back).status_code for back in backs] == [422, 303, 303]


class TestWhoComesIn:
    def test_without_a_domain_or_a_group_only_those_who_are_here_already(
        self, db: Database, counterpart: Double
    ) -> None:
        a_person(db, BEN.email, role="manager")
        with house(db, counterpart, **ALREADY_HERE) as served, served.browser() as browser:
            refused = served.come_in(browser, ALICE)
            assert (refused.status_code, "not let in here" in told(refused)) == (403, True)
            assert served.come_in(browser, BEN).status_code == 303
        assert [(one.email, one.role) for one in persons_of(db)] == [(BEN.email, "manager")]

    def test_of_a_domain_everybody_comes_in_as_viewer_and_of_another_nobody(
        self, open_house: House, counterpart: Double
    ) -> None:
        with open_house.browser() as browser:
            assert open_house.come_in(browser, ALICE).status_code == 303
            for email in (
                "alice@evil.test",
                "alice@koe.test.evil",
                "alice@evil.koe.test",
                "alice@evil@koe.test",
            ):
                counterpart.says["email"], counterpart.says["sub"] = email, email
                assert open_house.come_in(browser, ALICE).status_code == 403, email
        assert [(one.email, one.role) for one in persons_of(open_house.db)] == [(ALICE.email, "viewer")]

    @pytest.mark.parametrize(
        ("says", "en", "ja"),
        [
            ({"email": None}, "tells no e-mail address", "メールアドレスが届きません"),
            ({"email": "x"}, "tells no e-mail address", "メールアドレスが届きません"),
            ({"email_verified": None}, "does not say that", "確認済みだと言っていません"),
            ({"email_verified": False}, "does not say that", "確認済みだと言っていません"),
        ],
    )
    def test_an_address_that_nobody_vouches_for_opens_nothing(
        self, open_house: House, counterpart: Double, says: dict[str, Any], en: str, ja: str
    ) -> None:
        a_person(open_house.db, ALICE.email, role="admin")
        counterpart.says |= says
        counterpart.of_person |= says
        for lang, words in (("en", en), ("ja", ja)):
            with open_house.browser(lang) as browser:
                refused = open_house.come_in(browser, ALICE)
                assert (refused.status_code, words in told(refused)) == (403, True)
                assert browser.get("/themes").status_code == 401
        assert identities_of(open_house.db) == []

    def test_what_is_said_of_one_address_does_not_verify_another(
        self, db: Database, counterpart: Double
    ) -> None:
        a_person(db, ALICE.email, role="admin")
        counterpart.says = {"email": ALICE.email, "email_verified": None, "groups": None}
        counterpart.of_person = {"email": "mallory@koe.test", "email_verified": True}
        with house(db, counterpart, **ROLES) as served, served.browser() as browser:
            assert served.come_in(browser, ALICE).status_code == 403
            counterpart.of_person = {"email": ALICE.email, "email_verified": True}
            assert served.come_in(browser, ALICE).status_code == 303

    def test_a_letter_that_looks_like_another_opens_nothing(
        self, open_house: House, counterpart: Double
    ) -> None:
        a_person(open_house.db, "kaede@koe.test", role="admin")
        counterpart.says["email"] = "\N{KELVIN SIGN}aede@koe.test"
        with open_house.browser() as browser:
            assert open_house.come_in(browser, ALICE).status_code == 403
        assert identities_of(open_house.db) == []

    def test_a_role_that_an_administrator_gives_meanwhile_holds_nobody_up(
        self, open_house: House, counterpart: Double
    ) -> None:
        with open_house.browser() as browser:
            open_house.come_in(browser, ALICE)
            (alice,) = persons_of(open_house.db)
            back = counterpart.sign_in(open_house.set_out(browser), ALICE)
            answers = list[int]()
            coming = Thread(target=lambda: answers.append(open_house.come_back(browser, back).status_code))
            with open_house.db.begin() as session:
                person = persons.get(session, alice.organisation_id, alice.id)
                coming.start()
                until(lambda: one_waits(open_house.db))
                organisations.lock(session, alice.organisation_id)
                person.role = "writer"
            coming.join()
        assert answers == [303]
        assert [one.role for one in persons_of(open_house.db)] == ["writer"]

    def test_whoever_comes_in_does_not_wait_for_a_long_import(self, open_house: House) -> None:
        with open_house.db.begin() as importing, open_house.browser() as browser:
            importing.add(
                Source(id="s", organisation_id="main", name="s", kind="file", created_at=datetime.now(UTC))
            )
            importing.flush()
            assert open_house.come_in(browser, ALICE).status_code == 303

    def test_a_provider_that_never_says_so_can_be_trusted_by_a_setting(
        self, db: Database, counterpart: Double
    ) -> None:
        counterpart.says["email_verified"] = None
        with house(db, counterpart, **DOMAIN, oidc_trust_email=True) as served, served.browser() as browser:
            assert served.come_in(browser, ALICE).status_code == 303

    def test_an_address_that_changes_hands_does_not_hand_over_the_person(
        self, open_house: House, counterpart: Double
    ) -> None:
        with open_house.browser() as browser:
            open_house.come_in(browser, ALICE)
            counterpart.says["sub"] = "a later owner of the address"
            refused = open_house.come_in(browser, ALICE)
            assert (refused.status_code, "by another account" in told(refused)) == (403, True)
        assert len(identities_of(open_house.db)) == 1

    def test_an_administrator_lets_another_account_of_the_address_in(
        self, open_house: House, counterpart: Double
    ) -> None:
        boss = a_person(open_house.db, "boss@koe.test", role="admin")
        with open_house.browser() as browser, open_house.browser() as desk:
            open_house.come_in(browser, ALICE)
            desk.get(a_link(open_house.db, boss))
            assert "by your organisation" in told(desk.get("/people"))
            (alice,) = [one for one in persons_of(open_house.db) if one.email == ALICE.email]
            desk.post(f"/people/{alice.id}/forget", headers=OURS)
            assert browser.get("/themes").status_code == 401
            counterpart.says["sub"] = "their new account"
            assert open_house.come_in(browser, ALICE).status_code == 303
        assert [one.person_id for one in identities_of(open_house.db)] == [alice.id]

    def test_another_role_of_the_groups_is_the_persons_from_the_next_sign_in_on(
        self, db: Database, counterpart: Double
    ) -> None:
        roles = {"oidc_roles": "staff=viewer, product-managers=writer, bosses=admin"}
        with house(db, counterpart, **roles) as served, served.browser() as browser:
            for groups, role in (
                (["product-managers"], "writer"),
                (["staff", "bosses"], "admin"),
                ("staff", "admin"),  # the only administrator stays one
            ):
                counterpart.says["groups"] = groups
                assert served.come_in(browser, ALICE).status_code == 303
                assert [one.role for one in persons_of(db)] == [role]
            a_person(db, "another@koe.test", role="admin")
            assert served.come_in(browser, ALICE).status_code == 303
            assert persons_of(db)[0].role == "viewer"
            counterpart.says["groups"] = []
            assert served.come_in(browser, ALICE).status_code == 403

    def test_people_of_another_organisation_are_not_touched(self, db: Database, counterpart: Double) -> None:
        north = an_organisation(db, "north")
        theirs = a_person(db, ALICE.email, role="admin", organisation_id=north)
        with house(db, counterpart, **DOMAIN) as served, served.browser() as browser:
            assert served.come_in(browser, ALICE).status_code == 303
        assert {one.organisation_id: one.role for one in persons_of(db)} == {north: "admin", "main": "viewer"}
        assert [one.person_id == theirs.id for one in identities_of(db)] == [False]

    def test_names_from_elsewhere_are_words_and_nothing_else(
        self, open_house: House, counterpart: Double
    ) -> None:
        counterpart.says["name"] = '<img src=x onerror="alert(1)">\u202e' + "x" * 200
        with open_house.browser() as browser:
            assert open_house.come_in(browser, ALICE).status_code == 303
            assert "<img" not in browser.get("/me").text
        (person,) = persons_of(open_house.db)
        assert (len(person.name), person.name.isprintable()) == (100, True)


class TestTroubles:
    def test_a_provider_that_is_away_is_told_and_a_password_works_meanwhile(
        self, db: Database, counterpart: Double
    ) -> None:
        with house(db, counterpart) as served, served.browser("ja") as browser:
            with provider() as gone:
                address = gone.issuer
            with house(db, Double(issuer=address)) as alone, alone.browser() as elsewhere:
                away = elsewhere.post("/sign-in/provider", headers=OURS, data={"next": "/items"})
                assert (away.status_code, "does not answer now" in told(away)) == (503, True)
                assert hidden(away)["next"] == "/items"
                assert 'name="password"' in away.text
            assert "組織のアカウントでサインイン" in browser.get("/sign-in").text

    @pytest.mark.parametrize(
        ("query", "status", "words"),
        [
            ("error=access_denied", 422, "did not let you go on"),
            ("error=invalid_scope&error_description=%3Cimg%20src%3Dx%3E", 503, "do not fit together"),
            ("code=never-given", 422, "was used already"),
        ],
    )
    def test_what_it_answers_instead_of_a_code_is_told(
        self, open_house: House, query: str, status: int, words: str
    ) -> None:
        with open_house.browser() as browser:
            state = httpx.URL(open_house.set_out(browser)).params["state"]
            refused = open_house.come_back(browser, f"{BACK}?state={state}&{query}")
            assert (refused.status_code, words in told(refused)) == (status, True)
            assert "<img" not in refused.text

    def test_a_secret_that_it_does_not_know_is_koes_matter(self, db: Database, counterpart: Double) -> None:
        wrong = Double(issuer=counterpart.issuer, client_secret="another")
        with house(db, wrong) as served, served.browser() as browser:
            back = counterpart.sign_in(served.set_out(browser), ALICE)
            refused = served.come_back(browser, back)
            assert (refused.status_code, "do not fit together" in told(refused)) == (503, True)
            assert "another" not in refused.text

    def test_a_provider_that_calls_itself_something_else_is_not_the_one(
        self, db: Database, counterpart: Double
    ) -> None:
        issuer, counterpart.issuer = counterpart.issuer, "https://evil.example.com"
        with house(db, Double(issuer=issuer)) as served, served.browser() as browser:
            refused = browser.post("/sign-in/provider", headers=OURS)
            assert (refused.status_code, "do not fit together" in told(refused)) == (503, True)

    def test_a_provider_leads_to_a_page_and_to_nothing_that_runs(
        self, open_house: House, counterpart: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        itself = {**counterpart.itself(), "authorization_endpoint": "javascript:alert(1)//"}
        monkeypatch.setattr(counterpart, "itself", lambda: itself)
        with open_house.browser() as browser:
            refused = browser.post("/sign-in/provider", headers=OURS)
            assert (refused.status_code, "javascript" in refused.text) == (503, False)

    def test_private_addresses_are_reached_where_they_were_opened_alone(
        self, db: Database, counterpart: Double
    ) -> None:
        with house(db, counterpart, private_hosts="") as served, served.browser() as browser:
            refused = browser.post("/sign-in/provider", headers=OURS)
            assert refused.status_code == 503
        assert counterpart.board.asked == []

    def test_a_provider_that_does_not_answer_is_left_alone_for_a_moment(self, counterpart: Double) -> None:
        now = [1000.0]
        counterpart.board.talks_nonsense = True
        asked = Provider(
            Http(private_hosts=["127.0.0.1"]),
            issuer=counterpart.issuer,
            client_id="koe",
            client_secret=None,
            admission=Admission(),
            clock=lambda: now[0],
        )
        for moment, times in ((1000.0, 1), (1001.0, 1), (1006.0, 2)):
            now[0] = moment
            with pytest.raises(TurnedAway):
                asked.way_out(Trip(back_to=BACK, nonce="n", verifier="v" * 43), state="s")
            assert len(counterpart.board.asked) == times

    def test_without_one_there_is_no_button_and_no_way(self, db: Database) -> None:
        with serving(create_app(db, Settings())) as address:
            assert "/sign-in/provider" not in httpx.get(f"{address}/sign-in", trust_env=False).text
            for method, path in (("POST", "/sign-in/provider"), ("GET", "/sign-in/provider/back?state=x")):
                assert httpx.request(method, address + path, headers=OURS, trust_env=False).status_code == 404

    @pytest.mark.parametrize(
        ("told", "reason"),
        [
            ({}, "KOE_OIDC_CLIENT_ID"),
            ({"oidc_client_id": "koe", "oidc_roles": "support=boss"}, "“support=boss” gives no role"),
            ({"oidc_client_id": "koe", "oidc_roles": "writer"}, "gives no role"),
            ({"oidc_client_id": "koe", "oidc_domains": "a@b.example"}, "no domain"),
            ({"oidc_client_id": "koe", "oidc_issuer": "accounts.example.com"}, "KOE_OIDC_ISSUER must be"),
        ],
    )
    def test_settings_that_do_not_fit_are_told_at_the_start(
        self, db: Database, told: dict[str, str], reason: str
    ) -> None:
        with pytest.raises(WrongUse, match=reason):
            create_app(db, Settings(**{"oidc_issuer": "https://id.example.com", **told}))  # type: ignore[arg-type]


def test_a_key_of_the_standard_in_many_kinds_is_read_and_others_are_left_out(
    open_house: House, counterpart: Double
) -> None:
    """Providers tell of keys for other things, too; one of them being odd spoils nothing."""
    honest = counterpart.told_keys
    odd: list[dict[str, Any]] = [{"kty": "oct", "k": "c2VjcmV0", "kid": "first"}, {"kty": "new"}, {}]
    counterpart.told_keys = lambda: {"keys": [*odd, "x", *honest()["keys"]]}  # type: ignore[method-assign]
    with open_house.browser() as browser:
        assert open_house.come_in(browser, ALICE).status_code == 303
