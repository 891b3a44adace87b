"""Real files, as people publish them: imported without a mapping, whole, and once."""

import csv
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import text

from service.db import Database
from service.imports import ImportReport, Options, import_file
from service.models import MAIN
from service.pipeline import ingest

pytestmark = pytest.mark.data

Real = Callable[[str], Path]
PART = 3_000
"""Rows that are enough where the whole file was imported by another test."""


def take(db: Database, path: Path, noun: str = "feedback", channel: str | None = None) -> ImportReport:
    report = import_file(db, MAIN, noun, path, source="real", options=Options(channel=channel))
    assert report.received == report.stored + report.duplicates + report.rejected
    ingest.run(db, MAIN)
    return report


def figure(db: Database, query: str) -> int:
    with db.begin() as session:
        return int(session.execute(text(query)).scalar_one())


def test_support_questions(db: Database, real: Real) -> None:
    path = real("thunderbird_support/questions.csv")
    first = take(db, path)
    assert (first.stored, first.rejected) == (10_208, 0)
    assert first.recognised["text"] == "content"
    assert figure(db, "SELECT count(*) FROM item WHERE lang_given") > 10_000
    assert figure(db, "SELECT count(*) FROM message WHERE raw ~ '</?(p|div|br|li)>'") < 20
    again = take(db, path)
    assert (again.stored, again.duplicates, again.updated) == (0, 10_208, 0)


def test_support_articles(db: Database, real: Real) -> None:
    report = take(db, real("thunderbird_support/kb_articles_seen.csv"), noun="articles")
    assert (report.stored, report.rejected) == (491, 1)
    assert report.recognised == {
        "external_id": "kb_slug",
        "title": "anchor_title_guess",
        "lang": "main_question_locale",
    }


def test_every_answer_of_a_survey_is_a_voice_of_its_own(db: Database, real: Real) -> None:
    path = real("fukui_tourism_survey_ja/comments.csv")
    first = take(db, path, channel="survey")
    assert (first.stored, first.duplicates, first.rejected) == (24_448, 0, 0)
    assert (
        figure(db, "SELECT count(*) FROM item WHERE channel = 'survey' AND rating BETWEEN 1 AND 5") == 24_448
    )
    again = take(db, path, channel="survey")
    assert (again.stored, again.duplicates, again.updated) == (0, 24_448, 0)


def test_the_survey_in_the_encoding_of_japanese_spreadsheets(
    db: Database, real: Real, tmp_path: Path
) -> None:
    with (
        real("fukui_tourism_survey_ja/comments.csv").open(encoding="utf-8-sig", newline="") as words,
        (tmp_path / "comments.csv").open("w", encoding="cp932", errors="replace", newline="") as written,
    ):
        csv.writer(written).writerows(islice(csv.reader(words), 1 + PART))
    report = take(db, tmp_path / "comments.csv", channel="survey")
    assert (report.encoding, report.stored) == ("cp932", PART)


def test_chats_by_turns(db: Database, real: Real) -> None:
    report = take(db, real("multidogo_chats/software.csv"))
    assert report.received == 18_635
    assert report.stored > 18_600
    assert {reason for _, reason in report.rejects} == {"no text"}
    assert 2_300 < figure(db, "SELECT count(*) FROM item") < 2_400
    assert figure(db, "SELECT count(*) FROM item WHERE channel <> 'chat'") == 0
