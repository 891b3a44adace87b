"""From grouped runs to themes that keep their ids, and what can be read of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlmodel import Session, col, select

from nlp.labelers import FirstTextLabeler
from service.db import Database
from service.errors import NotFound
from service.models import (
    Account,
    Assignment,
    Effect,
    Intervention,
    Item,
    Lineage,
    Run,
    Source,
    Span,
    Suggestion,
    Theme,
)
from service.models.columns import digest
from service.pipeline import loop, themes
from service.repositories import assignments, embeddings, runs
from service.repositories.runs import Placement
from service.repositories.themes import (
    ThemeFigures,
    all_themes,
    contacts_of,
    current_theme,
    evidence,
    list_themes,
    theme_figures,
)

ORG = "main"
TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2026, 5, 18, 3, tzinfo=UTC)
"""Noon in Tokyo on the Monday of 2026-W21."""
EMBEDDER = "test"


@dataclass
class World:
    """Writes items and grouped runs by hand, the way the stages before would have."""

    db: Database
    run_count: int = 0
    spans: dict[str, str] = field(default_factory=dict)
    """Our short name of a span to its id."""

    def __post_init__(self) -> None:
        with self.db.begin() as session:
            session.add(Source(id="s1", organisation_id=ORG, name="desk", kind="file", created_at=START))

    def say(self, name: str, text: str | None = None, **more: object) -> str:
        """Store an item with one span and return the span's id; spans may be added to it by `also`."""
        words = text or f"Voice {name}"
        given: dict[str, Any] = {"channel": "ticket", "created_at": START, "lang": "en"} | more
        item = Item(
            id=digest(ORG, "item", name),
            organisation_id=ORG,
            source_id="s1",
            external_id=name,
            text=words,
            version="1",
            **{key: value for key, value in given.items() if key not in ("kind", "kind_confidence")},
        )
        with self.db.begin() as session:
            session.add(item)
            session.flush()
            self._span(session, name, item, 0, len(words), given)
        return self.spans[name]

    def also(self, name: str, of: str, length: int, **more: object) -> None:
        """Store one more span of an item, of so many characters after its text."""
        with self.db.begin() as session:
            item = session.exec(select(Item).where(Item.external_id == of)).one()
            start = len(item.text or "")
            item.text = f"{item.text}{'x' * length}"
            self._span(session, name, item, start, start + length, {"lang": "en"} | more)

    def _span(
        self, session: Session, name: str, item: Item, start: int, end: int, given: Mapping[str, Any]
    ) -> None:
        text = (item.text or "")[start:end]
        span = Span(
            id=digest(item.id, str(start), str(end)),
            organisation_id=ORG,
            item_id=item.id,
            start=start,
            end=end,
            text=text,
            lang=given.get("lang"),
            kind=given.get("kind", "question"),
            kind_confidence=given.get("kind_confidence", 0.5),
            content_hash=digest(text, length=32),
        )
        session.add(span)
        self.spans[name] = span.id

    def group(
        self,
        groups: Sequence[Sequence[str]],
        *,
        unthemed: Sequence[str] = (),
        subgroups: Sequence[Sequence[str]] = (),
    ) -> None:
        """Store a grouped run; group numbers are places in `groups`."""
        self.run_count += 1
        below = {name: number for number, names in enumerate(subgroups) for name in names}
        placements = [
            Placement(
                span_id=self.spans[name],
                group_number=number,
                subgroup_number=below.get(name),
                confidence=0.9 if name == names[0] else 0.5,
            )
            for number, names in enumerate(groups)
            for name in names
        ]
        placements += [
            Placement(span_id=self.spans[name], group_number=None, subgroup_number=None, confidence=None)
            for name in unthemed
        ]
        with self.db.begin() as session:
            ordinal = runs.accepted_runs(session, ORG) + 1
            run = Run(
                id=digest(ORG, "run", str(ordinal), str(self.run_count)),
                organisation_id=ORG,
                ordinal=ordinal,
                state="grouped",
                input_digest=str(self.run_count),
                embedder=EMBEDDER,
                clusterer="by hand",
                created_at=START,
            )
            runs.replace_grouped(session, run, placements)

    def take(self) -> dict[str, str]:
        """Run the stage and return span name to theme id; un-themed ones are left out."""
        themes.run(self.db, ORG, FirstTextLabeler())
        return self.where("theme_id")

    def where(self, level: str) -> dict[str, str]:
        names = {span_id: name for name, span_id in self.spans.items()}
        with self.db.begin() as session:
            run = runs.live_run(session, ORG)
            assert run is not None
            rows = session.exec(select(Assignment).where(Assignment.run_id == run.id)).all()
        return {names[row.span_id]: getattr(row, level) for row in rows if getattr(row, level)}

    def events(self) -> list[tuple[str, list[str], list[str], float]]:
        """Return the live run's lineage."""
        with self.db.begin() as session:
            run = runs.live_run(session, ORG)
            assert run is not None
            rows = session.exec(select(Lineage).where(Lineage.run_id == run.id)).all()
        return sorted((row.event, row.from_ids, row.to_ids, row.overlap) for row in rows)

    def theme(self, theme_id: str) -> Theme:
        with self.db.begin() as session:
            return session.exec(select(Theme).where(Theme.id == theme_id)).one()


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


