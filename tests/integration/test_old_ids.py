"""An id that was given out once leads on for ever, through merges, splits and merges again."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from service.db import Database
from service.models import Delivery, Intervention, Suggestion, Target, Theme
from service.pipeline import measure
from service.repositories.interventions import list_interventions
from service.repositories.lineage import heirs
from tests.api import API, asking
from tests.integration.conftest import Reader
from tests.integration.test_cluster import ORG
from tests.live import open_pages
from tests.previewing import Company


@pytest.fixture
def company(db: Database) -> Company:
    return Company(db, letters="abcd")


@pytest.fixture
def pages(company: Company, reader: Reader) -> Iterator[httpx.Client]:
    with open_pages(company.db) as address:
        yield reader(address)


def merge(company: Company, into: str, letter: str) -> None:
    """Let a run put a letter's voices to those of another."""
    company.said |= {text: company.said[f"{into}0"] for text in company.said if text[0] == letter}
    company.run()


def part(company: Company, letter: str) -> None:
    """Let a run put a letter's voices back into a group of their own."""
    company.said |= {text: ord(letter) for text in company.said if text[0] == letter}
    company.run()


def became(company: Company, theme_id: str) -> list[str]:
    """Return what the API says became of a theme, and check that its successor leads there, too."""
    with asking(company.db) as api:
        told = api.get(f"{API}/themes/{theme_id}").json()
        ids: list[str] = told["became"]
        assert told["retired"] == bool(told["successor_id"])
        while told["retired"]:
            told = api.get(f"{API}/themes/{told['successor_id']}").json()
    assert ids[:1] in ([], [told["theme_id"]])
    return ids


def test_a_chain_of_merges_leads_to_the_theme_that_is_left(company: Company, pages: httpx.Client) -> None:
    first = company.where()
    merge(company, "b", "a")
    merge(company, "c", "a")
    merge(company, "c", "b")
    merge(company, "c", "d")
    now = company.where()
    assert len(set(now.values())) == 1
    for letter in "abcd":
        old = first[f"{letter}0"]
        if old == now["a0"]:
            assert became(company, old) == []
            continue
        assert became(company, old) == [now["a0"]]
        page = pages.get(f"/themes/{old}")
        assert page.status_code == 200
        assert "It went on as" in page.text
        assert f'href="/themes/{now["a0"]}"' in page.text


def test_what_comes_apart_at_once_comes_back_under_its_id(company: Company) -> None:
    first = company.where()
    merge(company, "b", "a")
    part(company, "a")
    assert company.where() == first


def test_a_split_long_after_a_merge_offers_every_piece(company: Company, pages: httpx.Client) -> None:
    first = company.where()
    merge(company, "b", "a")
    company.run()  # now no run remembers the spans of the theme that ended
    company.say("a10", "b10")  # and neither piece is the very theme that it was
    part(company, "a")
    now = company.where()
    [gone] = {first["a0"], first["b0"]} - set(now.values())
    assert now["a0"] != now["b0"]
    assert gone not in (now["a0"], now["b0"])
    assert set(became(company, gone)) == {now["a0"], now["b0"]}
    page = pages.get(f"/themes/{gone}").text
    assert "Parts of what it was are in these, too" in page
    assert all(f'href="/themes/{now[name]}"' in page for name in ("a0", "b0"))


def test_a_theme_whose_voices_are_in_none_says_so(company: Company, pages: httpx.Client) -> None:
    first = company.where()
    company.said = {text: group for text, group in company.said.items() if text[0] != "a"}
    company.run()
    with company.db.begin() as session:
        gone = session.get_one(Theme, first["a0"])
        assert gone.retired
        assert heirs(session, ORG, [gone]) == {gone.id: []}
    assert "What was said about it is in no theme today." in pages.get(f"/themes/{first['a0']}").text


def test_suggestions_deliveries_and_interventions_of_a_theme_that_ended_lead_on(
    company: Company, pages: httpx.Client
) -> None:
    first = company.where()
    merge(company, "b", "a")
    merge(company, "c", "a")
    merge(company, "c", "b")
    now = company.where()
    gone = next(first[name] for name in ("a0", "b0") if first[name] != now["a0"])
    moment = datetime.now(UTC)
    with company.db.begin() as session:
        session.add(
            Suggestion(
                id="s",
                organisation_id=ORG,
                theme_id=gone,
                action="no_action",
                lang="en",
                confidence=1.0,
                status="accepted",
            )
        )
        session.add(Target(id="t", organisation_id=ORG, name="t", kind="memory"))
        session.flush()
        session.add(
            Delivery(
                id="d",
                organisation_id=ORG,
                subject_id="s",
                suggestion_id="s",
                target_id="t",
                created_at=moment,
                next_at=moment,
                updated_at=moment,
            )
        )
        session.add(
            Intervention(
                id="i", organisation_id=ORG, intervention_id="i", theme=gone, occurred_at=moment, kind="fix"
            )
        )
    for path in ("/suggestions/s", "/deliveries/d"):
        page = pages.get(path)
        assert page.status_code == 200
    assert f'href="/themes/{gone}"' in pages.get("/suggestions/s").text
    assert f'href="/themes/{now["a0"]}"' in pages.get(f"/themes/{gone}").text
    measure.run(company.db, ORG)
    with company.db.begin() as session:
        assert [each.theme_id for each in list_interventions(session, ORG)] == [now["a0"]]
