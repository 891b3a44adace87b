"""What Intercom's articles have of their own: an author, a collection, and a mark in the text."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.errors import Refused
from connectors.outgoing import Note
from tests.board import Reply
from tests.contract.target_exam import SUGGESTION, outgoing
from tests.contract.targets.intercom_articles import AUTHOR, IntercomArticlesDesk, opened


@pytest.fixture
def desk() -> Iterator[IntercomArticlesDesk]:
    with opened() as made:
        yield made


class TestDraftsInIntercom:
    def test_are_by_somebody_and_stand_in_a_collection(self, desk: IntercomArticlesDesk) -> None:
        made = desk.articles[int(desk.target.deliver(outgoing(desk.target)).reference)]
        assert (made["author_id"], made["state"]) == (AUTHOR, "draft")
        assert (made["parent_id"], made["parent_type"]) == (145, "collection")
        assert made["body"].endswith(f"<p>[koe:{SUGGESTION}]</p>")

    def test_stand_alone_where_no_collection_is_named(self) -> None:
        with opened(collection="", author=str(AUTHOR)) as desk:
            made = desk.articles[int(desk.target.deliver(outgoing(desk.target)).reference)]
        assert "parent_id" not in made

    @pytest.mark.parametrize(
        ("setting", "known"), [("author", "which has 1"), ("collection", "Login, Drafts")]
    )
    def test_are_refused_where_a_setting_names_what_there_is_not(self, setting: str, known: str) -> None:
        with opened(**{setting: "nowhere"}) as desk, pytest.raises(Refused, match=f"{setting}.*{known}"):
            desk.target.check()

    def test_for_staff_alone_are_refused(self, desk: IntercomArticlesDesk) -> None:
        with pytest.raises(Refused, match="internal"):
            desk.target.deliver(replace(outgoing(desk.target), audience="internal"))
        assert desk.there() == []

    def test_are_found_among_many_whatever_changed_last(self, desk: IntercomArticlesDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        others = [desk.write(f"No. {number}", "x") for number in range(5)]
        desk.change(others[0], "y")
        desk.finish(receipt.reference)
        assert desk.target.find(SUGGESTION) == receipt

    def test_are_known_by_no_mark_that_a_customer_wrote(self, desk: IntercomArticlesDesk) -> None:
        desk.target.deliver(outgoing(desk.target, body="- I wrote [koe:ffff] and [koe:eeee]\n"))
        assert desk.target.find("ffff") is None
        assert desk.target.find("eeee") is None

    def test_a_refusal_names_fields_and_nothing_that_was_sent(self, desk: IntercomArticlesDesk) -> None:
        error = {"code": "parameter_invalid", "message": "秘密の題名 is no title"}
        refusal = Reply(content={"type": "error.list", "errors": [error]}, status=422)
        desk.board.on("POST", ".*")(lambda _: refusal)
        desk.board.routes.insert(0, desk.board.routes.pop())
        with pytest.raises(Refused, match="parameter_invalid, title") as refused:
            desk.target.deliver(outgoing(desk.target))
        assert "秘密" not in str(refused.value)

    def test_a_note_is_a_draft_and_never_taken_for_a_delivery(self, desk: IntercomArticlesDesk) -> None:
        reference = desk.write("Photos vanish", "They are gone.")
        desk.target.note(reference, Note(marker=SUGGESTION, text="Ten customers say so."))
        assert [one["state"] for one in desk.articles.values()] == ["published", "draft"]
        assert desk.target.find(SUGGESTION) is None
