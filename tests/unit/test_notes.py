"""Notes and transcripts come in as what was said, by whom, whatever program wrote them down."""

import contextlib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import Unreadable
from connectors.files.opening import open_file
from connectors.ports import Row
from tests.documents import paragraph, run, table, write_bomb, write_docx, write_pdf

ASKED, SAID = "interviewer", "customer"


def rows(path: Path, data: str | bytes | None = None, *interviewers: str) -> list[dict[str, Any]]:
    if data is not None:
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    read = list(open_file(path, interviewers=interviewers))
    return [dict(row.values) for row in read if isinstance(row, Row)]


def turns(path: Path, data: str | bytes | None = None, *interviewers: str) -> list[tuple[str, str]]:
    (values,) = rows(path, data, *interviewers)
    return [(message["author_role"], message["text"]) for message in values["messages"]]


class TestNotes:
    def test_a_note_is_one_interview(self, tmp_path: Path) -> None:
        assert rows(tmp_path / "2026-05-03 Aya.md", "\n# Why she left\n\nThe export was slow.\nTwice.\n") == [
            {
                "external_id": "2026-05-03 Aya.md",
                "title": "Why she left",
                "created_at": "2026-05-03",
                "text": "The export was slow.\nTwice.",
            }
        ]

    def test_fields_between_dashes_say_when_who_and_in_which_language(self, tmp_path: Path) -> None:
        text = (
            "---\ndate: 2026-05-03\nparticipant: P7\norg: 'ACME'\nlocale: ja-JP\n---\n# Talk\nIt is slow.\n"
        )
        (values,) = rows(tmp_path / "a.md", text)
        assert values == {
            "external_id": "a.md",
            "title": "Talk",
            "created_at": "2026-05-03",
            "customer_id": "P7",
            "account_id": "ACME",
            "lang": "ja-JP",
            "text": "It is slow.",
        }

    def test_headings_are_context_and_marks_are_gone(self, tmp_path: Path) -> None:
        text = (
            "# Talk\n## Export\nIt is **slow**.\n> “I gave up on it”\n- it _fails_\n![x](a b.png)\n"
            "## Price\nFine."
        )
        assert turns(tmp_path / "a.md", text) == [
            (ASKED, "Export"),
            (SAID, "It is slow.\n\n“I gave up on it”\n\n- it fails"),
            (ASKED, "Price"),
            (SAID, "Fine."),
        ]

    @pytest.mark.parametrize(
        "own", ["Goals", "Next steps", "Summary", "所感", "次回", "3. Recommendations", "【まとめ】"]
    )
    def test_what_a_researcher_plans_or_makes_of_it_is_no_feedback(self, tmp_path: Path, own: str) -> None:
        text = f"# Talk\n## {own}\nWe ask.\n### More\nAnd ask.\n## Export\nIt is slow.\n"
        assert [said for role, said in turns(tmp_path / "a.md", text) if role == SAID] == ["It is slow."]

    def test_findings_are_feedback_and_so_is_a_summary_alone(self, tmp_path: Path) -> None:
        text = "# Talk\n## Summary of findings\n- it is slow\n"
        assert turns(tmp_path / "a.md", text)[-1] == (SAID, "- it is slow")
        assert turns(tmp_path / "a.md", "# Talk\n## Summary\n- it is slow\n")[-1] == (SAID, "- it is slow")

    def test_a_recommendation_among_what_was_said_is_no_feedback(self, tmp_path: Path) -> None:
        text = "# Talk\n- it is slow\n- Recommendation: make it fast\n- 対応：直す\n- it fails\n"
        said = [said for role, said in turns(tmp_path / "a.md", text) if role == SAID]
        assert said == ["- it is slow", "- it fails"]

    def test_of_a_table_what_was_found_is_said_and_not_what_it_is_rated(self, tmp_path: Path) -> None:
        text = (
            "# Talk\n\n| Finding | Severity | 対応 |\n|---|---|---|\n| The map is slow. | High | More. |\n"
            "| It is hard to find. | Low | |\n"
        )
        assert rows(tmp_path / "a.md", text)[0]["text"] == "The map is slow.\nIt is hard to find."

    def test_numbered_questions_are_the_guide(self, tmp_path: Path) -> None:
        text = "1. When do you use it?\nEvery morning.\n2. なぜですか？\n速いので。\n"
        assert turns(tmp_path / "a.txt", text) == [
            (ASKED, "1. When do you use it?"),
            (SAID, "Every morning."),
            (ASKED, "2. なぜですか？"),
            (SAID, "速いので。"),
        ]

    def test_several_participants_in_one_file_are_several_interviews(self, tmp_path: Path) -> None:
        text = (
            "# Study 3\n## Method\nWe called.\n## Participant 1\n- slow\n### Export\n- fails\n"
            "## Participant 2 (NGO)\n- fine\n## Next steps\n- ship\n"
        )
        assert [(row["external_id"], row["title"]) for row in rows(tmp_path / "a.md", text)] == [
            ("a.md#Participant 1", "Study 3: Participant 1"),
            ("a.md#Participant 2 (NGO)", "Study 3: Participant 2 (NGO)"),
        ]

    def test_participants_with_one_name_stay_two_and_priorities_are_none(self, tmp_path: Path) -> None:
        text = "## Participant 1\n- slow\n## Participant 1\n- fails\n"
        assert [row["external_id"] for row in rows(tmp_path / "a.md", text)] == [
            "a.md#Participant 1",
            "a.md#Participant 1 (2)",
        ]
        assert len(rows(tmp_path / "b.md", "## P1 bugs\n- slow\n## P2 bugs\n- fails\n")) == 1
        assert len(rows(tmp_path / "c.md", "## P1 (nurse)\n- slow\n## P2 (cook)\n- fails\n")) == 2

    def test_a_note_of_plans_alone_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Unreadable, match="nothing that was said"):
            rows(tmp_path / "a.md", "# Talk\n\n## Next steps\n- ship\n")

    def test_colons_alone_make_no_speakers(self, tmp_path: Path) -> None:
        (values,) = rows(tmp_path / "note.txt", "Product: Koe\nNote: it is slow\n")
        assert values["text"] == "Product: Koe\nNote: it is slow"
        listed = "# Home\n- Query Tool: Slow\n- Downloads: links should download\n- Tabs: Expected more\n"
        (values,) = rows(tmp_path / "a.md", listed)
        assert "Downloads: links should download" in values["text"]