@pytest.fixture
def told(world: World) -> World:
    """Twenty voices about login (a00…) and ten about invoices (b00…), taken as two themes."""
    for number in range(20):
        world.say(f"a{number:02d}", f"Cannot log in {number}")
    for number in range(10):
        world.say(f"b{number:02d}", f"Invoice is wrong {number}")
    world.group([voices("a", 0, 20), voices("b", 0, 10)])
    world.take()
    return world


def voices(letter: str, first: int, last: int) -> list[str]:
    return [f"{letter}{number:02d}" for number in range(first, last)]


class TestIdentity:
    def test_a_first_run_gives_birth_to_its_themes(self, told: World) -> None:
        where = told.where("theme_id")
        assert len(set(where.values())) == 2
        births: list[object] = [("birth", [], [theme], 0.0) for theme in sorted(set(where.values()))]
        assert told.events() == births

    def test_the_same_groups_under_other_numbers_keep_their_ids(self, told: World) -> None:
        before = told.where("theme_id")
        told.group([voices("b", 0, 10), voices("a", 0, 20)])
        assert told.take() == before
        assert told.events() == sorted(("continue", [theme], [theme], 1.0) for theme in set(before.values()))

    def test_without_a_new_grouping_nothing_changes(self, told: World) -> None:
        before = (told.where("theme_id"), told.events())
        told.take()
        assert (told.where("theme_id"), told.events()) == before

    def test_new_voices_join_under_the_old_id(self, told: World) -> None:
        before = told.where("theme_id")
        for number in range(20, 23):
            told.say(f"a{number:02d}")
        told.group([voices("a", 0, 23), voices("b", 0, 10)])
        after = told.take()
        assert {name: after[name] for name in before} == before
        assert after["a22"] == before["a00"]

    def test_a_split_keeps_the_id_on_the_larger_piece_and_is_written_down(self, told: World) -> None:
        before = told.where("theme_id")
        told.group([voices("a", 0, 13), voices("a", 13, 20), voices("b", 0, 10)])
        after = told.take()
        old, new = after["a00"], after["a19"]
        assert old == before["a00"]
        assert new not in before.values()
        assert ("split", [old], [old, new], 1.0) in told.events()

    def test_a_merge_keeps_the_larger_id_and_leads_the_other_on(self, told: World) -> None:
        before = told.where("theme_id")
        told.group([[*voices("a", 0, 20), *voices("b", 0, 10)]])
        after = told.take()
        assert set(after.values()) == {before["a00"]}
        assert told.events() == [("merge", [before["a00"], before["b00"]], [before["a00"]], 1.0)]
        gone = told.theme(before["b00"])
        assert (gone.retired, gone.successor_id) == (True, before["a00"])
        with told.db.begin() as session:
            assert current_theme(session, ORG, before["b00"]).id == before["a00"]

    def test_a_theme_that_had_merged_comes_back_under_its_id(self, told: World) -> None:
        before = told.where("theme_id")
        told.group([[*voices("a", 0, 20), *voices("b", 0, 10)]])
        told.take()
        told.group([voices("a", 0, 20), voices("b", 0, 10)])
        assert told.take() == before
        back = told.theme(before["b00"])
        assert (back.retired, back.successor_id) == (False, None)

    def test_a_theme_whose_voices_are_unthemed_retires(self, told: World) -> None:
        before = told.where("theme_id")
        told.group([voices("a", 0, 20)], unthemed=voices("b", 0, 10))
        told.take()
        assert ("death", [before["b00"]], [], 0.0) in told.events()
        assert told.theme(before["b00"]).retired

    def test_voices_that_were_cut_anew_keep_their_theme_by_its_centroid(self, world: World) -> None:
        for name in ("a00", "a01", "b00", "b01"):
            world.say(name)
        self.embed(world, {"a00": (1, 0.1), "a01": (1, 0), "b00": (0, 1), "b01": (0.1, 1)})
        world.group([voices("a", 0, 2), voices("b", 0, 2)])
        before = world.take()
        with world.db.begin() as session:
            for span in session.exec(select(Span).where(col(Span.id).in_(world.spans.values()))):
                session.delete(span)
        for name in ("a10", "a11", "c00", "c01"):
            world.say(name)
        self.embed(world, {"a10": (1, 0.05), "a11": (1, 0.2), "c00": (-1, 1), "c01": (-1, 0.9)})
        world.group([voices("c", 0, 2), voices("a", 10, 12)])
        after = world.take()
        assert after["a10"] == before["a00"]
        assert after["c00"] not in before.values()
        assert ("continue", [before["a00"]], [before["a00"]], 0.0) in world.events()
        assert world.theme(before["b00"]).retired

    @staticmethod
    def embed(world: World, points: Mapping[str, tuple[float, float]]) -> None:
        vectors = np.array(list(points.values()), np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        hashes = [digest(f"Voice {name}", length=32) for name in points]
        with world.db.begin() as session:
            embeddings.store(session, ORG, EMBEDDER, hashes, vectors)

    def test_ids_come_from_what_was_said_alone(self, told: World, empty: Callable[[], Database]) -> None:
        other = World(empty())
        for number in reversed(range(10)):
            other.say(f"b{number:02d}", f"Invoice is wrong {number}")
        for number in reversed(range(20)):
            other.say(f"a{number:02d}", f"Cannot log in {number}")
        other.group([voices("a", 0, 20), voices("b", 0, 10)])
        assert other.take() == told.where("theme_id")
        assert other.events() == told.events()

    def test_older_runs_keep_their_lineage_but_not_their_assignments(self, told: World) -> None:
        for _ in range(3):
            told.group([voices("a", 0, 20), voices("b", 0, 10)])
            told.take()
        with told.db.begin() as session:
            states = session.exec(select(Run.state).order_by(col(Run.ordinal))).all()
            kept = session.exec(select(Assignment.run_id).distinct()).all()
            told_of = session.exec(select(Lineage.run_id).distinct()).all()
        assert states == ["superseded", "superseded", "superseded", "live"]
        assert (len(kept), len(told_of)) == (2, 4)


@pytest.fixture
def empty(place: Any, template: str) -> Iterator[Callable[[], Database]]:
    """Makes one more empty database, for what needs two."""
    import secrets

    from sqlalchemy import make_url

    name = f"koe_test_{secrets.token_hex(6)}"
    owner = make_url(place.owner)
    place.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{owner.username}"')
    url = make_url(place.app).set(database=name).render_as_string(hide_password=False)
    database = Database.at(url)
    yield lambda: database
    database.close()
    place.run(f'DROP DATABASE "{name}" WITH (FORCE)')


class TestSubThemes:
    def test_sub_themes_have_ids_of_their_own_below_their_theme(self, told: World) -> None:
        told.group(
            [voices("a", 0, 20), voices("b", 0, 10)], subgroups=[voices("a", 0, 12), voices("a", 12, 20)]
        )
        upper = told.take()
        lower = told.where("subtheme_id")
        assert set(lower) == set(voices("a", 0, 20))
        assert len(set(lower.values())) == 2
        assert {told.theme(each).parent_id for each in lower.values()} == {upper["a00"]}
        told.group(
            [voices("b", 0, 10), voices("a", 0, 20)], subgroups=[voices("a", 12, 20), voices("a", 0, 12)]
        )
        told.take()
        assert told.where("subtheme_id") == lower

    def test_a_sub_theme_that_goes_leads_to_the_theme_that_holds_its_voices(self, told: World) -> None:
        told.group(
            [voices("a", 0, 20), voices("b", 0, 10)], subgroups=[voices("a", 0, 12), voices("a", 12, 20)]
        )
        told.take()
        gone = told.where("subtheme_id")["a00"]
        told.group([voices("a", 0, 20), voices("b", 0, 10)])
        upper = told.take()
        assert told.theme(gone).retired
        assert told.theme(gone).successor_id == upper["a00"]


class TestWhatIsSaidOfAThem:
    def test_titles_differ_and_are_known_in_the_themes_language(self, world: World) -> None:
        for name, text, lang in [
            ("a00", "Same words", "en"),
            ("b00", "Same words", "ja"),
            ("c00", "音が出ない", "ja"),
        ]:
            world.say(name, text, lang=lang)
        world.group([["a00"], ["b00"], ["c00"]])
        where = world.take()
        first, second, third = (world.theme(where[name]) for name in ("a00", "b00", "c00"))
        assert first.title != second.title
        assert (third.lang, third.titles) == ("ja", {"en": None, "ja": "音が出ない"})
        assert first.titles == {"en": first.title, "ja": None}

    def test_the_kind_is_that_of_most_spans_weighed_by_how_surely_it_is_known(self, world: World) -> None:
        world.say("a00", kind="question", kind_confidence=0.2)
        world.say("a01", kind="question", kind_confidence=0.3)
        world.say("a02", kind="pain_point", kind_confidence=0.9)
        world.group([voices("a", 0, 3)])
        assert world.theme(world.take()["a00"]).kind == "pain_point"


class TestStages:
    def test_a_theme_is_understood_once_enough_people_spoke(self, told: World) -> None:
        told.say("c00")
        told.group([voices("a", 0, 20), voices("b", 0, 10), ["c00"]])
        where = told.take()
        assert told.theme(where["a00"]).stage == "understood"
        assert told.theme(where["c00"]).stage == "heard"

    def test_decisions_deliveries_and_effects_move_it_on_and_back(self, told: World) -> None:
        theme_id = told.where("theme_id")["a00"]
        with told.db.begin() as session:
            session.add(
                Suggestion(
                    id="g1",
                    organisation_id=ORG,
                    theme_id=theme_id,
                    action="write_article",
                    lang="en",
                    confidence=1,
                    status="accepted",
                )
            )
        assert self.stage(told, theme_id) == "decided"
        with told.db.begin() as session:
            session.exec(select(Suggestion)).one().status = "delivered"
        assert self.stage(told, theme_id) == "delivered"
        with told.db.begin() as session:
            session.add(
                Intervention(
                    id="i1", organisation_id=ORG, intervention_id="i1", theme=theme_id, occurred_at=START
                )
            )
            session.flush()
            session.add(
                Effect(intervention_id="i1", organisation_id=ORG, theme_id=theme_id, verdict="cannot_tell")
            )
        assert self.stage(told, theme_id) == "delivered"
        with told.db.begin() as session:
            session.exec(select(Effect)).one().verdict = "reduced"
        assert self.stage(told, theme_id) == "measured"
        with told.db.begin() as session:
            session.delete(session.exec(select(Effect)).one())
            session.exec(select(Suggestion)).one().status = "open"
        assert self.stage(told, theme_id) == "understood"

    @staticmethod
    def stage(world: World, theme_id: str) -> str:
        with world.db.begin() as session:
            loop.refresh(session, ORG)
        return world.theme(theme_id).stage


class TestFigures:
    @pytest.fixture
    def figures(self, world: World) -> ThemeFigures:
        week = timedelta(weeks=1)
        world.say("a00", customer_id="c1", account_id="k1")
        world.say("a01", customer_id="c1", account_id="k1", created_at=START + timedelta(days=3), lang="ja")
        world.say("a02", customer_id="c2", account_id="k1", created_at=START + 2 * week, kind="request")
        world.say("a03", channel="chat", created_at=START + 2 * week)
        world.say("a04", channel="review", customer_id="c3", account_id="k2")
        world.say("b00", created_at=START + 3 * week)
        world.also("a05", of="a00", length=3)
        with world.db.begin() as session:
            for name, revenue in (("k1", 1000), ("k2", 200), ("k3", 50)):
                session.add(
                    Account(
                        id=name,
                        organisation_id=ORG,
                        account_id=name,
                        revenue=Decimal(revenue),
                        currency="JPY",
                    )
                )
        world.group([voices("a", 0, 6), ["b00"]])
        theme_id = world.take()["a00"]
        with world.db.begin() as session:
            return theme_figures(session, ORG, theme_id, zone=TOKYO)

    def test_spans_items_and_customers_are_counted_once_each(self, figures: ThemeFigures) -> None:
        assert (figures.spans, figures.items, figures.customers, figures.people) == (6, 5, 3, 4)

    def test_revenue_counts_each_account_once(self, figures: ThemeFigures) -> None:
        assert (figures.accounts, figures.revenue) == (2, {"JPY": Decimal(1200)})

    def test_contacts_leave_reviews_out(self, figures: ThemeFigures) -> None:
        assert figures.contacts == 4
        assert figures.repeats == 1
        assert figures.repeat_rate == pytest.approx(1 / 3)

    def test_weeks_run_without_gaps_to_the_organisations_last(self, figures: ThemeFigures) -> None:
        assert figures.weekly == (("2026-W21", 2), ("2026-W22", 0), ("2026-W23", 2), ("2026-W24", 0))
        assert figures.weekly_items == (("2026-W21", 3), ("2026-W22", 0), ("2026-W23", 2), ("2026-W24", 0))

    def test_kinds_and_languages_count_spans(self, figures: ThemeFigures) -> None:
        assert figures.kinds == {"question": 5, "request": 1}
        assert figures.languages == {"en": 5, "ja": 1}
        assert (figures.first_seen, figures.last_seen) == (START, START + timedelta(weeks=2))

    def test_the_list_has_the_theme_of_most_people_first_and_the_retired_only_if_asked(
        self, told: World
    ) -> None:
        told.group([voices("b", 0, 10)], unthemed=voices("a", 0, 20))
        where = told.take()
        with told.db.begin() as session:
            assert [each.theme.id for each in list_themes(session, ORG, zone=TOKYO)] == [where["b00"]]
            every = list_themes(session, ORG, zone=TOKYO, include_retired=True)
            assert [each.spans for each in every] == [10, 0]
            assert len(all_themes(session, ORG, zone=TOKYO)) == 2

    def test_sub_themes_are_listed_below_their_theme_with_figures_of_their_own(self, told: World) -> None:
        told.group(
            [voices("a", 0, 20), voices("b", 0, 10)], subgroups=[voices("a", 0, 12), voices("a", 12, 20)]
        )
        upper = told.take()["a00"]
        with told.db.begin() as session:
            assert [each.spans for each in list_themes(session, ORG, zone=TOKYO)] == [20, 10]
            below = list_themes(session, ORG, zone=TOKYO, parent_id=upper)
        assert [each.spans for each in below] == [12, 8]

    def test_contacts_can_be_had_by_segment(self, told: World) -> None:
        told.say("a20", segment="trial")
        told.group([voices("a", 0, 21)])
        theme_id = told.take()["a00"]
        with told.db.begin() as session:
            assert len(contacts_of(session, ORG, [theme_id], zone=TOKYO)[theme_id]) == 21
            assert len(contacts_of(session, ORG, [theme_id], zone=TOKYO, segment="trial")[theme_id]) == 1


class TestEvidence:
    def test_the_surest_voices_come_first_page_by_page(self, told: World) -> None:
        theme_id = told.where("theme_id")["a00"]
        with told.db.begin() as session:
            whole = evidence(session, ORG, theme_id)
            assert [voice.span.id for voice in whole[5:8]] == [
                voice.span.id for voice in evidence(session, ORG, theme_id, limit=3, offset=5)
            ]
        assert len(whole) == 20
        assert whole[0].span.id == told.spans["a00"]
        assert (whole[0].source, whole[0].confidence, whole[0].item.external_id) == ("desk", 0.9, "a00")

    def test_an_unknown_theme_is_told(self, told: World) -> None:
        with told.db.begin() as session, pytest.raises(NotFound, match="no theme nope"):
            evidence(session, ORG, "nope")


class TestWhereEverySpanIs:
    def test_rows_are_in_the_order_of_the_export_and_unthemed_ones_are_there(self, told: World) -> None:
        told.say("A00")
        with told.db.begin() as session:
            rows = list(assignments.list_spans(session, ORG))
        assert [row.external_id for row in rows] == ["A00", *voices("a", 0, 20), *voices("b", 0, 10)]
        assert (rows[0].theme_id, rows[0].confidence, rows[0].origin) == (None, None, "model")
        assert rows[1].theme_id == told.where("theme_id")["a00"]

    def test_an_item_is_about_the_theme_of_most_of_its_characters(self, told: World) -> None:
        told.also("a20", of="b00", length=500)
        told.also("b20", of="a00", length=1)
        told.say("c00")
        told.group([[*voices("a", 0, 20), "a20"], [*voices("b", 0, 10), "b20"]], unthemed=["c00"])
        where = told.take()
        with told.db.begin() as session:
            found = assignments.item_themes(session, ORG)
            some = assignments.item_themes(session, ORG, [digest(ORG, "item", "b00")])
        assert found[digest(ORG, "item", "b00")] == where["a20"] == where["a00"]
        assert found[digest(ORG, "item", "a00")] == where["a00"]
        assert digest(ORG, "item", "c00") not in found
        assert some == {digest(ORG, "item", "b00"): where["a00"]}

    def test_two_themes_of_equal_share_are_told_apart_by_id(self, told: World) -> None:
        told.say("c00", "12345")
        told.also("c01", of="c00", length=5)
        told.group([[*voices("a", 0, 20), "c00"], [*voices("b", 0, 10), "c01"]])
        where = told.take()
        with told.db.begin() as session:
            found = assignments.item_themes(session, ORG)
        assert found[digest(ORG, "item", "c00")] == min(where["c00"], where["c01"])
