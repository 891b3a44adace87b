"""`koe source` and `koe dead-letters`, as a new user meets them: what is printed works as it stands."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import col, select

from service import trying
from service.access.senders import PROOFS
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Item, WebhookCall
from service.pipeline import ingest
from service.repositories import themes
from tests.calling import call, open_door
from tests.cli import Koe, Said
from tests.live import serving

KEY = "a key for tests that is long enough"
NASTY = 'It\'s "50 %" off! $HOME `date` \\n $(exit 1) !! 「請求書」が届かない…'


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The commands, beside a server over the same database."""

    koe: Koe
    db: Database

    def __call__(self, command: str, *more: str) -> Said:
        return self.koe(*command.split(), *more)

    def kept(self) -> list[object]:
        """Return what was sent."""
        with self.db.begin() as session:
            bodies = session.exec(select(WebhookCall.body).order_by(col(WebhookCall.sequence)))
            return [json.loads(body) for body in bodies]


@pytest.fixture
def desk(koe: Koe, db: Database, url: str) -> Iterator[Desk]:
    settings = Settings(secret_key=SecretStr(KEY), database_url=url)
    with serving(create_app(db, settings)) as address:
        own = {"KOE_DATABASE_URL": url, "KOE_SECRET_KEY": KEY, "KOE_PUBLIC_URL": address}
        yield Desk(koe=Koe(folder=koe.folder, settings={**koe.settings, **own}, loaded=koe.loaded), db=db)