WHEN, MORNING, WHY = "When do you use it?", "Every morning.\n\nBefore we meet.", "Why?"
LAYOUTS = {
    "colon": f"Interviewer: {WHEN}\nAya: {MORNING}\nInterviewer: {WHY}\n",
    "bold": f"**Interviewer:** {WHEN}\n\n**Aya:** {MORNING}\n\n**Interviewer:** {WHY}\n",
    "below": f"Interviewer:\n{WHEN}\nAya:\n{MORNING}\nInterviewer:\n{WHY}\n",
    "letters": f"Q1: {WHEN}\nA1: {MORNING}\nQ2. {WHY}\n",
    "only questions": f"Q. {WHEN}\n{MORNING}\nQ. {WHY}\n",
    "role in brackets": f"Jo (interviewer): {WHEN}\nAya: {MORNING}\nJo (interviewer): {WHY}\n",
    "participant": f"Jo: {WHEN}\nP3: {MORNING}\nJo: {WHY}\n",
    "zoom": f"[Jo] 10:02:11\n{WHEN}\n\n[Aya] 10:02:15\n{MORNING}\n\n[Jo] 10:02:30\n{WHY}\n",
    "zoom chat": (
        f"10:02:11 From Jo to Everyone: {WHEN}\n10:02:15 From Aya to Jo (Direct Message): {MORNING}\n"
        f"10:02:30 From Jo to Everyone: {WHY}\n"
    ),
    "otter": (
        f"Jo  0:05\n{WHEN}\n\nAya  0:09\n{MORNING}\n\nJo  1:02:30\n{WHY}\n\nTranscribed by https://otter.ai\n"
    ),
    "time first": f"00:05 Jo: {WHEN}\n00:09 Aya: {MORNING}\n[00:30] Jo: {WHY}\n",
}


