"""What Freshdesk Solutions have of their own: folders of categories, tags, and who sees a folder."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.errors import Refused
from connectors.outgoing import Note
from tests.contract.target_exam import SUGGESTION, outgoing
from tests.contract.targets.freshdesk_solutions import FreshdeskSolutionsDesk, opened


@pytest.fixture
def desk() -> Iterator[FreshdeskSolutionsDesk]:
    with opened() as made:
        yield made


class TestDraftsInSolutions:
    def test_stand_in_the_folder_of_their_category_with_their_tag(self, desk: FreshdeskSolutionsDesk) -> None:
        made = desk.articles[int(desk.target.deliver(outgoing(desk.target)).reference)]
        assert (made["folder_id"], made["status"], made["type"]) == (21, 1, 1)
        assert made["tags"] == ["koe", f"koe-{SUGGESTION}"]

    def test_are_found_where_people_moved_and_rewrote_them(self, desk: FreshdeskSolutionsDesk) -> None:
        for number in range(4):
            desk.write(f"No. {number}", "x")
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.move(receipt.reference)
        assert desk.target.find(SUGGESTION) == receipt

    def test_for_staff_alone_stand_where_agents_alone_see_them(self, desk: FreshdeskSolutionsDesk) -> None:
        internal = replace(outgoing(desk.target), audience="internal")
        with pytest.raises(Refused, match="agents alone"):
            desk.target.deliver(internal)
        with opened(folder="22") as private:
            made = private.articles[int(private.target.deliver(internal).reference)]
        assert made["folder_id"] == 22

    def test_are_refused_where_the_folder_is_not_there(self) -> None:
        with opened(folder="Nowhere") as desk, pytest.raises(Refused, match="Product/Drafts, FAQ/Drafts"):
            desk.target.check()

    def test_a_note_whose_mark_is_too_long_for_a_tag_stands_there_once(
        self, desk: FreshdeskSolutionsDesk
    ) -> None:
        reference = desk.write("Photos vanish", "They are gone.")
        for marker in (f"{SUGGESTION}-2026-05-03", f"{SUGGESTION}-2026-05-04"):
            for _ in range(2):
                desk.target.note(reference, Note(marker=marker, text="Ten customers say so."))
        assert len(desk.notes(reference)) == 2
        assert desk.target.find(SUGGESTION) is None

    def test_a_refusal_names_fields_and_nothing_that_was_sent(self) -> None:
        with opened(labels="秘密の札" * 10) as desk, pytest.raises(Refused, match="tags") as refused:
            desk.target.deliver(outgoing(desk.target))
        assert "秘密" not in str(refused.value)
