"""The demo's data: enough of everything, within its 26 weeks, and whole in itself."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from service.demo import DemoFile, write_files
from service.models.account import EVENT_KINDS
from service.models.effect import INTERVENTION_KINDS
from service.models.item import AUTHOR_ROLES

Record = dict[str, Any]
TODAYS = (date(2026, 11, 22), date(2024, 3, 1), date(2027, 1, 1))
TOKYO = ZoneInfo("Asia/Tokyo")
CONCERNS = Path(__file__).parents[1] / "quality" / "demo_concerns.csv"
TERSE = {"特になし", "特にありません", "なし"}
"""What people answer who have nothing to say, and therefore more than once."""


def read(file: DemoFile) -> list[Record]:
    text = file.path.read_text(encoding="utf-8")
    if file.path.suffix == ".jsonl":
        return [json.loads(line) for line in text.split("\n") if line]
    return list(csv.DictReader(text.splitlines(keepends=True)))


@pytest.fixture(params=TODAYS, ids=str)
def today(request: pytest.FixtureRequest) -> date:
    day: date = request.param
    return day


@pytest.fixture
def files(tmp_path: Path, today: date) -> dict[str, DemoFile]:
    return {file.path.name: file for file in write_files(tmp_path / "voices", today)}


@pytest.fixture
def feedback(files: dict[str, DemoFile]) -> dict[str, list[Record]]:
    """The rows of every feedback source by its name."""
    return {file.source: read(file) for file in files.values() if file.noun == "feedback"}


def items(feedback: dict[str, list[Record]]) -> Counter[tuple[str, str]]:
    """Return every item's source and id, with the number of its rows."""
    return Counter(
        (source, row.get("thread_id") or row.get("external_id") or row["回答ID"])
        for source, rows in feedback.items()
        for row in rows
    )


def messages(rows: list[Record]) -> Iterator[Record]:
    """Return what was said, message by message; a row without messages is one of the customer."""
    for row in rows:
        said = row.get("text", row.get("本文"))
        yield from row.get("messages") or [{"author_role": "customer", "text": said} | row]


def instants(row: Record) -> list[datetime]:
    fields = ("created_at", "replied_at", "resolved_at", "occurred_at", "回答日時")
    own = [datetime.fromisoformat(row[field]) for field in fields if row.get(field)]
    return own + [at for message in row.get("messages", []) for at in instants(message)]


class TestThereIsEnoughToShow:
    def test_of_every_channel(self, feedback: dict[str, list[Record]]) -> None:
        found = items(feedback)
        by_source = Counter(source for source, _ in found)
        assert len(found) >= 640
        assert (
            sum(count for source, count in by_source.items() if "tickets" in source or "threads" in source)
            >= 330
        )
        assert by_source["demo-threads"] >= 120
        assert by_source["demo-chats"] >= 70
        assert by_source["demo-interviews"] >= 12
        assert by_source["demo-reviews"] >= 60
        assert by_source["demo-nps"] >= 90

    def test_of_articles_and_accounts(self, files: dict[str, DemoFile]) -> None:
        articles = read(files["articles.jsonl"])
        assert len(articles) == len({article["external_id"] for article in articles}) == 60
        assert sum(article["audience"] == "internal" for article in articles) >= 6
        assert {article["lang"] for article in articles} == {"ja", "en"}
        assert len({account["account_id"] for account in read(files["accounts.csv"])}) == 40

    def test_in_both_languages(self) -> None:
        share = Counter(row["lang"] for row in truth())
        assert 0.35 <= share["en"] / share.total() <= 0.45
        assert set(share) == {"ja", "en"}

    def test_every_solved_thread_has_an_answer(self, feedback: dict[str, list[Record]]) -> None:
        for thread in feedback["demo-threads"]:
            assert "agent" in {message["author_role"] for message in thread["messages"]}

    def test_what_was_done(self, files: dict[str, DemoFile]) -> None:
        kinds = Counter(row["kind"] for row in read(files["interventions.csv"]))
        assert kinds == {"fix": 2, "article": 2, "other": 1}
        assert set(kinds) <= set(INTERVENTION_KINDS)


