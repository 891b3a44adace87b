"""Intercom as a source, in what it alone does: whose word is taken for who somebody is."""

import json

import pytest

from connectors.errors import Refused
from connectors.ports import Call, Customer, Heard
from connectors.registry import open_source
from tests.contract.sources.intercom import USER, conversation, notification
from tests.sourcing import DOOR, ELSEWHERE

SAYS = {
    "contacts": {"contacts": [{"id": "5f", "external_id": "u-77"}]},
    "company": {"id": "c-internal", "company_id": "77"},
}
"""What a browser says of a visitor, and anybody may let it say."""


def customer(**settings: str) -> Customer:
    """Return whose a conversation is where the source has these settings."""
    source = open_source("intercom", {"address": ELSEWHERE, **settings}, DOOR)
    body = json.dumps(notification("conversation.user.created", conversation(**SAYS))).encode()
    heard = next(iter(source.read(Call(url="https://koe.example.com", headers={}, body=body))))
    assert isinstance(heard, Heard)
    return heard.customer


@pytest.mark.parametrize("settings", [{}, {"verified": "no"}, {"verified": ""}])
def test_what_a_visitor_says_they_are_is_not_the_organisations_own_id(settings: dict[str, str]) -> None:
    assert customer(**settings) == Customer(id="5f", email=USER["email"], account_id="c-internal")


@pytest.mark.parametrize("answer", ["yes", " Yes"])
def test_it_is_where_identities_are_verified(answer: str) -> None:
    told = customer(verified=answer)
    assert (told.own_id, told.account_own_id) == ("u-77", "77")


def test_another_answer_than_yes_or_no_is_refused() -> None:
    with pytest.raises(Refused, match="verified"):
        customer(verified="perhaps")