class TestSpeakers:
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_who_asks_and_who_answers_is_told_in_every_layout(self, tmp_path: Path, layout: str) -> None:
        ending = ".md" if layout == "bold" else ".txt"
        assert turns(tmp_path / f"a{ending}", LAYOUTS[layout]) == [
            (ASKED, WHEN),
            (SAID, MORNING),
            (ASKED, WHY),
        ]

    @pytest.mark.parametrize(
        ("asks", "answers"),
        [
            ("聞き手：", "佐藤："),
            ("インタビュアー:", "山田様:"),
            ("【山田（聞き手）】", "【佐藤】"),
            ("（聞き手）", "（佐藤）"),
            ("Ｑ．", "Ａ．"),
            ("問1 ", "答1 "),
            ("――", "佐藤："),
            ("・山田（司会）：", "・参加者A："),
        ],
    )
    def test_japanese_layouts(self, tmp_path: Path, asks: str, answers: str) -> None:
        if answers == "答1 ":
            asks, answers = "問1）", "答1）"
        text = f"{asks}いつ使いますか？\n{answers}毎朝です。\n（笑）\n会議の前に。\n{asks}なぜ？\n"
        assert turns(tmp_path / "a.txt", text) == [
            (ASKED, "いつ使いますか？"),
            (SAID, "毎朝です。\n（笑）\n会議の前に。"),
            (ASKED, "なぜ？"),
        ]

    def test_what_stands_above_the_talk_is_context_and_tells_the_day(self, tmp_path: Path) -> None:
        text = "日時：2026年5月3日 10:00\n参加者：佐藤、山田\n\n聞き手：なぜ？\n佐藤：遅いので。\n"
        (values,) = rows(tmp_path / "a.txt", text)
        assert values["created_at"] == "2026-05-03"
        assert [message["author_role"] for message in values["messages"]] == [ASKED, ASKED, SAID]

    def test_a_day_with_a_time_gives_every_turn_its_own(self, tmp_path: Path) -> None:
        text = "---\ndate: 2026-05-03T10:00\n---\nJo  10:02:05\nWhy?\n\nP1  10:03:10\nIt is slow.\n"
        (values,) = rows(tmp_path / "a.md", text)
        assert [message["created_at"] for message in values["messages"]] == [
            "2026-05-03T10:00:00",
            "2026-05-03T10:01:05",
        ]

    def test_an_agenda_has_times_and_no_speakers(self, tmp_path: Path) -> None:
        (values,) = rows(tmp_path / "a.txt", "Welcome 10:00\nDemo 10:10\nTalk 10:30\n\nThe export is slow.\n")
        assert values["text"].endswith("The export is slow.")


TALK = (
    "Mika: How do you export?\nTom: I do not.\nMika: Why is that?\nTom: It fails.\nAnn: For me too.\n"
    "Mika: Since when?\n"
)


class TestRoles:
    def test_who_asks_most_is_the_interviewer_and_the_report_says_so(self, tmp_path: Path) -> None:
        assert [role for role, _ in turns(tmp_path / "a.txt", TALK)] == [
            ASKED,
            SAID,
            ASKED,
            SAID,
            SAID,
            ASKED,
        ]
        assert "who asks most was taken for the interviewer" in open_file(tmp_path / "a.txt").notes[0]

    def test_the_caller_knows_better(self, tmp_path: Path) -> None:
        said = [text for role, text in turns(tmp_path / "a.txt", TALK, "tom", "ANN") if role == SAID]
        assert said == ["How do you export?", "Why is that?", "Since when?"]
        assert open_file(tmp_path / "a.txt", interviewers=["Tom"]).notes == ()

    def test_where_nobody_asks_more_than_others_all_are_customers(self, tmp_path: Path) -> None:
        text = "Mika: It is slow.\nTom: Is it?\nMika: It is.\nTom: I see.\nMika: Do you?\nTom: Very.\n"
        (values,) = rows(tmp_path / "a.txt", text)
        assert "Is it?" in values["text"]
        assert "--interviewer" in open_file(tmp_path / "a.txt").notes[0]

    def test_a_customer_who_asks_back_stays_one(self, tmp_path: Path) -> None:
        text = "Participant: Can it export?\nJo: Yes.\nParticipant: And print?\nJo: No.\nParticipant: Why?\n"
        assert {said for role, said in turns(tmp_path / "a.txt", text) if role == ASKED} == {"Yes.", "No."}


