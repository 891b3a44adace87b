"""What Notion wants to be told, and what it refuses, against its double."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import Refused, RetryLater
from connectors.outgoing import Note
from connectors.registry import TARGETS
from tests.contract.target_exam import HOSTILE, SUGGESTION, outgoing
from tests.contract.targets import opened
from tests.contract.targets.notion_backlog import DATABASE, NotionDesk, error


@pytest.fixture
def desk() -> Iterator[NotionDesk]:
    with opened("notion-backlog") as made:
        assert isinstance(made, NotionDesk)
        yield made


@pytest.fixture
def articles() -> Iterator[NotionDesk]:
    with opened("notion-articles") as made:
        assert isinstance(made, NotionDesk)
        yield made


def created(desk: NotionDesk) -> Any:
    """Return the last request that made a page."""
    return [one for one in desk.board.asked if one.path == "/v1/pages"][-1].json


class TestPages:
    def test_hold_their_mark_status_and_fields_from_the_first_moment(self, desk: NotionDesk) -> None:
        target = desk.opened(new="Not started", fields="Team=Support; Tags=a, b; Customers=12")
        target.deliver(outgoing(desk.target))
        properties = created(desk)["properties"]
        assert properties["Koe"]["rich_text"][0]["text"]["content"] == f"[koe:{SUGGESTION}]"
        assert properties["Status"] == {"status": {"name": "Not started"}}
        assert properties["Team"] == {"select": {"name": "Support"}}
        assert properties["Tags"] == {"multi_select": [{"name": "a"}, {"name": "b"}]}
        assert properties["Customers"] == {"number": 12.0}

    def test_link_to_koe_alone(self, desk: NotionDesk) -> None:
        said = replace(outgoing(desk.target, body=HOSTILE), link="https://koe.example.com/s")
        desk.target.deliver(said)
        pieces = [
            piece
            for block in created(desk)["children"]
            for piece in block[block["type"]]["rich_text"]
            if set(piece) != {"type", "text"} or "link" in piece["text"]
        ]
        assert [piece["text"]["content"] for piece in pieces] == ["https://koe.example.com/s"]

    def test_hold_lines_that_are_longer_than_a_piece(self, desk: NotionDesk) -> None:
        line = "🦊" * 1_500 + "長" * 3_000
        receipt = desk.target.deliver(outgoing(desk.target, body=line))
        assert line in desk.text(receipt.reference)

    def test_of_articles_are_drafts_and_nothing_else(self, articles: NotionDesk) -> None:
        articles.target.deliver(outgoing(articles.target))
        assert created(articles)["properties"]["Status"] == {"status": {"name": "Draft"}}
        with pytest.raises(Refused, match="'new' names a status that counts as done"):
            articles.opened(new="Published")

    def test_are_found_by_a_select_as_well(self, desk: NotionDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        held = {"type": "select", "select": {"name": "Done"}}
        desk.pages[receipt.reference]["properties"]["Status"] = held
        assert desk.target.look(receipt.reference).state == "done"


class TestNotes:
    def test_are_looked_for_in_all_parts_of_the_list(self, desk: NotionDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        for number in (1, 2, 3, 2):
            desk.target.note(receipt.reference, Note(marker=f"n-{number}", text=f"Note {number}."))
        assert len(desk.notes(receipt.reference)) == 3


class TestRefusals:
    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"project": "https://www.notion.so/acme"}, "'project' holds no link"),
            ({"project": "f" * 32}, "shared with the integration"),
            ({"marker": "Mark"}, "lacks a text property 'Mark'"),
            ({"status": "State"}, "lacks a property 'State'"),
            ({"new": "Later"}, "'Status' has no option 'Later'; there are Draft, Not started"),
            ({"done": "Shipped"}, "'done' names none of the statuses of 'Status': Draft"),
            ({"fields": "Colour=red"}, "names 'Colour'; the database has Customers, Koe"),
            ({"fields": "Team=Sales"}, "'Team' has no option 'Sales'; there are Support"),
            ({"fields": "Customers=nan"}, "must give 'Customers' a number"),
            ({"fields": "Owner=Aki"}, "of the kind people"),
            ({"source": "Other"}, "'source' must name a data source of the database: Feedback"),
        ],
    )
    def test_say_what_is_wrong_before_anything_is_sent(
        self, desk: NotionDesk, told: dict[str, str], words: str
    ) -> None:
        with pytest.raises(Refused, match=words):
            desk.opened(**told).check()

    def test_a_database_of_several_sources_wants_one_named(self, desk: NotionDesk) -> None:
        desk.sources.append({"id": "x", "name": "Archive"})
        with pytest.raises(Refused, match="Feedback, Archive"):
            desk.opened().check()
        assert "Backlog of Acme" in desk.opened(source="Feedback").check()

    def test_name_properties_and_nothing_that_was_sent(self, desk: NotionDesk) -> None:
        desk.board.routes[:] = [route for route in desk.board.routes if route[1].pattern != "/v1/pages"]
        said = "Status is expected to be select, instead was 写真が消える."
        desk.on("POST", "/v1/pages", lambda _: error(400, "validation_error", said))
        with pytest.raises(Refused, match="validation_error 'Status'") as told:
            desk.target.deliver(outgoing(desk.target))
        assert "写真" not in str(told.value)

    def test_a_conflict_is_tried_again(self, desk: NotionDesk) -> None:
        desk.board.routes[:] = [route for route in desk.board.routes if route[1].pattern != "/v1/pages"]
        desk.on("POST", "/v1/pages", lambda _: error(409, "conflict_error"))
        with pytest.raises(RetryLater):
            desk.target.deliver(outgoing(desk.target))

    def test_a_page_is_gone_only_where_the_database_still_answers(self, desk: NotionDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        del desk.pages[receipt.reference]
        assert desk.target.look(receipt.reference).state == "gone"
        answer = error(404, "object_not_found")
        for place in (f"/v1/databases/{DATABASE}", "/v1/data_sources/.*"):
            desk.board.routes.insert(0, ("GET", re.compile(place), lambda *_: answer))
        with pytest.raises(Refused):
            desk.target.look(receipt.reference)


def test_both_uses_have_their_own_names() -> None:
    kinds = TARGETS["notion-backlog"], TARGETS["notion-articles"]
    assert [kind.category for kind in kinds] == ["backlog", "knowledge"]
    assert not kinds[0].takes & kinds[1].takes
