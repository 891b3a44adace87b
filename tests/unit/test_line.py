"""By which day a message belongs to a conversation on LINE."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from connectors.errors import Refused
from connectors.ports import Call, Heard, Unsaid
from connectors.registry import open_source
from tests.contract.sources.line import AYA, event, text, user


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def conversations(zone: str, *times: datetime) -> Sequence[str]:
    """Return the conversation that each message of one person belongs to."""
    sent = [text(ms(at), user(AYA), str(place), "こんにちは") for place, at in enumerate(times)]
    call = Call(url="", headers={}, body=json.dumps({"events": sent}).encode())
    told = open_source("line", {"timezone": zone}).read(call)
    return [one.external_id.removeprefix(f"{AYA}/") for one in told if isinstance(one, Heard)]


class TestConversation:
    def test_goes_on_after_midnight_and_ends_at_four_in_the_morning(self) -> None:
        evening, night = datetime(2026, 5, 1, 14, 59, tzinfo=UTC), datetime(2026, 5, 1, 15, 30, tzinfo=UTC)
        morning = datetime(2026, 5, 1, 19, 0, tzinfo=UTC)
        assert conversations("Asia/Tokyo", evening, night, morning) == [
            "2026-05-01",
            "2026-05-01",
            "2026-05-02",
        ]

    def test_follows_the_days_of_the_customers(self) -> None:
        noon = datetime(2026, 5, 1, 20, 30, tzinfo=UTC)
        assert conversations("Asia/Tokyo", noon) == ["2026-05-02"]
        assert conversations("Asia/Bangkok", noon) == ["2026-05-01"]

    @pytest.mark.parametrize("zone", ["Tokyo/Asia", "../etc", "Asia", "\0"])
    def test_needs_a_time_zone_that_there_is(self, zone: str) -> None:
        with pytest.raises(Refused, match="'timezone'"):
            conversations(zone)


def test_a_message_is_taken_back_from_whatever_day_it_may_be_of() -> None:
    """A week later is the last that LINE lets anybody do so."""
    at = datetime(2026, 5, 8, 3, tzinfo=UTC)
    sent = event("unsend", ms(at), user(AYA), unsend={"messageId": "1"})
    call = Call(url="", headers={}, body=json.dumps({"events": [sent]}).encode())
    (unsaid,) = open_source("line", {}).read(call)
    assert isinstance(unsaid, Unsaid)
    assert f"{AYA}/2026-05-01" in unsaid.items
    assert f"{AYA}/2026-05-08" in unsaid.items