VTT = """WEBVTT - a talk

NOTE written
by a program

STYLE
::cue { color: red }

1
00:00:01.000 --> 00:00:02.000 align:start
<v Jo>When do you
use it?</v>

0b1c-7
00:00:02.500 --> 00:00:04.000
<v.loud Aya>Every &amp; all

3
00:05.000 --> 00:06.000
<v Aya>mornings.</v>

4
00:00:16.000 --> 00:00:17.000
<v Aya>Before <i>we</i> meet.</v>

5
00:00:18.000 --> 00:00:19.000
<v Jo>Why?</v>
"""
SRT = """1
00:00:01,000 --> 00:00:02,000
聞き手：いつ使いますか？

00:00:03,000 --> 00:00:04,000
佐藤：毎朝

3
00:00:04,500 --> 00:00:05,000
使っています。
"""


class TestCaptions:
    def test_voices_and_merged_cues(self, tmp_path: Path) -> None:
        assert turns(tmp_path / "a.vtt", "\ufeff" + VTT.replace("\n", "\r\n")) == [
            (ASKED, "When do you use it?"),
            (SAID, "Every & all mornings."),
            (SAID, "Before we meet."),
            (ASKED, "Why?"),
        ]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp932"])
    def test_subtitles_in_any_encoding_and_without_numbers(self, tmp_path: Path, encoding: str) -> None:
        data = SRT.replace("\n", "\r\n").encode(encoding)
        assert turns(tmp_path / "a.srt", data) == [(ASKED, "いつ使いますか？"), (SAID, "毎朝使っています。")]

    def test_a_time_in_what_is_said_is_no_speaker(self, tmp_path: Path) -> None:
        cues = [
            "00:01.000 --> 00:02.000\nJo: When?",
            "00:03.000 --> 00:04.000\nP1: 10:30 Meeting: late",
            "00:05.000 --> 00:06.000\nJo: Why?",
        ]
        text = "\n\n".join(["WEBVTT", *cues])
        assert turns(tmp_path / "a.vtt", text)[1] == (SAID, "10:30 Meeting: late")

    def test_captions_without_speakers_are_one_voice(self, tmp_path: Path) -> None:
        text = "1\n00:00:01,000 --> 00:00:02,000\nThe export\n2\n00:00:02,100 --> 00:00:04,000\nis slow.\n"
        assert rows(tmp_path / "a.srt", text)[0]["text"] == "The export is slow."
        assert "no speaker is named" in open_file(tmp_path / "a.srt").notes[0]

    def test_only_japanese_and_chinese_lines_are_joined_without_a_space(self, tmp_path: Path) -> None:
        text = "00:01.000 --> 00:02.000\n{}\n{}\n"
        for first, second, whole in (("毎朝", "使う。", "毎朝使う。"), ("매일", "써요", "매일 써요")):
            written = f"WEBVTT\n\n{text.format(first, second)}"
            assert rows(tmp_path / "a.vtt", written)[0]["text"] == whole

    def test_captions_that_roll_are_read_once(self, tmp_path: Path) -> None:
        text = "00:01.000 --> 00:02.000\nThe export\n\n00:02.000 --> 00:03.000\nThe export\nis slow.\n"
        assert rows(tmp_path / "a.vtt", f"WEBVTT\n\n{text}")[0]["text"] == "The export is slow."


