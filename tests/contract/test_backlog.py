"""What is Backlog's alone: forms, a key that stands in addresses, codes of errors, two notations."""

import logging
from collections.abc import Iterator

import pytest

from connectors.errors import ConnectorError, Refused, RetryLater
from connectors.outgoing import Note
from tests.board import Reply
from tests.contract.target_exam import HOSTILE, SUGGESTION, outgoing, refuses_before_anything_is_made
from tests.contract.targets.backlog import API, BacklogDesk, opened, status


@pytest.fixture
def desk() -> Iterator[BacklogDesk]:
    with opened() as made:
        yield made


def sent(desk: BacklogDesk) -> list[tuple[str, str]]:
    """Return what the last form held."""
    return next(request.fields for request in reversed(desk.board.asked) if request.method == "POST")


class TestIssues:
    def test_bear_what_was_chosen_for_them(self, desk: BacklogDesk) -> None:
        target = desk.opened(priority="高", labels="アプリ、お客様の声", type="バグ")
        target.deliver(outgoing(target))
        form = dict(sent(desk))
        assert (form["projectId"], form["issueTypeId"], form["priorityId"]) == ("7", "2", "2")
        assert [value for name, value in sent(desk) if name == "categoryId[]"] == ["2", "1"]
        assert form["customField_1"] == "1"

    def test_are_of_usual_priority_where_none_is_told(self, desk: BacklogDesk) -> None:
        desk.target.deliver(outgoing(desk.target))
        assert dict(sent(desk))["priorityId"] == "3"

    def test_are_found_among_the_newest_while_the_search_is_late(self, desk: BacklogDesk) -> None:
        desk.is_late = True
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.unseen
        assert desk.target.deliver(outgoing(desk.target)) == receipt

    def test_are_followed_when_their_key_changes(self, desk: BacklogDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.issues[receipt.reference]["issueKey"] = "NEXT-1"
        standing = desk.target.look(receipt.reference)
        assert (standing.reference, standing.state) == (receipt.reference, "open")
        assert standing.url == f"{desk.board.address}/view/NEXT-1"
        assert desk.target.look("NEXT-1").reference == receipt.reference

    def test_are_done_when_closed_and_not_before(self, desk: BacklogDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.issues[receipt.reference] |= status(3, "処理済み")
        assert desk.target.look(receipt.reference).state == "open"
        desk.close(receipt.reference, "対応済み")
        assert desk.target.look(receipt.reference).state == "done"

    def test_are_dropped_by_a_status_of_ones_own(self, desk: BacklogDesk) -> None:
        target = desk.opened(dropped="見送り")
        receipt = target.deliver(outgoing(target))
        desk.issues[receipt.reference] |= status(101, "見送り")
        assert target.look(receipt.reference).state == "dropped"
        desk.close(receipt.reference, "対応しない")
        assert target.look(receipt.reference).state == "done"

    def test_are_looked_through_for_a_note_to_the_oldest(self, desk: BacklogDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        notes = [Note(marker=f"{SUGGESTION}-{n}", text=f"{n} by now.") for n in range(5)]
        for note in [*notes, notes[0]]:
            desk.target.note(receipt.reference, note)
        assert len(desk.notes(receipt.reference)) == len(notes)


class TestNotations:
    def test_of_backlog_is_written_where_the_project_has_it(self, desk: BacklogDesk) -> None:
        desk.project["textFormattingRule"] = "backlog"
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.text(receipt.reference).startswith(
            "** 困りごと\n\n- 写真が消えます。\n\n+ 開く\n+ 保存する\n"
        )

    @pytest.mark.parametrize(
        ("said", "written"),
        [
            ("''bold'' '''it'''", "'\u200b'bold'\u200b' '\u200b'\u200b'it'\u200b'\u200b'"),
            ("%%gone%%", "%\u200b%gone%\u200b%"),
            ("see [[PROD-1]]", "see [\u200b[PROD-\u200b1]]"),
            ("{code}x{/code}", "{\u200bcode}x{\u200b/code}"),
            ("&color(red) {x} &br;", "&\u200bcolor(red) {\u200bx} &\u200bbr;"),
            ("#image(x.png)", "\u200b#\u200bimage(x.png)"),
            ("[ ] done", "\u200b[ ] done"),
            ("> quoted", "\u200b> quoted"),
            ("|a|b|", "\u200b|a|b|"),
            ("@admin", "@\u200badmin"),
            ("https://example.com/a?b=1&c=2#d", "https://example.com/a?b=1&c=2#d"),
        ],
    )
    def test_of_backlog_holds_words_of_customers_as_words(
        self, desk: BacklogDesk, said: str, written: str
    ) -> None:
        desk.project["textFormattingRule"] = "backlog"
        receipt = desk.target.deliver(outgoing(desk.target, body=f"- {said}\n"))
        assert desk.text(receipt.reference).startswith(f"- {written}\n")

    def test_of_markdown_holds_no_key_that_would_become_a_link(self, desk: BacklogDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target, body="See PROD-12, and https://a.example/X-1."))
        assert "See PROD-\u200b12, and <https://a.example/X-1>" in desk.text(receipt.reference)

    @pytest.mark.parametrize("way", ["markdown", "backlog"])
    def test_keep_their_mark_however_long_the_text_is(self, desk: BacklogDesk, way: str) -> None:
        desk.project["textFormattingRule"] = way
        receipt = desk.target.deliver(outgoing(desk.target, body=HOSTILE * 500 + "🦊" * 90_000))
        assert desk.target.find(SUGGESTION) == receipt
        desk.target.note(receipt.reference, Note(marker="n-1", text="- 🦊\n" * 40_000))
        assert desk.notes(receipt.reference)[0].endswith("\n[koe:n-1]\n")


class TestFields:
    @pytest.mark.parametrize(
        ("kind", "told", "parts"),
        [
            (1, "words", {"": "words"}),
            (2, "words", {"": "words"}),
            (3, "2.5", {"": "2.5"}),
            (4, "2026-05-03", {"": "2026-05-03"}),
            (5, "Web", {"": "2"}),
            (6, "App, Web", {"[0]": "1", "[1]": "2"}),
            (7, "App、Web", {"[0]": "1", "[1]": "2"}),
            (8, "App", {"": "1"}),
        ],
    )
    def test_are_filled_in_as_their_kind_wants_it(
        self, desk: BacklogDesk, kind: int, told: str, parts: dict[str, str]
    ) -> None:
        desk.fields.append(desk.field(9, "Area", kind, items=["App", "Web"] if kind > 4 else []))
        target = desk.opened(fields=f"重要度=低; Area={told}")
        target.deliver(outgoing(target))
        form = dict(sent(desk))
        assert {name[13:]: value for name, value in form.items() if name[:13] == "customField_9"} == parts

    def test_of_other_types_are_not_asked_for(self, desk: BacklogDesk) -> None:
        desk.fields.append(desk.field(9, "Area", 1, required=True, applicableIssueTypes=[2]))
        assert desk.target.check()
        with pytest.raises(Refused, match="asks for Area in new issues"):
            desk.opened(type="バグ").check()

    def test_are_none_where_the_plan_has_none(self, desk: BacklogDesk) -> None:
        desk.has_fields = False
        target = desk.opened(fields="")
        assert target.deliver(outgoing(target)).reference in desk.there()


class TestRefusals:
    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"project": "NONE"}, "is the project's key right"),
            ({"type": "要望"}, "'type' names '要望'; there are タスク, バグ$"),
            ({"priority": "最高"}, "'priority' names '最高'; there are 高, 中, 低$"),
            ({"labels": "なし"}, "'labels' names 'なし'; there are お客様の声, アプリ$"),
            ({"fields": ""}, "asks for 重要度 in new issues"),
            ({"fields": "重要度=並"}, "names '並'; there are 高, 低$"),
            ({"fields": "色=赤"}, "'fields' names '色'; there are 重要度$"),
            ({"key": "other"}, "make a new API key"),
        ],
    )
    def test_say_what_is_there_before_anything_is_sent(
        self, desk: BacklogDesk, told: dict[str, str], words: str
    ) -> None:
        refuses_before_anything_is_made(desk, desk.opened(**told), words)

    def test_name_a_project_that_is_archived(self, desk: BacklogDesk) -> None:
        desk.project["archived"] = True
        with pytest.raises(Refused, match="PROD is archived"):
            desk.target.check()

    @pytest.mark.parametrize("language", ["en", "ja"])
    def test_are_told_by_their_code_and_hold_nothing_that_was_sent(
        self, desk: BacklogDesk, language: str
    ) -> None:
        desk.language = language
        desk.fields.append(desk.field(2, "Hidden", 1, required=True))
        desk.on("GET", f"{API}/projects/PROD/customFields", lambda _: Reply(content=desk.fields[:1]))
        desk.board.routes.insert(0, desk.board.routes.pop())
        with pytest.raises(Refused, match="does the project ask for more in new issues") as told:
            desk.target.deliver(outgoing(desk.target))
        assert "必須" not in str(told.value)
        assert "required" not in str(told.value)

    def test_that_mean_that_too_much_was_asked_are_no_refusals(self, desk: BacklogDesk) -> None:
        desk.on("POST", f"{API}/issues", lambda _: desk.refusal(400, 13, "Too many.", "多すぎます。"))
        desk.board.routes.insert(0, desk.board.routes.pop())
        with pytest.raises(RetryLater):
            desk.target.deliver(outgoing(desk.target))


class TestKey:
    def test_is_in_no_message_and_no_log(self, desk: BacklogDesk, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        receipt = desk.target.deliver(outgoing(desk.target))
        messages = [desk.target.check(), str(receipt), repr(desk.target)]
        desk.board.routes.clear()
        for ask in (desk.target.check, lambda: desk.target.look(receipt.reference)):
            with pytest.raises(ConnectorError) as told:
                ask()
            messages.append(str(told.value))
        assert not [text for text in [*messages, caplog.text] if desk.secret in text]
