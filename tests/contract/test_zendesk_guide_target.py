"""What Zendesk Guide has of its own: who sees a draft, in which language it is, and how it is found again."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.errors import Refused
from connectors.outgoing import Note
from tests.board import Reply
from tests.contract.target_exam import SUGGESTION, outgoing
from tests.contract.targets.zendesk_guide import SECTION, ZendeskGuideDesk, opened


@pytest.fixture
def desk() -> Iterator[ZendeskGuideDesk]:
    with opened() as made:
        yield made


class TestDraftsInGuide:
    def test_say_who_may_edit_and_who_sees_them(self, desk: ZendeskGuideDesk) -> None:
        public = desk.target.deliver(outgoing(desk.target))
        internal = desk.target.deliver(
            replace(outgoing(desk.target, suggestion_id="f" * 20), audience="internal", lang="en")
        )
        made = [desk.articles[int(receipt.reference)] for receipt in (public, internal)]
        assert [one["user_segment_id"] for one in made] == [None, 8]
        assert [one["locale"] for one in made] == ["ja", "en-us"]
        assert {(one["permission_group_id"], one["draft"], one["section_id"]) for one in made} == {
            (5, True, SECTION)
        }
        assert made[0]["label_names"] == ["koe", f"koe-{SUGGESTION}"]

    def test_are_for_those_that_people_chose(self) -> None:
        told = {
            "segment": "Signed-in users",
            "permission_group": "6",
            "locale": "en-us",
            "labels": "voc, faq",
        }
        with opened(**told) as desk:
            receipt = desk.target.deliver(outgoing(desk.target))
            made = desk.articles[int(receipt.reference)]
        assert (made["user_segment_id"], made["permission_group_id"], made["locale"]) == (7, 6, "en-us")
        assert made["label_names"] == ["voc", "faq", f"koe-{SUGGESTION}"]

    @pytest.mark.parametrize(
        ("setting", "known"),
        [
            ("section", "Login, Drafts"),
            ("segment", "Signed-in users"),
            ("permission_group", "Managers"),
            ("locale", "en-us, ja"),
        ],
    )
    def test_are_refused_where_a_setting_names_what_there_is_not(self, setting: str, known: str) -> None:
        with opened(**{setting: "nowhere"}) as desk, pytest.raises(Refused, match=f"{setting}.*{known}"):
            desk.target.check()

    def test_are_found_where_people_moved_and_renamed_them(self, desk: ZendeskGuideDesk) -> None:
        for number in range(5):
            desk.write(f"No. {number}", "x")
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.move(receipt.reference)
        assert desk.target.find(SUGGESTION) == receipt

    def test_are_found_by_a_comment_where_no_labels_are_kept(self, desk: ZendeskGuideDesk) -> None:
        desk.keeps_labels = False
        receipts = [
            desk.target.deliver(outgoing(desk.target, suggestion_id=f"{number:020}")) for number in range(5)
        ]
        assert [desk.target.find(f"{number:020}") for number in range(5)] == receipts

    def test_fill_in_no_dynamic_content(self, desk: ZendeskGuideDesk) -> None:
        body = "- {{dc.secret}} and {{{dc.other}}}\n"
        receipt = desk.target.deliver(outgoing(desk.target, title="{{dc.title}}", body=body))
        assert "{{" not in desk.text(receipt.reference) + desk.title(receipt.reference)

    def test_a_refusal_names_fields_and_nothing_that_was_sent(self, desk: ZendeskGuideDesk) -> None:
        told = "秘密の題名: You must provide user_segment_id."
        refusal = Reply(content={"title": "Invalid attribute", "message": told}, status=400)
        desk.board.on("POST", ".*")(lambda _: refusal)
        desk.board.routes.insert(0, desk.board.routes.pop())
        with pytest.raises(Refused, match="it names user_segment_id") as refused:
            desk.target.deliver(outgoing(desk.target))
        assert "秘密" not in str(refused.value)

    def test_a_note_is_a_draft_for_staff_and_never_taken_for_a_delivery(self, desk: ZendeskGuideDesk) -> None:
        reference = desk.write("Photos vanish", "They are gone.")
        desk.target.note(reference, Note(marker=SUGGESTION, text="Ten customers say so."))
        (note,) = [one for one in desk.articles.values() if str(one["id"]) != reference]
        assert (note["draft"], note["user_segment_id"]) == (True, 8)
        assert desk.target.find(SUGGESTION) is None
