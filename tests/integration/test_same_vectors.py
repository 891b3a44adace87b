"""A text has the same vector, bit for bit, whichever way it came: in a run, live, or after a crash."""

import csv
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlmodel import select

from nlp.embedders import open_embedders
from service.db import Database
from service.imports import Options, import_file
from service.models import MAIN, Span
from service.pipeline.run import run, take_in, take_live
from service.repositories import embeddings
from tests.demo import demo_ports

TEXTS = (
    "Sending mail fails after the update.",
    "I cannot send any mail since the update, and it says the password is wrong every single time.",
    "The calendar on my phone does not show what I added on the computer yesterday evening.",
    "ログイン画面から先に進めず、パスワードを変更しても同じエラーが出ます。",
    "CSVの書き出しに失敗しました。",
    "Ich kann mich seit dem letzten Update nicht mehr anmelden, es kommt immer derselbe Fehler.",
    "The export stops at row 500. I tried it with three browsers. Support told me to wait.",
)
KILLED = """
import os, signal, sys
from service.db import Database
from service.models import MAIN
from service.pipeline import embed
from service.pipeline.run import run
from tests.demo import demo_ports

def killed(stage, done, total):
    if stage == "embed" and done:
        os.kill(os.getpid(), signal.SIGKILL)

embed.BATCH = 2
run(Database.at(sys.argv[1]), MAIN, demo_ports(), progress=killed)
"""


def hear(db: Database, folder: Path, texts: Sequence[str]) -> None:
    """Import one ticket a text, and take it in."""
    path = folder / "tickets.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "created_at", "text"])
        rows.writerows([str(TEXTS.index(text)), "2026-05-04", text] for text in texts)
    import_file(db, MAIN, "feedback", path, source="tickets", options=Options(channel="ticket"))


def vectors(db: Database) -> dict[str, bytes]:
    """Return the bits of each span's vector."""
    embedders, found = open_embedders(), {}
    with db.begin() as session:
        for span in session.exec(select(Span)).all():
            name = embedders.for_language(span.lang).name
            found[span.text] = embeddings.load(session, MAIN, name, [span.content_hash]).tobytes()
    return found


def test_in_a_run_live_or_after_a_kill(db: Database, second_url: str, tmp_path: Path) -> None:
    hear(db, tmp_path, TEXTS)
    run(db, MAIN, demo_ports())
    of_a_run = vectors(db)
    assert len(of_a_run) >= len(TEXTS)

    other = Database.at(second_url)
    hear(other, tmp_path, TEXTS[:4])
    take_in(other, MAIN)
    killed = subprocess.run([sys.executable, "-c", KILLED, second_url])
    assert killed.returncode == -signal.SIGKILL
    run(other, MAIN, demo_ports())
    for text in TEXTS[4:]:
        hear(other, tmp_path, [text])
        take_live(other, MAIN, open_embedders())
    assert vectors(other) == of_a_run
    other.close()
