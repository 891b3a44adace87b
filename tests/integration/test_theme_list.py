"""The list of themes: what fits a filter is what its voices say, in every order each theme stands once."""

import re
from datetime import date
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import Session, col, select

from service.db import Database
from service.models import MAIN, Account, Assignment, Item, Run, Source, Span, Theme
from service.pipeline import tally
from service.repositories import theme_lists
from service.repositories.theme_lists import SORTS, Wanted

ZONE = ZoneInfo("Asia/Tokyo")


def said(session: Session) -> list[tuple[str, Item, str, str | None]]:
    """Every item about every theme, with its source and the plan of its account."""
    query = (
        select(Theme.id, Item, Source.name, Account.plan)
        .join(Assignment, col(Assignment.theme_id) == col(Theme.id))
        .join(Run, (col(Run.id) == col(Assignment.run_id)) & (col(Run.state) == "live"))
        .join(Span, col(Span.id) == col(Assignment.span_id))
        .join(Item, col(Item.id) == col(Span.item_id))
        .join(Source, col(Source.id) == col(Item.source_id))
        .outerjoin(Account, col(Account.account_id) == col(Item.account_id))
    )
    return list(session.exec(query))


def found(session: Session, wanted: Wanted) -> set[str]:
    themes = theme_lists.find(session, MAIN, wanted, zone=ZONE)
    assert theme_lists.count(session, MAIN, wanted, zone=ZONE) == len(themes)
    assert sum(theme_lists.count_by_stage(session, MAIN, wanted, zone=ZONE).values()) == len(themes)
    return {theme.id for theme in themes}


class TestFilters:
    def test_choose_the_themes_whose_voices_are_so(self, demo_db: Database) -> None:
        with demo_db.begin() as session:
            some = next(item for _, item, _, plan in said(session) if item.account_id and plan)
            some.product_area = "Billing"
        tally.run(demo_db, MAIN)
        with demo_db.begin() as session:
            heard = said(session)
            _, item, source, plan = next(each for each in heard if each[1].product_area == "Billing")
            account = item.account_id or ""
            for wanted, fits in (
                (Wanted(source=source), {t for t, _, name, _ in heard if name == source}),
                (Wanted(plan=plan or ""), {t for t, _, _, its in heard if its == plan}),
                (Wanted(channel=item.channel), {t for t, one, _, _ in heard if one.channel == item.channel}),
                (Wanted(area="Billing"), {t for t, one, _, _ in heard if one.product_area == "Billing"}),
                (Wanted(account=account), {t for t, one, _, _ in heard if one.account_id == account}),
            ):
                assert found(session, wanted) == fits
                assert fits

    def test_of_days_ask_when_something_was_said(self, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            days: dict[str, list[date]] = {}
            for theme, item, _, _ in said(session):
                days.setdefault(theme, []).append(item.created_at.astimezone(ZONE).date())
            day = sorted(max(each) for each in days.values())[len(days) // 2]
            assert found(session, Wanted(since=day)) == {t for t, each in days.items() if max(each) >= day}
            first = sorted(min(each) for each in days.values())[len(days) // 2]
            fits = {theme for theme, each in days.items() if min(each) >= first}
            assert found(session, Wanted(new_since=first)) == fits
            assert 0 < len(fits) < len(days)

    def test_narrow_each_other_and_nothing_fits_what_is_not_there(self, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            both = found(session, Wanted(kind="question", lang="ja"))
            assert both == found(session, Wanted(kind="question")) & found(session, Wanted(lang="ja"))
            assert both
            assert found(session, Wanted(account="nobody")) == set()
            assert found(session, Wanted(source="nowhere")) == set()


@pytest.mark.parametrize("sort", SORTS)
def test_in_every_order_each_theme_stands_on_one_page(read_demo_db: Database, sort: str) -> None:
    with read_demo_db.begin() as session:
        whole = [theme.id for theme in theme_lists.find(session, MAIN, Wanted(), zone=ZONE, sort=sort)]
        pages = [
            theme.id
            for start in range(0, len(whole), 7)
            for theme in theme_lists.find(
                session, MAIN, Wanted(), zone=ZONE, sort=sort, limit=7, offset=start
            )
        ]
    assert pages == whole
    assert len(set(whole)) == len(whole) > 20


class TestThePage:
    def test_counts_the_themes_that_fit_and_keeps_the_filter_in_its_links(
        self, demo_pages: httpx.Client
    ) -> None:
        page = demo_pages.get("/themes?kind=question&sort=voices").text
        told = re.search(r"(\d+) of (\d+) themes fit", page)
        assert told
        assert int(told[1]) < int(told[2])
        assert 'href="/themes?kind=question&amp;sort=voices&amp;stage=understood"' in page
        counts = [
            int(each.replace(",", ""))
            for each in re.findall(r'data-label="Voices"><a class="open" href="[^"]+">([\d,]+)<', page)
        ]
        assert counts == sorted(counts, reverse=True)

    def test_offers_what_there_is_and_opens_the_filters_that_are_chosen(
        self, demo_pages: httpx.Client
    ) -> None:
        page = demo_pages.get("/themes").text
        assert '<details class="narrow-by"><summary>' in page
        source = re.search(r'<select name="source">.*?<option value="([^"]+)">', page, re.DOTALL)
        assert source
        chosen = demo_pages.get("/themes", params={"source": source[1]}).text
        assert '<details class="narrow-by" open>' in chosen
        assert f'<option value="{source[1]}" selected>' in chosen

    def test_says_so_where_nothing_fits(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/themes?account=nobody").text
        assert "No theme fits these filters." in page
