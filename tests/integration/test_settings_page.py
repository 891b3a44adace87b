"""The page of settings: what an organisation sets, who may, and what is shown of what others set."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Organisation
from service.web.settings import OPEN, given
from tests.access import OURS, a_link, a_person, an_organisation
from tests.cli import Koe
from tests.live import serving

Reader = Callable[..., httpx.Client]
SECRET = "a-secret-that-no-page-shows"
SETTINGS = Settings(
    secret_key=SecretStr(SECRET),
    llm_url=f"https://u:{SECRET}@llm.example.com/v1",
    llm_key=SecretStr(SECRET),
    false_alarms=2.5,
)
NASTY = '"><img src=x onerror=alert(1)>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    address: str
    db: Database
    reader: Reader

    def as_(self, role: str, *, organisation_id: str = MAIN, lang: str = "en") -> httpx.Client:
        email = f"{role}@{organisation_id}.example.com"
        person = a_person(self.db, email, role=role, organisation_id=organisation_id)
        client = self.reader(self.address, lang)
        client.get(a_link(self.db, person))
        return client

    def organisation(self, organisation_id: str = MAIN) -> Organisation:
        with self.db.begin() as session:
            return session.get_one(Organisation, organisation_id)


@pytest.fixture
def office(db: Database, reader: Reader) -> Iterator[Office]:
    with serving(create_app(db, SETTINGS)) as address:
        yield Office(address=address, db=db, reader=reader)


def told(answer: httpx.Response) -> str:
    return unescape(re.sub("<[^>]+>", "", answer.text))


def change(client: httpx.Client, **more: str) -> httpx.Response:
    usual = {"name": "Koe shop", "timezone": "Europe/Berlin", "consent": "yes"}
    return client.post("/settings", headers=OURS, data=usual | more)


def test_administrators_set_name_zone_and_rule_and_all_pages_follow(office: Office) -> None:
    client = office.as_("admin")
    saved = change(client, name="声の店")
    assert (saved.status_code, saved.headers["Location"]) == (303, "/settings?saved=1")
    page = client.get("/settings?saved=1")
    assert "声の店" in told(page)
    assert "Saved." in told(page)
    one = office.organisation()
    assert (one.name, one.timezone, one.asks_consent) == ("声の店", "Europe/Berlin", True)
    change(client, consent="conversation")
    assert office.organisation().asks_consent is False


def test_every_zone_that_is_offered_can_be_chosen(office: Office) -> None:
    offered = re.findall('<option value="([A-Za-z][^"]*)"', office.as_("admin").get("/settings").text)
    zones = [zone for zone in offered if zone not in ("yes", "conversation")]
    assert len(zones) > 400
    with office.db.begin() as session:
        known = set(session.execute(text("SELECT name FROM pg_timezone_names")).scalars())
    assert set(zones) <= known


@pytest.mark.parametrize(
    ("filled", "en", "ja"),
    [
        ({"name": " "}, "Write a name", "名前を書いてください"),
        ({"name": "x" * 101}, "100 characters or fewer", "100文字以内"),
        ({"timezone": "Mars/Olympus"}, "no time zone", "タイムゾーンの名前ではありません"),
        ({"timezone": ""}, "no time zone", "タイムゾーンの名前ではありません"),
        ({"timezone": "localtime"}, "no time zone", "タイムゾーンの名前ではありません"),
        ({"timezone": "posix/Asia/Tokyo"}, "no time zone", "タイムゾーンの名前ではありません"),
        ({"timezone": "../../etc/passwd"}, "no time zone", "タイムゾーンの名前ではありません"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_changes_nothing(
    office: Office, filled: dict[str, str], en: str, ja: str
) -> None:
    client, before = office.as_("admin"), office.organisation()
    for lang, words in (("en", en), ("ja", ja)):
        client.headers["Accept-Language"] = lang
        answer = change(client, **filled)
        assert (answer.status_code, words in told(answer)) == (422, True)
        assert answer.text.count('aria-invalid="true"') == 1
        assert '<option value="yes" selected>' in answer.text
        ((_, value),) = filled.items()
        assert f'value="{value.strip()}"' in answer.text
    assert office.organisation() == before


@pytest.mark.parametrize("role", ["viewer", "writer", "manager"])
def test_others_read_what_applies_and_change_nothing(office: Office, role: str) -> None:
    client, before = office.as_(role), office.organisation()
    office.as_("admin")
    page = client.get("/settings")
    assert (page.status_code, "Asia/Tokyo" in told(page)) == (200, True)
    assert 'method="post"' not in page.text
    assert "KOE_" not in page.text
    assert change(client).status_code == 403
    assert office.organisation() == before


def test_another_organisation_sets_its_own_and_sees_nothing_of_the_installation(office: Office) -> None:
    north = an_organisation(office.db, "north")
    client = office.as_("admin", organisation_id=north)
    assert "KOE_" not in client.get("/settings").text
    assert change(client, name="North").status_code == 303
    assert office.organisation(north).name == "North"
    assert office.organisation().name == "main"


def test_what_is_given_by_variables_is_told_by_name_and_secrets_never(office: Office) -> None:
    page = office.as_("admin").get("/settings")
    for name in Settings.model_fields:
        assert f"KOE_{name.upper()}" in page.text
    assert "2.5" in page.text
    assert SECRET not in page.text
    assert "set, and not shown" in page.text
    named = {one.field: one for one in given(SETTINGS)}
    assert [one for one in named.values() if one.value and one.field not in OPEN] == []
    assert (named["llm_key"].is_set, named["embeddings_key"].is_set) == (True, False)


def test_names_are_words_and_nothing_else(office: Office) -> None:
    client = office.as_("admin")
    change(client, name=NASTY)
    wrong = change(client, name=NASTY, timezone=NASTY)
    assert "<img" not in client.get("/settings").text + wrong.text


def test_a_zone_that_a_variable_names_is_shown_and_kept(db: Database, reader: Reader) -> None:
    with serving(create_app(db, Settings(timezone="America/New_York"))) as address:
        office = Office(address=address, db=db, reader=reader)
        client = office.as_("admin")
        page = client.get("/settings")
        assert 'name="timezone"' not in page.text
        assert "KOE_TIMEZONE" in page.text
        before = office.organisation().timezone
        assert change(client, timezone="Europe/Berlin").status_code == 303
        assert office.organisation().timezone == before


def test_without_a_variable_commands_leave_the_zone_as_the_page_says(koe: Koe, db: Database) -> None:
    with db.begin() as session:
        session.get_one(Organisation, MAIN).timezone = "Europe/Berlin"
    (one,) = koe("organisation", "list", "--json").json
    assert one["timezone"] == "Europe/Berlin"
