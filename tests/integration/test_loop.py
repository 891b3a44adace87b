"""The whole loop on the demo company's voices: nothing twice, nothing lost, the same everywhere."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.db import Database
from service.exports import EXPORTS, export
from service.imports import Options, import_file
from service.models import MAIN
from service.pipeline.run import run
from tests.demo import demo_ports, feed_demo

ZONE = ZoneInfo("Asia/Tokyo")
Rows = list[dict[str, object]]
ON_ONE_CORE = """
import os, sys
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from service.db import Database
from tests.demo import take_through_the_loop
take_through_the_loop(Database.at(sys.argv[1]))
"""


def read(db: Database, noun: str, folder: Path) -> Rows:
    out = folder / f"{noun}.jsonl"
    export(db, MAIN, noun, out, zone=ZONE)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def digests(db: Database, folder: Path) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    found = {}
    for noun in EXPORTS:
        export(db, MAIN, noun, folder / noun, zone=ZONE)
        found[noun] = hashlib.sha256((folder / noun).read_bytes()).hexdigest()
    return found


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_every_export_can_be_written_in_every_form(demo_db: Database, tmp_path: Path, form: str) -> None:
    counts = {n: export(demo_db, MAIN, n, tmp_path / n, zone=ZONE, form=form) for n in EXPORTS}
    assert [noun for noun, count in counts.items() if count == 0] == []


class TestExports:
    def test_every_item_appears_once_and_what_has_content_is_mostly_in_a_theme(
        self, demo_db: Database, tmp_path: Path
    ) -> None:
        items = read(demo_db, "items", tmp_path)
        keys = Counter((row["source"], row["external_id"]) for row in items)
        assert len(items) >= 600
        assert set(keys.values()) == {1}
        with_content = [row for row in items if row["set_aside"] is None]
        themed = [row for row in with_content if row["theme_id"] is not None]
        assert len(themed) > len(with_content) / 2

    def test_every_span_stands_where_its_offsets_say(self, demo_db: Database, tmp_path: Path) -> None:
        texts = {(r["source"], r["external_id"]): str(r["text"]) for r in read(demo_db, "items", tmp_path)}
        spans = read(demo_db, "assignments", tmp_path)
        assert spans
        for row in spans:
            text = texts[row["source"], row["external_id"]]
            assert text[int(str(row["start"])) : int(str(row["end"]))] == row["text"]

    def test_every_citation_of_a_draft_points_into_a_text(self, demo_db: Database, tmp_path: Path) -> None:
        lengths = {
            (r["source"], r["external_id"]): len(str(r["text"])) for r in read(demo_db, "items", tmp_path)
        }
        drafts = [row["draft"] for row in read(demo_db, "suggestions", tmp_path) if row["draft"]]
        citations = [c for draft in drafts for c in draft["citations"]]  # type: ignore[index]
        assert citations
        for cited in citations:
            assert 0 <= cited["start"] < cited["end"]
            known = lengths.get((cited["source"], cited["external_id"]))
            assert known is None or cited["end"] <= known  # None: it points into an article

    def test_a_theme_is_named_in_its_own_language_and_never_by_a_placeholder(
        self, demo_db: Database, tmp_path: Path
    ) -> None:
        themes = [row for row in read(demo_db, "themes", tmp_path) if row["parent_id"] is None]
        assert len(themes) >= 10
        titles = [str(row["title"]) for row in themes]
        assert len(set(titles)) == len(titles)
        assert [title for title in titles if "[" in title or not title.strip()] == []

    def test_both_languages_have_themes(self, demo_db: Database, tmp_path: Path) -> None:
        titles = [row["titles"] for row in read(demo_db, "themes", tmp_path)]
        assert {lang for each in titles for lang, text in each.items() if text} == {"en", "ja"}  # type: ignore[attr-defined]


def test_feeding_and_running_again_changes_no_byte(demo_db: Database, tmp_path: Path) -> None:
    before = digests(demo_db, tmp_path / "before")
    feed_demo(demo_db)
    run(demo_db, MAIN, demo_ports())
    assert digests(demo_db, tmp_path / "after") == before


def test_two_empty_homes_fed_alike_export_the_same_bytes_on_all_cores_and_on_one(
    demo_db: Database, db: Database, url: str, tmp_path: Path
) -> None:
    variables = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "1"}
    subprocess.run([sys.executable, "-c", ON_ONE_CORE, url], env=os.environ | variables, check=True)
    assert digests(db, tmp_path / "second") == digests(demo_db, tmp_path / "first")


def test_a_ticket_that_is_updated_stays_in_its_theme(demo_db: Database, tmp_path: Path) -> None:
    before = {r["span_id"]: r["theme_id"] for r in read(demo_db, "assignments", tmp_path)}
    row = next(
        r for r in read(demo_db, "items", tmp_path) if r["source"] == "demo-tickets-en" and r["theme_id"]
    )
    reply = {
        "thread_id": row["external_id"],
        "author_role": "agent",
        "created_at": "2026-05-04T10:00:00+09:00",
    }
    path = tmp_path / "reply.jsonl"
    path.write_text(
        json.dumps({**reply, "text": "Thank you, we are looking into it."}) + "\n", encoding="utf-8"
    )

    import_file(demo_db, MAIN, "feedback", path, source="demo-tickets-en", options=Options(channel="ticket"))
    run(demo_db, MAIN, demo_ports())
    after = {r["span_id"]: r["theme_id"] for r in read(demo_db, "assignments", tmp_path)}
    moved = [span for span, theme in before.items() if span in after and after[span] != theme]
    assert len(moved) <= len(before) * 0.03
    assert {str(t) for t in before.values()} & {str(t) for t in after.values()}