class TestTheDays:
    def test_everything_said_lies_in_the_26_weeks_that_end_yesterday(
        self, feedback: dict[str, list[Record]], files: dict[str, DemoFile], today: date
    ) -> None:
        rows = chain(*feedback.values(), read(files["events.csv"]), read(files["interventions.csv"]))
        days = {at.astimezone(TOKYO).date() for row in rows for at in instants(row)}
        assert today - timedelta(days=182) <= min(days) <= today - timedelta(days=175)
        assert max(days) == today - timedelta(days=1)

    def test_answers_come_after_questions(self, feedback: dict[str, list[Record]]) -> None:
        for row in chain(*feedback.values()):
            assert instants(row)[0] == min(instants(row))
            asked = [
                datetime.fromisoformat(m["created_at"]) for m in row.get("messages", []) if "created_at" in m
            ]
            assert asked == sorted(asked)

    def test_nobody_speaks_for_an_account_before_it_began_or_after_it_ended(
        self, feedback: dict[str, list[Record]], files: dict[str, DemoFile]
    ) -> None:
        accounts = {row["account_id"]: row for row in read(files["accounts.csv"])}
        for row in chain(*feedback.values()):
            account = accounts.get(row.get("account_id") or row.get("契約ID") or "")
            if account is not None:
                day = instants(row)[0].date().isoformat()
                assert account["started_at"] < day < (account["ended_at"] or "9999")

    def test_the_same_day_gives_the_same_bytes(self, tmp_path: Path, today: date) -> None:
        first, again = (write_files(tmp_path / name, today) for name in ("first", "again"))
        assert [file.path.read_bytes() for file in first] == [file.path.read_bytes() for file in again]


class TestTheDataHoldTogether:
    def test_ids_are_unique(self, feedback: dict[str, list[Record]]) -> None:
        rows = items(feedback)
        assert {key for key, count in rows.items() if count > 1 and key[0] != "demo-chats"} == set()
        assert len({external_id for _, external_id in rows}) == len(rows)

    def test_accounts_exist(self, feedback: dict[str, list[Record]], files: dict[str, DemoFile]) -> None:
        accounts = {row["account_id"] for row in read(files["accounts.csv"])}
        rows = [*chain(*feedback.values()), *read(files["events.csv"])]
        named = {row.get("account_id") or row.get("契約ID") for row in rows} - {None, ""}
        assert named == accounts

    def test_a_customer_belongs_to_one_account(self, feedback: dict[str, list[Record]]) -> None:
        pairs = {
            (row.get("customer_id") or row.get("お客様ID"), row.get("account_id") or row.get("契約ID"))
            for row in chain(*feedback.values())
        } - {(None, None), ("", "")}
        assert len({customer for customer, _ in pairs}) == len(pairs)

    def test_interventions_name_voices_that_exist(
        self, feedback: dict[str, list[Record]], files: dict[str, DemoFile]
    ) -> None:
        voices = {f"{source}/{external_id}" for source, external_id in items(feedback)}
        assert {row["theme"] for row in read(files["interventions.csv"])} <= voices

    def test_roles_and_kinds_are_known(
        self, feedback: dict[str, list[Record]], files: dict[str, DemoFile]
    ) -> None:
        roles = {message["author_role"] for rows in feedback.values() for message in messages(rows)}
        assert roles == set(AUTHOR_ROLES)
        assert {row["kind"] for row in read(files["events.csv"])} <= set(EVENT_KINDS)

    def test_churned_accounts_say_why(self, files: dict[str, DemoFile]) -> None:
        ended = {row["account_id"] for row in read(files["accounts.csv"]) if row["ended_at"]}
        churned = [row for row in read(files["events.csv"]) if row["kind"] == "churn"]
        assert ended == {row["account_id"] for row in churned}
        assert all(row["text"] for row in churned)

    def test_no_two_people_use_the_same_words(self, feedback: dict[str, list[Record]]) -> None:
        said = Counter(message["text"] for rows in feedback.values() for message in messages(rows))
        assert {text for text, count in said.items() if count > 1 and len(text) > 8} == set()
        answers = Counter(row["本文"] for row in feedback["demo-nps"])
        assert {text for text, count in answers.items() if count > 1} == TERSE

    def test_the_truth_knows_every_item(self, feedback: dict[str, list[Record]]) -> None:
        assert {(row["source"], row["external_id"]) for row in truth()} == set(items(feedback))


def truth() -> list[Record]:
    """Return which concern each item was written for; `alone` for none, `junk` for what says nothing."""
    with CONCERNS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
