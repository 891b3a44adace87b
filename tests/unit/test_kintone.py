"""How Kintone is walked from its first record on, and what it says when it refuses."""

import json

import pytest

from connectors.errors import Refused
from connectors.ports import Heard
from connectors.registry import open_source
from tests.contract.sources.kintone import EXAMPLE, asked, record
from tests.site import address_of, site
from tests.sourcing import DOOR, opened
from tests.speaker import answers, speaker


def test_all_records_are_walked_by_their_numbers() -> None:
    pages = [
        asked("$id > 0 order by $id asc limit 100", *(record(number) for number in range(1, 101))),
        asked("$id > 100 order by $id asc limit 100", record(101)),
    ]
    with site(pages) as server:
        source = opened("kintone", address_of(server))
        first = source.page(None, None)
        rest = source.page(None, first.cursor)
    found = [event.external_id for event in (*first.events, *rest.events) if isinstance(event, Heard)]
    assert found == [str(number) for number in range(1, 102)]
    assert rest.cursor is None


def test_a_field_that_the_app_does_not_have_is_named() -> None:
    simple = record(2)
    del simple["件名"]
    with site([asked("limit 1", simple)]) as server, pytest.raises(Refused, match="件名"):
        opened("kintone", address_of(server)).check()


@pytest.mark.parametrize(
    ("code", "told"), [("GAIA_IA02", "API token"), ("GAIA_AP01", "guest space"), ("CB_NO02", "view records")]
)
def test_a_refusal_says_what_to_do(code: str, told: str) -> None:
    body = json.dumps({"code": code, "id": "x", "message": "y"}).encode()
    with speaker(answers("400 Bad Request", body=body)) as server, pytest.raises(Refused, match=told):
        opened("kintone", address_of(server)).check()


def test_a_guest_space_is_asked_at_its_own_address() -> None:
    with speaker(answers("200 OK", body=b'{"records": []}')) as server:
        settings = {**EXAMPLE.settings, "address": address_of(server), "guest_space": "5"}
        open_source("kintone", settings, DOOR).check()
        assert server.calls[0].head.startswith("GET /k/guest/5/v1/records.json?")


def test_a_channel_that_there_is_not_is_named() -> None:
    settings = {**EXAMPLE.settings, "address": "https://example.cybozu.com", "channel": "fax"}
    with pytest.raises(Refused, match="channel"):
        open_source("kintone", settings, DOOR)
