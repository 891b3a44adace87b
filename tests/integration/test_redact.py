"""Items into redacted text and spans: every offset right, nothing raw left behind, safe to repeat."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select

from service.db import Database
from service.models import MAIN, Item, Message, Organisation, Source, Span
from service.pipeline import redact
from service.repositories import spans

SOURCE = "tickets-id"
NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def feedback(db: Database) -> Database:
    """A database with an organisation and a source."""
    with db.begin() as session:
        if session.get(Organisation, MAIN) is None:
            session.add(Organisation(id=MAIN, name="Main"))
            session.flush()
        session.add(Source(id=SOURCE, organisation_id=MAIN, name="tickets", kind="file", created_at=NOW))
    return db


def add(
    db: Database, item_id: str, *said: str | tuple[str, str], title: str | None = None, **fields: Any
) -> None:
    given: dict[str, Any] = {"channel": "ticket", "created_at": NOW, "version": "1"} | fields
    with db.begin() as session:
        session.add(
            Item(
                id=item_id,
                organisation_id=MAIN,
                source_id=SOURCE,
                external_id=item_id,
                raw_title=title,
                **given,
            )
        )
        session.flush()
        for position, one in enumerate(said):
            role, words = one if isinstance(one, tuple) else ("customer", one)
            session.add(
                Message(
                    id=f"{item_id}-{position}",
                    organisation_id=MAIN,
                    item_id=item_id,
                    position=position,
                    author_role=role,
                    raw=words,
                )
            )


def read(db: Database, item_id: str) -> tuple[Item, list[Message], list[Span]]:
    with db.begin() as session:
        item = session.get_one(Item, item_id)
        said = session.exec(
            select(Message).where(Message.item_id == item_id).order_by(col(Message.position))
        ).all()
        found = session.exec(select(Span).where(Span.item_id == item_id).order_by(col(Span.start))).all()
        return item, list(said), list(found)


def test_text_is_title_and_messages_joined_by_one_blank_line(feedback: Database) -> None:
    add(feedback, "a", "Mail to a@example.com fails.", ("agent", "Call 03-1234-5678."), title="No mail")
    report = redact.run(feedback, MAIN)
    item, said, found = read(feedback, "a")
    assert report.done == 1
    assert item.text == "No mail\n\nMail to [email] fails.\n\nCall [phone]."
    assert item.text[: item.title_end] == "No mail"
    assert [item.text[one.start : one.end] for one in said] == ["Mail to [email] fails.", "Call [phone]."]
    assert [item.text[one.start : one.end] for one in found] == [one.text for one in found]
    assert [one.text for one in found] == ["No mail\n\nMail to [email] fails."]
    assert (item.lang, found[0].lang, found[0].kind) == ("en", "en", "pain_point")


def test_nothing_raw_is_left(feedback: Database) -> None:
    add(feedback, "a", "連絡はtaro@example.co.jpまで", title="山田太郎様の件")
    redact.run(feedback, MAIN)
    item, said, _ = read(feedback, "a")
    assert item.raw_title is None
    assert [one.raw for one in said] == [None]
    assert item.text == "[name]様の件\n\n連絡は[email]まで"


def test_an_item_that_says_nothing_has_an_empty_text(feedback: Database) -> None:
    add(feedback, "a")
    add(feedback, "b", "特になし", channel="survey")
    add(feedback, "c", ("bot", "How can I help you?"), channel="chat")
    redact.run(feedback, MAIN)
    assert [(read(feedback, one)[0].text, read(feedback, one)[0].set_aside) for one in "abc"] == [
        ("", "empty"),
        ("特になし", "empty"),
        ("How can I help you?", "bot"),
    ]
    assert read(feedback, "b")[2] == []


def test_a_given_language_is_kept(feedback: Database) -> None:
    add(feedback, "a", "El programa no funciona desde ayer por la tarde", lang="pt", lang_given=True)
    add(feedback, "b", "El programa no funciona desde ayer por la tarde")
    redact.run(feedback, MAIN)
    assert [read(feedback, one)[0].lang for one in "ab"] == ["pt", "es"]


def test_the_customers_language_counts_not_the_agents(feedback: Database) -> None:
    add(feedback, "a", "ログインできません", ("agent", "Please try to reset your password and tell us."))
    redact.run(feedback, MAIN)
    assert read(feedback, "a")[0].lang == "ja"


def test_running_again_changes_nothing(feedback: Database) -> None:
    add(feedback, "a", "The export fails.")
    redact.run(feedback, MAIN)
    before = [span.model_dump() for span in read(feedback, "a")[2]]
    assert redact.run(feedback, MAIN).done == 0
    assert [span.model_dump() for span in read(feedback, "a")[2]] == before


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(
    feedback: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        add(feedback, f"item-{number}", f"The export number {number} fails.")
    monkeypatch.setattr(redact, "BATCH", 2)

    def stop(stage: str, done: int, total: int) -> None:
        assert (stage, total) == ("redact", 5)
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        redact.run(feedback, MAIN, progress=stop)
    with feedback.begin() as session:
        assert spans.count_waiting(session, MAIN) == 3
    assert redact.run(feedback, MAIN).done == 3
    assert all(len(read(feedback, f"item-{number}")[2]) == 1 for number in range(5))


def test_two_workers_do_not_take_the_same_item(feedback: Database) -> None:
    for number in range(4):
        add(feedback, f"item-{number}", "It fails.")
    with feedback.begin() as one, feedback.begin() as other:
        first = spans.waiting(one, MAIN, most=2, most_characters=1_000)
        second = spans.waiting(other, MAIN, most=4, most_characters=1_000)
        assert {unread.item.id for unread in first}.isdisjoint(unread.item.id for unread in second)
        assert len(first) + len(second) == 4


def test_a_batch_holds_no_more_characters_than_it_may(feedback: Database) -> None:
    for number in range(3):
        add(feedback, f"item-{number}", "x" * 100)
    with feedback.begin() as session:
        assert len(spans.waiting(session, MAIN, most=3, most_characters=250)) == 2
    with feedback.begin() as session:
        assert len(spans.waiting(session, MAIN, most=3, most_characters=10)) == 1


def test_equal_texts_share_a_hash_and_equal_items_an_id(feedback: Database) -> None:
    add(feedback, "a", "It fails every time.")
    add(feedback, "b", "It fails every time.")
    redact.run(feedback, MAIN)
    (one,), (other,) = read(feedback, "a")[2], read(feedback, "b")[2]
    assert one.content_hash == other.content_hash
    assert one.id != other.id


def test_what_an_older_version_read_is_read_anew_and_keeps_its_spans(feedback: Database) -> None:
    add(feedback, "a", "The export crashes.", ("agent", "Sorry."), title="Export", rating=2)
    redact.run(feedback, MAIN)
    _, _, (before,) = read(feedback, "a")
    with feedback.begin() as session:
        item, span = session.get_one(Item, "a"), session.get_one(Span, before.id)
        item.reading, span.severity, span.kind = 0, None, "other"
        session.add(
            Span(
                id="gone", organisation_id=MAIN, item_id="a", start=0, end=6, text="Export", content_hash="0"
            )
        )
    assert redact.run(feedback, MAIN).done == 0
    report = redact.run(feedback, MAIN, read_anew=True)
    assert (report.done, report.notes) == (1, ("1 that an older version of Koe had read were read anew.",))
    item, _, spans_now = read(feedback, "a")
    assert [span.model_dump() for span in spans_now] == [before.model_dump()]
    assert item.text == "Export\n\nThe export crashes.\n\nSorry."
    assert redact.run(feedback, MAIN, read_anew=True).done == 0


def test_a_span_says_how_bad_it_is_and_how_it_sounds_and_by_which_words(feedback: Database) -> None:
    add(feedback, "a", "更新したらデータがすべて消えて、とても困っています。")
    add(feedback, "b", "We use version four.", channel="survey", rating=5)
    add(feedback, "c", "La factura tiene dos páginas y llega el lunes.", lang="es", lang_given=True)
    redact.run(feedback, MAIN)
    (bad,), (rated,), (silent,) = (read(feedback, one)[2] for one in "abc")
    assert (bad.severity, bad.severity_reason) == (4, "データがすべて消え")
    assert bad.sentiment is not None
    assert bad.sentiment < -0.5
    assert "困っ" in (bad.sentiment_reason or "")
    assert (rated.severity, rated.sentiment, rated.sentiment_reason) == (None, 1, "rating 5")
    assert (silent.severity, silent.sentiment, silent.sentiment_reason) == (None, None, None)
