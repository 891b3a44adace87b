"""No text that Koe keeps is ever run, whatever column it stands in: five hundred attacks in each of them.

They are written into the database itself, past everything that takes texts out or refuses them, and every
kind of page is opened with the policy that would stop a script and without it.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, Connection, String, Table, bindparam, update
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import AutoString, Session, SQLModel, select

import service.models  # noqa: F401 - every table is told of
from service.db import Database
from service.errors import Conflict
from service.models import MAIN, SavedView, Suggestion, Theme
from service.pipeline import correct, decide
from service.repositories import targets
from service.rules.corrections import Wanted
from tests.browser.conftest import OpenWindow
from tests.browser.test_stored_scripts import faults
from tests.live import one_of_each, open_pages
from tests.payloads import payloads

pytestmark = pytest.mark.browser

ROUNDS = int(os.environ.get("KOE_TEST_PAYLOAD_ROUNDS", "1"))
"""How often the texts move on by one row; after 16 rounds each stood in each row."""
TOGETHER = 33
"""Texts in one value of a column: an index holds no more."""
CODES = {
    "action", "audience", "author_role", "channel", "clusterer", "content_hash", "counted", "ending",
    "embedder", "event", "input_digest", "kind", "layer", "moment", "noun", "op", "origin", "outcome",
    "password_hash", "place", "proof", "request_digest", "role", "scope", "secret_hash", "set_aside",
    "stage", "state", "subject_id", "suggestion.status", "theme_id", "theme_pair.status", "timezone",
    "verdict",
}  # fmt: skip
"""Columns of words that only Koe writes and reads back; of some tables only."""
LISTS = {"keywords", "tags"}
"""Lists of words, among the columns that hold JSON."""
WORDS = {
    "title",
    "body",
    "en",
    "ja",
    "left",
    "right",
    "external_id",
    "source",
    "question",
    "answer",
    "text",
    "name",
}
"""What words stand under in columns that hold JSON."""


class Attacker:
    """Makes one attack of each text; equal texts of a column's name stay equal, others differ."""

    def __init__(self, number: int) -> None:
        said = payloads()
        self._lots = [" ".join(said[start : start + TOGETHER]) for start in range(0, len(said), TOGETHER)]
        self._number = number
        self._made: dict[tuple[str, str | None], str] = {}

    def text(self, column: str, before: str | None) -> str:
        """Return what stands in a column instead of a text."""
        made = len(self._made)
        attack = f"{self._lots[(made + self._number) % len(self._lots)]} {made}"
        if column.endswith("_id"):  # a name in an address is one line
            attack = " ".join(attack.split())
        return self._made.setdefault((column, before), attack)

    def within(self, key: str, value: Any) -> Any:
        """Return a value out of JSON with its words replaced, and nothing else of it."""
        match value:
            case dict():
                return {name: self.within(name, each) for name, each in value.items()}
            case list():
                return [self.within(key, each) for each in value]
            case str() if key in WORDS | LISTS:
                return self.text(key, value)
        return value


def columns_of_words(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that hold what somebody said, or chose as a name."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, String | AutoString | JSONB)
        and not (column.primary_key or column.foreign_keys)
        and not CODES & {column.name, f"{table.name}.{column.name}"}
    ]


def write_everywhere(connection: Connection, attacker: Attacker) -> None:
    """Write attacks into every text of the database."""
    for table in SQLModel.metadata.sorted_tables:
        columns, keys = columns_of_words(table), list(table.primary_key.columns)
        rows = connection.execute(select_columns(*keys, *columns).order_by(*keys)).mappings().all()
        if columns and rows:
            change = update(table).values({column.name: bindparam(column.name) for column in columns})
            for key in keys:
                change = change.where(key == bindparam(f"the_{key.name}"))
            connection.execute(change, [attacked(row, keys, columns, attacker) for row in rows])


def attacked(
    row: Mapping[Any, Any], keys: list[Column[Any]], columns: list[Column[Any]], attacker: Attacker
) -> dict[str, Any]:
    """Return what a row holds afterwards."""
    told = {f"the_{key.name}": row[key] for key in keys}
    for column in columns:
        plain = not isinstance(column.type, JSONB)
        told[column.name] = (attacker.text if plain else attacker.within)(column.name, row[column])
    return told


def decide_everything(db: Database) -> None:
    """Let colleagues do with the demo what leaves a text, or a name, somewhere."""
    now = datetime.now(UTC)
    with db.begin() as session:
        targets.add_target(session, MAIN, "backlog", "backlog-file", {"path": "/nowhere"})
        decide_suggestions(session, now)
        first, second, third, *_ = session.exec(select(Theme.id).order_by(Theme.id))
        wishes = (
            Wanted(op="rename", theme_ids=(first,), title="Another title", reason="It says more."),
            Wanted(op="ignore", theme_ids=(second,), reason="It is of no interest."),
            Wanted(op="merge", theme_ids=(third, first), reason="They are one."),
        )
        for wanted in wishes:
            correct.make(session, MAIN, wanted, by="Aki")
        session.add(
            SavedView(
                id="v",
                organisation_id=MAIN,
                owner_id="demo",
                owner_name="Aki",
                place="/themes",
                query="kind=question",
                name="Questions",
                shared=True,
                at=now,
            )
        )


def decide_suggestions(session: Session, now: datetime) -> None:
    for number, suggestion_id in enumerate(session.exec(select(Suggestion.id).order_by(Suggestion.id))):
        match number % 4:
            case 0:
                decide.dismiss(session, MAIN, suggestion_id, by="Aki", reason="Not now.")
            case 1:
                decide.accept(session, MAIN, suggestion_id, by="Aki")
            case 2:
                url = "https://help.example.com/1"
                with suppress(Conflict):  # a decision not to act is not published
                    decide.published(session, MAIN, suggestion_id, url=url, at=now, by="Aki")


@pytest.mark.timeout(1200)
def test_whatever_column_a_text_stands_in_it_is_never_run(demo_db: Database, window: OpenWindow) -> None:
    decide_everything(demo_db)
    with open_pages(demo_db) as address:
        for number in range(ROUNDS):
            with demo_db.engine.begin() as connection:
                write_everywhere(connection, Attacker(number))
            for trusting in (True, False):
                opened = window(address, lang="en" if trusting else "ja", trusting=trusting)
                found = [
                    fault for path in one_of_each(demo_db) for fault in faults(opened, path, refused=400)
                ]
                assert (found, opened.complaints) == ([], [])
                opened.open("/themes")
                assert "alert(1)" in opened.page.inner_text("main")
