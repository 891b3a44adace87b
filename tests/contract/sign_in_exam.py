"""What every provider of a sign-in has to show: the double of the tests, and the one that others emulate."""

from collections.abc import Iterator
from typing import ClassVar

import httpx
import pytest
from sqlmodel import col, select

from service.access import people
from service.db import Database
from service.models import Identity, Person
from tests.access import a_person, sign_in
from tests.signing_in import Account, Counterpart, House, house

ALICE = Account(
    subject="00u_alice", email="alice@koe.test", name="Alice Sato", groups=("product-managers", "Everyone")
)
BEN = Account(subject="00u_ben", email="ben@koe.test", name="Ben Ito", groups=("Everyone",))
ROLES = {"oidc_roles": "product-managers=writer"}
PASSWORD = "what they came in with before"


def persons_of(db: Database) -> list[Person]:
    with db.begin() as session:
        return list(session.exec(select(Person).order_by(col(Person.created_at))))


def identities_of(db: Database) -> list[Identity]:
    with db.begin() as session:
        return list(session.exec(select(Identity)))


class SignInExam:
    """Takes a fixture `counterpart` that knows Alice, of the group product-managers, and Ben, of none."""

    settings: ClassVar[dict[str, str]] = ROLES

    @pytest.fixture
    def house(self, db: Database, counterpart: Counterpart) -> Iterator[House]:
        with house(db, counterpart, **self.settings) as served:
            yield served

    def test_whoever_is_of_a_group_comes_in_with_its_role_to_the_page_that_was_asked_for(
        self, house: House
    ) -> None:
        with house.browser() as browser:
            back = house.come_in(browser, ALICE, next="/items?q=%E5%A3%B0")
            assert (back.status_code, back.headers["Location"]) == (303, "/items?q=%E5%A3%B0")
            assert "Alice Sato" in browser.get("/themes").text
        (person,) = persons_of(house.db)
        assert (person.email, person.role, person.password_hash) == ("alice@koe.test", "writer", None)

    def test_the_second_time_they_are_the_same_person_whatever_they_are_called_here(
        self, house: House
    ) -> None:
        with house.browser() as browser:
            house.come_in(browser, ALICE)
        with house.db.begin() as session:
            person = session.exec(select(Person)).one()
            person.email, person.name = "another@koe.test", "Another name"
        with house.browser() as browser:
            assert house.come_in(browser, ALICE).status_code == 303
        assert [person.name for person in persons_of(house.db)] == ["Another name"]
        (identity,) = identities_of(house.db)
        assert (identity.issuer, identity.subject) == (house.counterpart.issuer, ALICE.subject)

    def test_whoever_is_of_no_group_stays_out(self, house: House) -> None:
        with house.browser() as browser:
            refused = house.come_in(browser, BEN)
            assert (refused.status_code, "not let in here" in refused.text) == (403, True)
            assert browser.get("/themes").status_code == 401
        assert persons_of(house.db) == []

    def test_whoever_is_disabled_stays_out(self, house: House) -> None:
        a_person(house.db, "admin@koe.test", role="admin")
        with house.browser() as browser:
            house.come_in(browser, ALICE)
            with house.db.begin() as session:
                alice = people.find(session, "main", "alice@koe.test")
                people.disable(session, alice, now=alice.created_at)
            assert browser.get("/themes").status_code == 401
            refused = house.come_in(browser, ALICE)
            assert (refused.status_code, "not let in here any longer" in refused.text) == (403, True)

    def test_a_person_of_their_address_is_theirs_and_nobody_elses_any_more(self, house: House) -> None:
        a_person(house.db, "alice@koe.test", role="viewer", password=PASSWORD, name="Somebody")
        with house.browser() as squatter, house.browser() as browser:
            assert sign_in(squatter, "alice@koe.test", PASSWORD).status_code == 303
            assert house.come_in(browser, ALICE).status_code == 303
            assert browser.get("/themes").status_code == 200
            assert squatter.get("/themes").status_code == 401
            assert sign_in(squatter, "alice@koe.test", PASSWORD).status_code == 422
        (person,) = persons_of(house.db)
        assert person.role == "writer"

    def test_a_code_works_once(self, house: House) -> None:
        with house.browser() as browser:
            back = house.counterpart.sign_in(house.set_out(browser), ALICE)
            kept = httpx.Cookies(browser.cookies)
            assert house.come_back(browser, back).status_code == 303
            browser.cookies = kept
            again = house.come_back(browser, back)
        assert (again.status_code, "was used already" in again.text) == (422, True)

    def test_a_code_of_another_way_opens_nothing(self, house: House) -> None:
        """Somebody who is led to the end of another's way (with that code) does not come in as them."""
        with house.browser() as attacker, house.browser() as browser:
            theirs = house.counterpart.sign_in(house.set_out(attacker), ALICE)
            mine = house.counterpart.sign_in(house.set_out(browser), ALICE)
            assert house.come_back(browser, theirs).status_code == 422
            query = dict(httpx.URL(mine).params) | {"code": httpx.URL(theirs).params["code"]}
            swapped = house.come_back(browser, str(httpx.URL(mine).copy_with(params=query)))
            assert swapped.status_code == 422
            assert browser.get("/themes").status_code == 401
