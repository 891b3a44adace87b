"""How Typeform's list of responses is walked: form by form, and each from its first response to its last."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import Refused
from connectors.ports import Heard
from tests.site import address_of
from tests.sourcing import opened
from tests.speaker import Call, answers, speaker

FIRST = datetime(2026, 5, 1, tzinfo=UTC)


class Account:
    """An account whose forms hold some responses, one a minute."""

    def __init__(self, **forms: int) -> None:
        self.forms = forms
        self.asked: list[str] = []

    def say(self, call: Call) -> None:
        address = urlsplit(call.head.split(" ")[1])
        form, _, rest = address.path.removeprefix("/forms/").partition("/")
        if form not in self.forms:
            answers("404 Not Found", body=b"{}")(call)
            return
        found = self.responses(form, parse_qs(address.query)) if rest else {"title": form, "fields": []}
        answers("200 OK", body=json.dumps(found).encode())(call)

    def responses(self, form: str, query: dict[str, list[str]]) -> object:
        all_of_it = [(f"{form}-{n}", FIRST + timedelta(minutes=n)) for n in range(self.forms[form])]
        if "after" in query:
            assert "sort" not in query, "Typeform takes one of them"
            first = [named for named, _ in all_of_it].index(query["after"][0]) + 1
        else:
            since = datetime.fromisoformat(query.get("since", ["2000-01-01T00:00:00"])[0]).replace(tzinfo=UTC)
            first = sum(at < since for _, at in all_of_it)
        self.asked.append(f"{form} {first}")
        shown = all_of_it[first : first + int(query["page_size"][0])]
        return {
            "items": [{"token": named, "submitted_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"} for named, at in shown]
        }


def walked(account: Account, since: datetime | None) -> list[str]:
    """Return the responses that a walk finds."""
    found: list[str] = []
    with speaker(account.say) as server:
        source, cursor = opened("typeform", address_of(server)), None
        while True:
            page = source.page(since, cursor)
            found += [event.external_id for event in page.events if isinstance(event, Heard)]
            if (cursor := page.cursor) is None:
                return found


class TestWalk:
    def test_goes_through_all_responses_of_all_forms(self) -> None:
        account = Account(u6nXL7=250, k9mP2q=100)
        found = walked(account, None)
        assert found == [f"u6nXL7-{n}" for n in range(250)] + [f"k9mP2q-{n}" for n in range(100)]
        assert account.asked == ["u6nXL7 0", "u6nXL7 100", "u6nXL7 200", "k9mP2q 0", "k9mP2q 100"]

    def test_begins_an_hour_before_its_time_for_responses_are_listed_late(self) -> None:
        found = walked(Account(u6nXL7=100, k9mP2q=0), FIRST + timedelta(minutes=90))
        assert found == [f"u6nXL7-{n}" for n in range(30, 100)]


class TestSettings:
    def test_name_a_form_that_is_not_there(self) -> None:
        with speaker(Account(u6nXL7=1).say) as server, pytest.raises(Refused, match="'forms'"):
            opened("typeform", address_of(server)).check()
