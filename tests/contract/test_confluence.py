"""What keeps Confluence's readers from drafts, and what is refused, against its double."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from connectors.errors import Refused
from connectors.outgoing import Note
from tests.contract.target_exam import HOSTILE, SUGGESTION, outgoing
from tests.contract.targets import opened
from tests.contract.targets.confluence import DRAFTS, ConfluenceDesk, refused


@pytest.fixture
def desk() -> Iterator[ConfluenceDesk]:
    with opened("confluence") as made:
        assert isinstance(made, ConfluenceDesk)
        yield made


class TestDrafts:
    def test_are_written_only_where_not_everybody_may_look(self, desk: ConfluenceDesk) -> None:
        desk.viewers.clear()
        for ask in (desk.target.check, lambda: desk.target.deliver(outgoing(desk.target))):
            with pytest.raises(Refused, match="restrict who can view"):
                ask()
        assert desk.there() == []
        assert "Drafts of Koe" in desk.opened(open="yes").check()

    def test_below_another_page_of_drafts_are_drafts_still(self, desk: ConfluenceDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        shelf = desk.write("Shelf", "")
        desk.pages[shelf]["parentId"] = DRAFTS
        desk.pages[receipt.reference]["parentId"] = shelf
        assert desk.target.look(receipt.reference).state == "open"
        desk.pages[shelf]["parentId"] = None
        assert desk.target.look(receipt.reference).state == "done"

    def test_are_found_when_they_were_renamed_at_once(self, desk: ConfluenceDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.pages[receipt.reference]["title"] = "Another name"
        assert desk.target.find(SUGGESTION) == receipt

    def test_are_found_among_more_than_one_part_of_the_list(self, desk: ConfluenceDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.change(receipt.reference, "Anew.")
        for number in range(8):
            desk.write(f"Page {number}", "x")
        assert desk.target.find(SUGGESTION) == receipt

    def test_whose_title_is_taken_meanwhile_are_found(self, desk: ConfluenceDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        hidden = desk.pages.pop(receipt.reference)
        before = desk.board.routes[3]
        assert before[0] == "POST"

        def appear(*asked: object) -> object:
            desk.pages[receipt.reference] = hidden
            return before[2](*asked)

        desk.board.routes[3] = (before[0], before[1], appear)  # type: ignore[assignment]
        assert desk.target.deliver(outgoing(desk.target)) == receipt

    def test_that_are_archived_are_gone(self, desk: ConfluenceDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.pages[receipt.reference]["status"] = "archived"
        assert desk.target.look(receipt.reference).state == "gone"

    def test_link_to_koe_alone(self, desk: ConfluenceDesk) -> None:
        body = f"{HOSTILE}- <ac:structured-macro ac:name='html'/> ]]> &nbsp; \ufffe\n"
        receipt = desk.target.deliver(outgoing(desk.target, body=body))
        tree = ElementTree.fromstring(f"<root>{desk.text(receipt.reference)}</root>")
        links = [one.get("href") for one in tree.iter("a")]
        assert links == ["https://koe.example.com/suggestions/0123456789abcdef0123"]
        assert {one.tag for one in tree.iter()} <= {"root", "p", "ul", "li", "a"}
        assert "<ac:structured-macro ac:name='html'/> ]]> &nbsp;" in "".join(tree.itertext())


class TestRefusals:
    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"project": "NONE"}, "'project' names 'NONE'"),
            ({"project": 'K" OR space = "X'}, "'project' is no key"),
            ({"drafts": "Nowhere"}, "'drafts' names no page"),
            ({"drafts": "https://acme.atlassian.net/wiki/spaces/KB/pages/999/X"}, "'drafts' names no page"),
            ({"open": "maybe"}, "'open' must be yes or no"),
            ({"template": "{link}"}, "'template' lacks {body}"),
        ],
    )
    def test_say_what_is_wrong_before_anything_is_sent(
        self, desk: ConfluenceDesk, told: dict[str, str], words: str
    ) -> None:
        with pytest.raises(Refused, match=words):
            desk.opened(**told).check()

    def test_a_page_of_drafts_may_be_given_by_its_link(self, desk: ConfluenceDesk) -> None:
        link = f"https://acme.atlassian.net/wiki/spaces/KB/pages/{DRAFTS}/Drafts"
        assert "Drafts of Koe" in desk.opened(drafts=link).check()

    def test_missing_rights_are_named(self, desk: ConfluenceDesk) -> None:
        desk.rights.pop()
        with pytest.raises(Refused, match="grant it: create comment"):
            desk.target.check()

    def test_hold_codes_and_nothing_that_was_sent(self, desk: ConfluenceDesk) -> None:
        create = re.compile("/wiki/api/v2/pages")
        desk.board.routes.insert(0, ("POST", create, lambda _: refused("PERMISSION_DENIED")))
        with pytest.raises(Refused, match="PERMISSION_DENIED") as told:
            desk.target.deliver(outgoing(desk.target))
        assert "写真" not in str(told.value)

    def test_a_note_under_what_is_gone_is_refused(self, desk: ConfluenceDesk) -> None:
        with pytest.raises(Refused, match="nothing at this address"):
            desk.target.note("999", Note(marker="n-1", text="x"))
