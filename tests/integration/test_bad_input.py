"""What nobody would call feedback, taken the whole way: a sensible result or a clear word, never a crash."""

import csv
import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from service.db import Database
from service.imports import Options, import_file
from service.models import MAIN, Assignment, Item, Theme
from service.pipeline.report import Report
from service.pipeline.run import run
from tests.demo import demo_ports

EQUAL_ROWS = int(os.environ.get("KOE_TEST_EQUAL_ROWS", "2000"))
MOST_MEMORY = 2.0
"""GiB that a run over equal rows may need, whatever their number."""
EMOJI = "😀😃😄😁😆😅😂🙂🙃😉😊😇😍😘😋😜😎😏😒😞😔😟😕😣😖😫😩😢😭😤😠😡😳😱😨😰😥😓"


def take(db: Database, folder: Path, texts: Iterable[str]) -> list[Report]:
    """Import one ticket a text, and run everything."""
    import_file(db, MAIN, "feedback", written(folder, texts), source="odd", options=Options(channel="ticket"))
    return run(db, MAIN, demo_ports())


def written(folder: Path, texts: Iterable[str]) -> Path:
    """Write the texts as a file that can be imported."""
    path = folder / "odd.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "created_at", "text"])
        rows.writerows([f"odd-{number}", "2026-05-04", text] for number, text in enumerate(texts))
    return path


def themes(db: Database) -> dict[str, int]:
    """Return the title of each upper theme and how many items it holds."""
    with db.begin() as session:
        rows = session.exec(
            select(Theme.title, func.count(col(Assignment.span_id).distinct()))
            .join(Assignment, col(Assignment.theme_id) == col(Theme.id))
            .where(col(Theme.parent_id).is_(None), ~col(Theme.retired))
            .group_by(col(Theme.id))
        ).all()
    return dict(rows)


def set_aside(db: Database) -> list[str | None]:
    with db.begin() as session:
        return sorted(session.exec(select(Item.set_aside)).all(), key=str)


@pytest.mark.parametrize("texts", [["", " ", "\n\t"], ["-", "…", "。", "?!"]], ids=["empty", "signs"])
def test_texts_that_say_nothing_make_no_theme(db: Database, tmp_path: Path, texts: Sequence[str]) -> None:
    reports = take(db, tmp_path, texts)
    assert themes(db) == {}
    assert sum(report.failed for report in reports) == 0


def test_one_item_alone_is_heard_and_stays_without_a_theme(db: Database, tmp_path: Path) -> None:
    take(db, tmp_path, ["The export to CSV stops half-way."])
    assert set_aside(db) == [None]
    assert themes(db) == {}


def test_equal_items_are_one_theme_with_a_title_out_of_their_words(db: Database, tmp_path: Path) -> None:
    take(db, tmp_path, ["The export to CSV stops half-way."] * 30)
    [(title, size)] = themes(db).items()
    assert size == 30
    assert "export" in title.casefold()


def test_items_of_emoji_only_break_nothing(db: Database, tmp_path: Path) -> None:
    reports = take(db, tmp_path, [each * (1 + number % 3) for number, each in enumerate(EMOJI)] + ["👍"] * 9)
    assert sum(report.failed for report in reports) == 0
    assert all(title.strip() for title in themes(db))


@pytest.mark.parametrize(
    "text",
    [
        "The export stops. " * 1_112,
        "書き出しが途中で止まります。" * 1_429,
        "x" * 20_000,
        "あ" * 20_000,
        "😀" * 20_000,
    ],
    ids=["English", "Japanese", "one word", "one letter", "one emoji"],
)
def test_tickets_of_20_000_characters_are_read(db: Database, tmp_path: Path, text: str) -> None:
    reports = take(db, tmp_path, [f"{text}{number}" for number in range(4)])
    assert sum(report.failed for report in reports) == 0
    with db.begin() as session:
        assert all(len(each or "") >= 1 for each in session.exec(select(Item.text)))


def test_languages_that_nobody_knows_and_mixed_scripts_are_grouped_by_what_they_share(
    db: Database, tmp_path: Path
) -> None:
    kinds = {
        "qapla": "tlhIngan maH! nuqneH Dujmey {} veQDuj 'oH",
        "mixed": "ログイン error 0x80070005 после обновления 無法登入 {}回",
        "geez": "ሰላም ችግር አለ መግባት አልቻልኩም {}",
        "marks": "a\u0301e\u0300\u202eabc\u200b {} \ufeff\u0000",
        "letters": "Ⓛⓞⓖⓘⓝ ＦＡＩＬＥＤ １２３ ﾛｸﾞｲﾝ ﾃﾞｷﾅｲ {}",
    }
    texts = [text.format(number) for text in kinds.values() for number in range(12)]
    reports = take(db, tmp_path, texts)
    assert sum(report.failed for report in reports) == 0
    assert all(title.strip() for title in themes(db))
    with db.begin() as session:
        assert session.exec(select(func.count()).select_from(Item)).one() == len(texts)


TAKEN_ALONE = """
import sys
from pathlib import Path
from service.db import Database
from tests.integration.test_bad_input import take_equal_rows
take_equal_rows(Database.at(sys.argv[1]), Path(sys.argv[2]))
"""


def take_equal_rows(db: Database, folder: Path) -> None:
    take(db, folder, ["The export to CSV stops half-way."] * EQUAL_ROWS)


def test_many_equal_rows_are_one_theme_in_bounded_memory(db: Database, url: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", TAKEN_ALONE, url, str(tmp_path)], check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    assert list(themes(db).values()) == [EQUAL_ROWS]
    assert peak < MOST_MEMORY