def paste(line: str) -> str:
    """Return what a shell prints for a line that is typed into it, where `!` means something."""
    shell = ["bash", "--norc", "-o", "history", "-o", "histexpand"]
    done = subprocess.run(shell, input=f"{line}\n", capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.stdout.strip()


def test_the_printed_line_works_as_it_stands(desk: Desk) -> None:
    for proof in PROOFS:
        said = desk("source add generic", f"by-{proof}", "--auth", proof, "--json").json
        assert paste(said["curl"]) == "200"
        sent = desk.kept()[-1]
        assert isinstance(sent, list)
        assert [each["customer_id"] for each in sent] == ["try-1", "try-2", "try-3", "try-4"]
        checked = desk("source test", f"by-{proof}")
        assert checked.status == 0
        assert "the secret is right" in checked.out
        assert paste(checked.out.strip().splitlines()[-1]) == "200"
    ingest.run(desk.db, MAIN)
    with desk.db.begin() as session:
        assert len(session.exec(select(Item.id)).all()) == 24


def test_any_words_come_through_a_shell(desk: Desk) -> None:
    for proof in PROOFS:
        said = desk("source add generic", f"窓口-{proof}", "--auth", proof, "--json").json
        record = {"external_id": "1", "text": NASTY}
        line = trying.curl(said["url"], proof=proof, secret=said["secret"], records=[record])
        assert paste(line) == "200"
        assert desk.kept()[-1] == record


def test_where_there_are_themes_the_line_speaks_of_the_largest(demo_db: Database) -> None:
    zone = Settings().zone
    with demo_db.begin() as session:
        (record,) = trying.sample(session, MAIN, zone)
        largest = themes.list_themes(session, MAIN, zone=zone)[0]
        texts = [v.span.text for v in themes.evidence(session, MAIN, largest.theme.id)]
    assert record["text"] in texts
    assert "[" not in record["text"]


def test_before_there_are_themes_the_line_speaks_as_the_voices_or_the_person_do(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def words() -> set[str]:
        with db.begin() as session:
            return {record["text"] for record in trying.sample(session, MAIN, Settings().zone)}

    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert words() == {trying.SENTENCES["ja"]}
    call(db, open_door(db), {"text": "Hello there.", "lang": "en"})
    ingest.run(db, MAIN)
    assert words() == {trying.SENTENCES["en"]}


def test_a_mapping_mends_dead_letters(desk: Desk) -> None:
    secret = desk("source add generic desk --json").json["secret"]
    body = '{"ticket": {"id": 1, "description": "Call 090-1234-5678."}}'
    address = desk.koe.settings["KOE_PUBLIC_URL"]
    paste(f"curl -sS -H 'Authorization: Bearer {secret}' --data-raw '{body}' {address}/webhooks/desk")
    ingest.run(desk.db, MAIN)
    (letter,) = desk("dead-letters list --json").json
    assert "koe source map desk text=PATH" in letter["reason"]
    shown = desk("dead-letters show", letter["id"]).out
    assert "[phone]" in shown
    assert "1234" not in shown
    assert desk("dead-letters replay", letter["id"], "--json").json == {"replayed": 1, "dead_again": 1}
    mapped = desk("source map desk text=ticket.description external_id=ticket.id --json").json
    assert (mapped["dead"], mapped["mended"]) == (1, 1)
    assert desk("dead-letters replay --source desk --json").json == {"replayed": 1, "dead_again": 0}
    assert desk("dead-letters list").out.startswith("There are none")
    assert desk("source list --json").json[0]["items"] == 1
    assert desk("source map desk external_id=- --json").json["map"] == {"text": "ticket.description"}


def test_a_paused_source_goes_on_with_what_it_held(desk: Desk) -> None:
    line = desk("source add generic desk --json").json["curl"]
    desk("source pause desk")
    assert paste(line) == "200"
    (paused,) = desk("source list --json").json
    assert (paused["held"], paused["waiting"], paused["items"]) == (1, 0, 0)
    assert "(paused, 1 held)" in desk("source list").out
    assert desk("source resume desk --json").json == {"source": "desk", "released": 1}
    (going,) = desk("source list --json").json
    assert (going["held"], going["items"], going["paused_at"]) == (0, 4, None)


def test_a_removed_source_takes_nothing_and_keeps_what_came(desk: Desk) -> None:
    line = desk("source add generic desk --json").json["curl"]
    assert paste(line) == "200"
    desk("source resume desk")  # what came is read
    desk("source pause desk")
    assert "200" in paste_until(desk("source rotate desk --json").json["curl"], "200")
    refused = desk("source remove desk")
    assert refused.status == 1
    assert "1 call waits to be read" in refused.err
    assert desk("source remove desk --give-up --json").json == {"source": "desk", "given_up": 1}
    assert "404" in paste_until(line, "404")
    (kept,) = desk("source list --json").json
    assert (kept["kind"], kept["items"]) == ("file", 4)


def test_secrets_are_changed_without_a_gap(desk: Desk) -> None:
    first = desk("source add generic desk --json").json
    second = desk("source rotate desk --json").json
    assert first["secret"] != second["secret"]
    assert [paste(each["curl"]) for each in (first, second)] == ["200", "200"]
    assert desk("source rotate desk --drop-old --json").json == {"source": "desk", "dropped": True}
    assert "401" in paste_until(first["curl"], "401")
    assert paste(second["curl"]) == "200"


def paste_until(line: str, wanted: str) -> str:
    """Paste a line until its answer holds what is wanted: a change of secrets shows within a second."""
    for _ in range(100):
        if wanted in (answer := paste(line)):
            return answer
    raise AssertionError(f"{wanted} never came: {answer}")


def test_wrong_uses_say_what_is_wrong(desk: Desk) -> None:
    desk("source add generic desk")
    for command, reason in {
        "source add generic a/b": "cannot stand in an address",
        "source add generic ..": "cannot stand in an address",
        "source add generic x --map colour=a": "is no field",
        "source add generic x --auth magic": "none of bearer",
        "source add fax x": "none of generic",
        "source map desk text": "name=value",
        "dead-letters replay": "Say which ones",
        "dead-letters replay call-1 --all": "Say which ones",
    }.items():
        said = desk(command)
        assert (said.status, said.out) == (2, ""), command
        assert reason in " ".join(said.err.replace("│", " ").split()), command
    for command, reason in {
        "source add generic desk": "is taken",
        "source test nobody": "There is no source",
        "source map nobody text=x": "There is no source",
        "source pause nobody": "There is no source",
        "dead-letters list --source nobody": "There is no source",
        "dead-letters show call-7": "There is no dead letter",
        "dead-letters replay call-7": "There is no dead letter",
    }.items():
        said = desk(command)
        assert said.status == 1, command
        assert reason in said.err, command
    assert len(desk("source list --json").json) == 1


def test_a_test_says_that_nobody_answers(desk: Desk) -> None:
    desk("source add generic desk")
    said = desk.koe("source", "test", "desk", KOE_PUBLIC_URL="http://127.0.0.1:9")
    assert said.status == 1
    assert "koe up" in said.err


def test_a_source_that_files_came_from_takes_calls_too(koe: Koe, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text("external_id,text\n4711,The invoice is wrong\n", encoding="utf-8")
    koe("import", "feedback", path, "--source", "helpdesk")
    assert koe("source", "add", "generic", "helpdesk").status == 0
    (source,) = koe("source", "list", "--json").json
    assert (source["kind"], source["proof"], source["items"]) == ("generic", "bearer", 1)