class TestDocuments:
    def test_word_headings_lists_and_changes(self, tmp_path: Path) -> None:
        struck = f"<w:del>{run('never')}</w:del><w:ins>{run('hardly')}</w:ins>"
        path = write_docx(
            tmp_path / "a.docx",
            paragraph(run("Talk with Aya"), style="Title"),
            paragraph(run("Export"), style="2"),
            paragraph(run("It ") + struck + run(" works.")),
            paragraph(run("slow"), listed=True),
            paragraph(run("Next steps"), style="2"),
            paragraph(run("Mend it.")),
            styles='<w:style w:styleId="2"><w:name w:val="heading 2"/></w:style>',
        )
        (values,) = rows(path)
        assert values["title"] == "Talk with Aya"
        assert turns(path) == [
            (ASKED, "Export"),
            (SAID, "It hardly works.\n\n- slow"),
            (ASKED, "Next steps"),
            (ASKED, "Mend it."),
        ]

    def test_a_meeting_that_teams_wrote_down(self, tmp_path: Path) -> None:
        path = write_docx(
            tmp_path / "a.docx",
            paragraph(run("Jo Doe   0:03\nWhen do you use it?")),
            paragraph(run("Aya   0:07\nEvery morning.")),
            paragraph(run("Jo Doe   0:09\nWhy?")),
        )
        assert turns(path) == [(ASKED, "When do you use it?"), (SAID, "Every morning."), (ASKED, "Why?")]

    def test_a_table_of_speakers(self, tmp_path: Path) -> None:
        path = write_docx(tmp_path / "a.docx", table(("聞き手", "いつ使いますか？"), ("佐藤", "毎朝です。")))
        assert turns(path) == [(ASKED, "いつ使いますか？"), (SAID, "毎朝です。")]

    @pytest.mark.parametrize("bomb", ["big", "many", "entities"])
    def test_a_bomb_is_refused_before_it_is_unpacked(self, tmp_path: Path, bomb: str) -> None:
        path = write_bomb(tmp_path / "a.docx", bomb, "word/document.xml")
        with pytest.raises(Unreadable, match="no ordinary document"):
            open_file(path)

    def test_an_entity_behind_a_long_comment_is_refused_too(self, tmp_path: Path) -> None:
        hidden = b"<!--" + b" " * 2_000 + b'--><!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'
        with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
            archive.writestr("word/document.xml", hidden)
        with pytest.raises(Unreadable, match="no Word document that can be read"):
            open_file(tmp_path / "a.docx")

    def test_pdf_lines_are_put_together_and_margins_are_gone(self, tmp_path: Path) -> None:
        path = write_pdf(
            tmp_path / "a.pdf",
            [
                "Study 3",
                "Interviewer: When do you use it?",
                "Aya: I use the export every morning before we",
                "meet.",
                "1 / 3",
            ],
            ["Study 3", "It is slow.", "Interviewer: Why?", "2 / 3"],
            ["Study 3", "Aya: No idea.", "3 / 3"],
        )
        assert turns(path) == [
            (ASKED, "When do you use it?"),
            (SAID, "I use the export every morning before we meet.\nIt is slow."),
            (ASKED, "Why?"),
            (SAID, "No idea."),
        ]

    def test_a_scan_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(Unreadable, match="pictures and no text"):
            open_file(write_pdf(tmp_path / "a.pdf", []))


MARKS = st.sampled_from(
    [
        *("Interviewer: ", "Aya: ", "聞き手：", "Q. ", "【山田】", "（笑）", "――", "1. x?\n", "Summary\n"),
        *(
            "\n",
            "\n\n",
            "# ",
            "## Participant 1\n",
            "> ",
            "- ",
            "**",
            "| a | b |\n|---|---|\n",
            "?",
            "。",
            "\0",
        ),
        *("WEBVTT\n", "<v Aya>", "00:00:01.000 --> 00:00:02.000\n", "NOTE\n", "---\ndate: x\n---\n"),
        *("[Aya] 10:02:11\n", "Aya  0:05\n", "10:00 "),
    ]
)
TEXTS = st.lists(st.one_of(MARKS, st.text(max_size=8)), max_size=40).map("".join)
BYTES = st.builds(
    bytes.__add__, st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04", b"WEBVTT\n"]), st.binary(max_size=200)
)
ANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class TestAnythingAtAll:
    @ANY
    @given(text=TEXTS, ending=st.sampled_from([".md", ".txt", ".vtt", ".srt"]))
    def test_any_text_is_read_alike_twice_or_refused(self, tmp_path: Path, text: str, ending: str) -> None:
        path = tmp_path / f"a{ending}"
        path.write_bytes(text.encode("utf-8", "replace"))
        try:
            read = list(open_file(path))
        except Unreadable:
            return
        assert read == list(open_file(path))
        assert all(
            row.values.get("text") or row.values.get("messages") for row in read if isinstance(row, Row)
        )

    @ANY
    @given(data=BYTES, ending=st.sampled_from([".md", ".txt", ".vtt", ".srt", ".docx", ".pdf"]))
    def test_any_bytes_are_read_or_refused(self, tmp_path: Path, data: bytes, ending: str) -> None:
        path = tmp_path / f"a{ending}"
        path.write_bytes(data)
        with contextlib.suppress(Unreadable):
            list(open_file(path))

    @ANY
    @given(
        xml=st.lists(
            st.one_of(st.text(max_size=6), st.sampled_from(["<w:p>", "</w:p>", "<w:t>x</w:t>", "<w:tbl/>"]))
        )
    )
    def test_any_word_document_is_read_or_refused(self, tmp_path: Path, xml: list[str]) -> None:
        path = write_docx(tmp_path / "a.docx", *xml)
        with contextlib.suppress(Unreadable):
            list(open_file(path))
