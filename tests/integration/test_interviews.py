"""Interviews by the command line: what participants say is a voice, what interviewers say never is."""

import json
from pathlib import Path
from typing import Any

from tests.cli import Koe
from tests.documents import paragraph, run, write_docx

ASKED = ("How do you export the figures?", "Why does it fail?", "毎朝使いますか？")
SAID = (
    "The export of the figures fails every evening.",
    "It times out after a minute.",
    "毎朝会議の前に使っています。",
)
TALKS = {
    "notes.md": "# Talk\n\n**Interviewer:** {0}\n\n**Aya:** {1}\n\n**Interviewer:** {2}\n\n**Aya:** {3}\n",
    "zoom.txt": "[Jo] 10:02:11\n{0}\n\n[Aya] 10:02:15\n{1}\n\n[Jo] 10:02:30\n{2}\n\n[Aya] 10:02:35\n{3}\n",
    "teams.vtt": (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Jo>{0}</v>\n\n00:03.000 --> 00:04.000\n<v Aya>{1}</v>\n\n"
        "00:05.000 --> 00:06.000\n<v Jo>{2}</v>\n\n00:07.000 --> 00:08.000\n<v Aya>{3}</v>\n"
    ),
    "ja.srt": "00:00:01,000 --> 00:00:02,000\n聞き手：{4}\n\n00:00:03,000 --> 00:00:04,000\n佐藤：{5}\n",
}


def write_all(folder: Path) -> Path:
    folder.mkdir()
    words = (ASKED[0], SAID[0], ASKED[1], SAID[1], ASKED[2], SAID[2])
    for name, talk in TALKS.items():
        (folder / name).write_text(talk.format(*words), encoding="utf-8")
    turns = (
        f"Jo   0:03\n{ASKED[0]}",
        f"Aya   0:07\n{SAID[0]}",
        f"Jo   0:09\n{ASKED[1]}",
        f"Aya   0:12\n{SAID[1]}",
    )
    write_docx(folder / "teams.docx", *(paragraph(run(turn)) for turn in turns))
    return folder


def exported(koe: Koe, noun: str) -> list[dict[str, Any]]:
    assert koe("export", noun, "--out", f"{noun}.jsonl").status == 0
    return [json.loads(line) for line in (koe.folder / f"{noun}.jsonl").read_text("utf-8").splitlines()]


def test_only_what_participants_say_is_a_voice(koe: Koe, tmp_path: Path) -> None:
    folder = write_all(tmp_path / "talks")
    said = koe("import", "feedback", folder, "--source", "talks", "--json").json
    assert (said["stored"], said["rejected"]) == (5, 0)
    assert koe("run").status == 0
    voices = exported(koe, "assignments")
    assert {voice["text"] for voice in voices} == set(SAID)
    assert len(voices) == 2 * 4 + 1
    kept = "\n".join(item["text"] for item in exported(koe, "items"))
    assert all(question in kept for question in ASKED)


def test_the_caller_names_who_asks(koe: Koe, tmp_path: Path) -> None:
    talk = tmp_path / "talk.txt"
    talk.write_text(
        "Jo: The day was long.\nAya: The export is slow.\nJo: I hear you.\nAya: It fails daily.\n"
    )
    said = koe("import", "feedback", talk, "--source", "a", "--interviewer", "Jo", "--json").json
    assert said["notes"] == [note for note in said["notes"] if "--interviewer" not in note]
    assert {voice["text"] for voice in exported(koe, "assignments")} == {
        "The export is slow.",
        "It fails daily.",
    }


def test_a_table_of_participants_holds_interviews(koe: Koe, tmp_path: Path) -> None:
    table = tmp_path / "notes.csv"
    table.write_text(
        "participant,note\nP1,Recommendation: The map is slow. The cards are hard to find.\n"
        "P2,The colours are alike.\n"
    )
    said = koe("import", "feedback", table, "--source", "a", "--json").json
    assert any("notes of interviews" in note for note in said["notes"])
    assert [item["channel"] for item in exported(koe, "items")] == ["interview", "interview"]
    assert len(exported(koe, "assignments")) == 3


def test_a_talk_may_stand_in_one_cell(koe: Koe, tmp_path: Path) -> None:
    talk = "Agent: How can I help?\nCustomer: The export fails every day.\nAgent: Why?\n"
    note = "# Talk\n\n## Goals\n- learn\n\n## Export\n- _It is slow every day_\n"
    rows = [
        {"id": 1, "transcript": talk},
        {"id": 2, "channel": "interview", "text": note},
        {"id": 3, "transcript": "[{broken"},
    ]
    records = tmp_path / "talks.jsonl"
    records.write_text("".join(f"{json.dumps(record)}\n" for record in rows))
    said = koe("import", "feedback", records, "--source", "a", "--json").json
    assert (said["stored"], said["rejected"]) == (2, 1)
    assert {voice["text"] for voice in exported(koe, "assignments")} == {
        "The export fails every day.",
        "It is slow every day",
    }
    assert "How can I help?" in exported(koe, "items")[0]["text"]
