"""Interviews and chats that people really held: what comes of them is what customers said, and readable.

`pytest -s` prints the figures that stand in docs/quality.md.
"""

import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from connectors.files.notes import turns_in
from nlp.redact import redact
from nlp.segment import Turn, segment

pytestmark = pytest.mark.data

Real = Callable[[str], Path]

SMALL_TALK = ("openinggreeting", "closinggreeting", "thankyou", "confirmation", "rejection")
"""What the people who labelled the chats call turns that say nothing of one's concern."""
MARKS = re.compile(r"^#{1,6} |\*\*|!\[|\]\(|^\||<!--", re.MULTILINE)
TO_PARTICIPANTS = re.compile(r"\b(?:would|do|did|are|have|can|could) you\b[^?]*\?", re.IGNORECASE)


def voices(messages: Iterable[tuple[str, str]], channel: str) -> list[tuple[int, str]]:
    """Return what becomes of an item's messages: the number of the message, and the span."""
    text = ""
    turns: list[Turn] = []
    for role, raw in messages:
        words = redact(raw).text.strip()
        text += "\n\n" if text and words else ""
        turns.append(Turn(len(text), len(text) + len(words), role))
        text += words
    found = segment(text, turns, title_end=0, channel=channel, lang="en").spans
    places = [
        next(at for at, turn in enumerate(turns) if turn.start <= start < turn.end) for start, _ in found
    ]
    return [(at, text[start:end]) for at, (start, end) in zip(places, found, strict=True)]


def tell(figures: str) -> None:
    sys.stdout.write(f"\n{figures}\n")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_notes_of_interviews_hold_what_participants_said(real: Real) -> None:
    notes = rows(real("onrr_user_research/participant_notes.csv"))
    said = [span for row in notes for _, span in voices([("customer", row["note"])], "interview")]
    asked = [span for span in said if TO_PARTICIPANTS.search(span)]
    short = [span for span in said if len(span.split()) < 3]
    tell(f"{len(notes)} notes: {len(said)} voices, {len(asked)} asked by interviewers, {len(short)} short")
    assert len(said) >= 200
    assert len(asked) <= 0.01 * len(said)
    assert len(short) <= 0.05 * len(said)


def test_reports_of_studies_come_in_without_headings_plans_and_marks(real: Real) -> None:
    lines = real("onrr_user_research/study_results.jsonl").read_text(encoding="utf-8").splitlines()
    reports = [json.loads(line)["text"] for line in lines]
    said = headed = marked = 0
    for report in reports:
        turns = [(turn["author_role"], turn["text"]) for turn in turns_in(report)]
        spans = [span for _, span in voices(turns or [("customer", report)], "interview")]
        headings = {line.lstrip("# ").strip() for line in report.splitlines() if line.startswith("#")}
        said += len(spans)
        headed += sum(span in headings for span in spans)
        marked += sum(MARKS.search(span) is not None for span in spans)
    tell(f"{len(reports)} reports: {said} voices, {headed} headings, {marked} with marks of Markdown")
    assert said >= 1_000
    assert headed <= 0.01 * said
    assert marked <= 0.01 * said


def test_chats_are_about_what_customers_want(real: Real) -> None:
    chats: Mapping[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(real("multidogo_chats/software.csv")):
        if row["utterance"].strip():
            chats[row["conversationId"]].append(row)
    labels = []
    for chat in chats.values():
        turns = sorted(chat, key=lambda row: int(row["turnNumber"]))
        said = voices([("customer", turn["utterance"]) for turn in turns], "chat")
        labels += [turns[at]["intent"] for at, _ in said]
    idle = sum(label in SMALL_TALK for label in labels)
    tell(f"{len(chats)} chats: {len(labels)} voices, {idle / len(labels):.3f} of them small talk by label")
    assert len(labels) >= len(chats)
    assert idle <= 0.09 * len(labels)
