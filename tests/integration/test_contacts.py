"""What is counted as a contact, from the imported file to the figures of a theme and the effect."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

from nlp.clusterers import ExactClusterer
from nlp.embedders import Embedders, HashingEmbedder
from nlp.labelers import FirstTextLabeler
from service.db import Database
from service.imports import Options, import_file
from service.models import MAIN
from service.pipeline import cluster, embed, ingest, redact, themes
from service.repositories.heard import heard_between
from service.repositories.themes import ThemeFigures, list_themes

TOKYO = ZoneInfo("Asia/Tokyo")
WORDS = "The export fails with an error."


def ticket(name: str, day: str, *, customer: str | None = "c1", **more: object) -> dict[str, object]:
    return {"id": name, "text": WORDS, "created_at": day, "customer_id": customer, **more}


def later(day: str, words: str) -> dict[str, str]:
    return {"author_role": "customer", "text": words, "created_at": day}


def only_theme(db: Database, folder: Path, *rows: dict[str, object]) -> ThemeFigures:
    """Import tickets that all say one thing, take them through the stages, and return their theme."""
    path = folder / "tickets.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    import_file(db, MAIN, "feedback", path, source="tickets", options=Options())
    embedders = Embedders(default=HashingEmbedder())
    ingest.run(db, MAIN)
    redact.run(db, MAIN)
    embed.run(db, MAIN, embedders)
    cluster.run(db, MAIN, embedders, ExactClusterer())
    themes.run(db, MAIN, FirstTextLabeler())
    with db.begin() as session:
        (found,) = list_themes(session, MAIN, zone=TOKYO)
    return found


class TestFollowUps:
    def resolved(self, *said: dict[str, str], customer: str | None = "c1") -> dict[str, object]:
        return ticket("1", "2026-05-01", customer=customer, resolved_at="2026-05-03", messages=list(said))

    def test_asking_again_in_a_resolved_ticket_is_a_repeat_inquiry(
        self, db: Database, tmp_path: Path
    ) -> None:
        follow_up = self.resolved(later("2026-05-10", "Still the same error."))
        theme = only_theme(db, tmp_path, follow_up, ticket("2", "2026-05-02", customer="c2"))
        assert (theme.items, theme.contacts, theme.repeats) == (2, 3, 1)
        assert theme.weekly == (("2026-W18", 2), ("2026-W19", 1))

    def test_thanks_and_replies_before_the_solution_are_none(self, db: Database, tmp_path: Path) -> None:
        said = later("2026-05-02", "Still the same error."), later("2026-05-10", "Thanks, it works now.")
        theme = only_theme(db, tmp_path, self.resolved(*said), ticket("2", "2026-05-02", customer="c2"))
        assert (theme.contacts, theme.repeats) == (2, 0)

    def test_after_more_than_thirty_days_it_is_a_contact_of_its_own(
        self, db: Database, tmp_path: Path
    ) -> None:
        follow_up = self.resolved(later("2026-06-10", "Still the same error."))
        theme = only_theme(db, tmp_path, follow_up, ticket("2", "2026-05-02", customer="c2"))
        assert (theme.contacts, theme.repeats) == (3, 0)

    def test_an_item_without_a_customer_stays_one_contact(self, db: Database, tmp_path: Path) -> None:
        follow_up = self.resolved(later("2026-05-10", "Still the same error."), customer=None)
        theme = only_theme(db, tmp_path, follow_up, ticket("2", "2026-05-02", customer="c2"))
        assert (theme.contacts, theme.repeats) == (2, 0)


def test_a_date_in_another_age_stretches_no_series(db: Database, tmp_path: Path) -> None:
    usual = [ticket(str(day), f"2026-05-{day:02d}", customer=f"c{day}") for day in range(1, 20)]
    strays = ticket("old", "1970-01-01", customer="x"), ticket("new", "2199-12-31", customer="y")
    theme = only_theme(db, tmp_path, *usual, *strays)
    assert theme.contacts == 21
    assert [week for week, _ in theme.weekly] == ["2026-W18", "2026-W19", "2026-W20", "2026-W21"]
    assert theme.weekly == theme.weekly_items
    with db.begin() as session:
        assert [str(day) for day in heard_between(session, MAIN, zone=TOKYO) or ()] == [
            "2026-05-01",
            "2026-05-19",
        ]
