"""What Zammad's knowledge base has of its own: languages, notes that nobody sees, and times that come."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import Refused, RetryLater
from connectors.outgoing import Note
from tests.board import Reply
from tests.contract.target_exam import SUGGESTION, outgoing, refuses_before_anything_is_made
from tests.contract.targets.zammad_knowledge import (
    BASES,
    ENGLISH,
    JAPANESE,
    ZammadKnowledgeDesk,
    opened,
    refusal,
)


@pytest.fixture
def desk() -> Iterator[ZammadKnowledgeDesk]:
    with opened() as made:
        yield made


def instead(desk: ZammadKnowledgeDesk, pattern: str, reply: Reply) -> None:
    """Let the desk answer what is posted at some address with something else."""
    desk.board.on("POST", pattern)(lambda _: reply)
    desk.board.routes.insert(0, desk.board.routes.pop())


class TestDraftsInTheKnowledgeBase:
    def test_stand_in_their_category_with_note_and_tags(self, desk: ZammadKnowledgeDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        made = desk.answers[int(receipt.reference)]
        assert (made["category_id"], made["internal_note"]) == (14, f"koe-{SUGGESTION}")
        assert made["tags"] == ["koe", f"koe-{SUGGESTION}"]
        assert made["published_at"] is made["internal_at"] is None
        assert (
            receipt.url == f"{desk.board.address}/#knowledge_base/1/locale/ja-jp/answer/{receipt.reference}"
        )

    def test_are_in_the_language_of_the_suggestion_else_in_the_main_one(
        self, desk: ZammadKnowledgeDesk
    ) -> None:
        for number, lang in enumerate(("ja", "en", "de", "")):
            coming = replace(outgoing(desk.target, suggestion_id=f"{number:020}"), lang=lang)
            desk.target.deliver(coming)
        made = [one["locale"] for one in desk.answers.values()]
        assert made == [JAPANESE, ENGLISH, ENGLISH, ENGLISH]

    @pytest.mark.parametrize("locale", ["en-us", "EN-US", str(ENGLISH)])
    def test_are_in_the_language_that_people_chose(self, locale: str) -> None:
        with opened(locale=locale) as desk:
            made = desk.answers[int(desk.target.deliver(outgoing(desk.target)).reference)]
        assert made["locale"] == ENGLISH

    def test_have_no_link_where_nobody_may_search_and_take_a_language_by_its_number(self) -> None:
        with opened(locale=str(JAPANESE)) as desk:
            desk.searches = False
            receipt = desk.target.deliver(outgoing(desk.target))
            assert desk.target.find(SUGGESTION) == receipt
        assert (receipt.url, desk.answers[int(receipt.reference)]["locale"]) == (None, JAPANESE)

    @pytest.mark.parametrize("category", ["14", "FAQ/Drafts"])
    def test_take_a_category_by_number_and_path(self, category: str) -> None:
        with opened(category=category) as desk:
            assert "FAQ/Drafts" in desk.target.check()

    @pytest.mark.parametrize(
        ("setting", "told", "known"),
        [
            ("category", "nowhere", r"there are Product \(11\), FAQ \(12\), Product/Drafts \(13\)"),
            ("category", "Drafts", r"use the number: Product/Drafts \(13\), FAQ/Drafts \(14\)"),
            ("locale", "de-de", r"en-us \(3\), ja-jp \(4\)"),
        ],
    )
    def test_are_refused_where_a_setting_names_what_there_is_not(
        self, setting: str, told: str, known: str
    ) -> None:
        with opened(**{setting: told}) as desk:
            refuses_before_anything_is_made(desk, desk.target, f"{setting}.*{known}")

    def test_need_a_token_that_may_edit_the_category(self, desk: ZammadKnowledgeDesk) -> None:
        desk.edits = False
        with pytest.raises(Refused, match=r"knowledge_base\.editor"):
            desk.target.check()

    @pytest.mark.parametrize("told", [[], {}], ids=str)
    def test_are_refused_where_no_knowledge_base_is_seen(
        self, desk: ZammadKnowledgeDesk, told: object
    ) -> None:
        instead(desk, f"{BASES}/init", Reply(content=told))
        refuses_before_anything_is_made(desk, desk.target, "make one")

    def test_get_a_number_where_their_title_is_taken(self, desk: ZammadKnowledgeDesk) -> None:
        coming = [outgoing(desk.target, suggestion_id=f"{number:020}", title="写真") for number in range(3)]
        titles = [desk.title(desk.target.deliver(each).reference) for each in coming]
        assert titles == ["写真", "写真 (2)", "写真 (3)"]

    def test_are_tried_again_where_somebody_took_the_title_meanwhile(self, desk: ZammadKnowledgeDesk) -> None:
        told = "Validation failed: Translations title is already used"
        instead(desk, f"{BASES}/1/answers", refusal(told, 422))
        with pytest.raises(RetryLater, match="title"):
            desk.target.deliver(outgoing(desk.target))

    def test_are_found_where_people_moved_rewrote_and_untagged_them(self, desk: ZammadKnowledgeDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.move(receipt.reference)
        desk.answers[int(receipt.reference)]["tags"] = []
        assert desk.target.find(SUGGESTION) == receipt

    def test_are_made_where_no_tag_is_taken(self, desk: ZammadKnowledgeDesk) -> None:
        instead(desk, "/api/v1/tags/add", refusal("Not authorized", 403))
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.target.find(SUGGESTION) == receipt

    def test_get_their_tags_when_they_come_again(self, desk: ZammadKnowledgeDesk) -> None:
        instead(desk, "/api/v1/tags/add", refusal("busy", 503))
        with pytest.raises(RetryLater):
            desk.target.deliver(outgoing(desk.target))
        del desk.board.routes[0]
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.there() == [receipt.reference]
        assert desk.answers[int(receipt.reference)]["tags"] == ["koe", f"koe-{SUGGESTION}"]

    def test_embed_no_video(self, desk: ZammadKnowledgeDesk) -> None:
        body = "- see ( widget: video, provider: youtube, id: x ) and (widget:video)\n"
        receipt = desk.target.deliver(outgoing(desk.target, body=body))
        assert "( widget:" not in desk.text(receipt.reference)
        assert "(widget:" not in desk.text(receipt.reference)

    def test_a_refusal_names_fields_and_nothing_that_was_sent(self, desk: ZammadKnowledgeDesk) -> None:
        told = "Validation failed: Translations title 秘密の題名 is too long"
        instead(desk, f"{BASES}/1/answers", refusal(told, 422))
        with pytest.raises(Refused, match="title") as refused:
            desk.target.deliver(outgoing(desk.target))
        assert "秘密" not in str(refused.value)


class TestStanding:
    @pytest.mark.parametrize(
        ("audience", "state"),
        [("public", "open"), ("internal", "done")],
        ids=["is no help to customers", "is what was meant for staff"],
    )
    def test_internally_published(self, desk: ZammadKnowledgeDesk, audience: str, state: str) -> None:
        receipt = desk.target.deliver(replace(outgoing(desk.target), audience=audience))
        desk.answers[int(receipt.reference)]["internal_at"] = "2026-05-04T00:00:00.000Z"
        standing = desk.target.look(receipt.reference)
        assert (standing.status, standing.state) == ("internal", state)

    def test_what_is_for_staff_says_so_to_who_publishes(self, desk: ZammadKnowledgeDesk) -> None:
        receipt = desk.target.deliver(replace(outgoing(desk.target), audience="internal"))
        assert "koe-internal" in desk.answers[int(receipt.reference)]["tags"]

    def test_what_is_to_be_published_later_is_a_draft_until_then(self, desk: ZammadKnowledgeDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        later = datetime.now(UTC) + timedelta(days=1)
        desk.answers[int(receipt.reference)]["published_at"] = later.isoformat()
        assert desk.target.look(receipt.reference).state == "open"

    def test_is_done_since_it_was_published(self, desk: ZammadKnowledgeDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.finish(receipt.reference)
        assert desk.target.look(receipt.reference).at == datetime(2026, 5, 4, tzinfo=UTC)

    def test_what_has_no_number_was_never_there(self, desk: ZammadKnowledgeDesk) -> None:
        assert desk.target.look("../1").state == "gone"
        assert not desk.board.asked


class TestNotes:
    def test_are_drafts_for_staff_in_the_language_of_the_answer(self, desk: ZammadKnowledgeDesk) -> None:
        reference = desk.write("Photos vanish", "They are gone.")
        desk.target.note(reference, Note(marker=SUGGESTION, text="Ten customers say so."))
        (note,) = [one for one in desk.answers.values() if str(one["id"]) != reference]
        assert (note["title"], note["locale"]) == ("Koe: Photos vanish", ENGLISH)
        assert "koe-internal" in note["tags"]
        assert desk.target.find(SUGGESTION) is None

    def test_under_what_is_gone_are_refused(self, desk: ZammadKnowledgeDesk) -> None:
        with pytest.raises(Refused, match="not there any more"):
            desk.target.note("404", Note(marker=SUGGESTION, text="x"))
        assert desk.there() == []


def test_what_is_there_is_shown_with_its_text_and_how_it_stands(desk: ZammadKnowledgeDesk) -> None:
    reference = desk.write("Photos vanish", "They are gone.")
    desk.target.deliver(outgoing(desk.target))
    found = desk.target.existing("photos?")
    assert [(one.title, one.status) for one in found] == [
        ("Photos vanish", "published"),
        ("写真が消える", "draft"),
    ]
    assert (found[0].reference, found[0].text) == (reference, "<p>They are gone.</p>")
