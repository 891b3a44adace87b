"""What is there already is proposed before anything is made, and linked when a person says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN
from service.parts import connecting, sealed_secret
from service.pipeline import deliver
from service.repositories import targets
from tests.access import OURS, a_token, by
from tests.contract.targets import DoubledDesk, opened
from tests.live import serving
from tests.outbox import accept_suggestions

KEY = "a key of thirty-two bytes at least"
PAGE = "/suggestions/fix-0000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking:
    """The pages, and a Redmine to which suggestions go."""

    client: httpx.Client
    db: Database
    settings: Settings
    desk: DoubledDesk

    def look(self) -> str:
        answer = self.client.post(f"{PAGE}/existing")
        assert answer.status_code == 200
        return unescape(answer.text)

    def deliver(self) -> None:
        report = deliver.run(self.db, MAIN, connecting(self.settings, self.db))
        assert report.failed == 0, report.notes


@pytest.fixture
def linking(db: Database, url: str) -> Iterator[Linking]:
    settings = Settings(secret_key=SecretStr(KEY), database_url=url, private_hosts="127.0.0.1")
    accept_suggestions(db, 1)
    headers = {**OURS, "Accept-Language": "en", **by(a_token(db, "write", name="pm"))}
    with (
        opened("redmine") as desk,
        serving(create_app(db, settings)) as address,
        httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client,
    ):
        told = {"address": desk.board.address, "project": "koe-backlog", "fields": "Severity=High"}
        sealed = sealed_secret(targets.target_id(MAIN, "redmine"), desk.secret, settings)
        with db.begin() as session:
            session.execute(text("UPDATE suggestion SET status = 'open'"))
            targets.add_target(session, MAIN, "redmine", "redmine", told, sealed_secret=sealed)
        yield Linking(client=client, db=db, settings=settings, desk=desk)


def test_what_may_say_it_already_is_shown_with_its_likeness(linking: Linking) -> None:
    linking.desk.write("Draft fix-0000 fails", "Theme fix-0000 is what they say.")
    linking.desk.write("Lunch menu", "Curry on Friday.")
    page = linking.look()
    assert "Draft fix-0000 fails" in page
    assert "Lunch menu" not in page
    assert 'name="reference" value="1"' in page


def test_where_nothing_says_it_that_is_told(linking: Linking) -> None:
    assert "Nothing there says the same. Accept it, and a new one is made." in linking.look()


def test_a_target_that_cannot_be_asked_is_told_with_the_reason(linking: Linking) -> None:
    linking.desk.board.routes.clear()
    page = linking.look()
    assert "redmine could not be asked:" in page
    assert "is the project's identifier right" in page
    assert "Look again later, or accept it" in page
    assert "Nothing there says the same" not in page


def test_once_linked_it_is_noted_there_and_nothing_is_made(linking: Linking) -> None:
    reference = linking.desk.write("Draft fix-0000 fails", "What somebody wrote.")
    answer = linking.client.post(f"{PAGE}/accept", data={"target": "redmine", "reference": reference})
    assert answer.status_code == 303
    linking.deliver()
    assert linking.desk.there() == [reference]
    assert ["It fails." in note for note in linking.desk.notes(reference)] == [True]
    assert linking.desk.text(reference) == "What somebody wrote."
    page = unescape(linking.client.get(PAGE).text)
    assert f"{linking.desk.board.address}/issues/{reference}" in page
    [told] = linking.client.get("/api/v1/deliveries").json()["data"]
    delivery = unescape(linking.client.get(f"/deliveries/{told['delivery_id']}").text)
    assert "It was there already, and got a note with the evidence." in delivery
    assert "redmine: arrived." in delivery


def test_programs_link_too(linking: Linking) -> None:
    reference = linking.desk.write("Draft fix-0000 fails", "What somebody wrote.")
    place = "/api/v1/suggestions/fix-0000/accept"
    wrong = linking.client.post(place, json={"links": {"nowhere": "1"}})
    assert wrong.status_code in (400, 422)
    assert "nowhere" in wrong.text
    assert linking.client.post(place, json={"links": {"redmine": reference}}).status_code == 200
    linking.deliver()
    assert linking.desk.there() == [reference]
    [told] = linking.client.get("/api/v1/deliveries").json()["data"]
    assert (told["state"], told["link_to"], told["reference"]) == ("delivered", reference, reference)
