"""The page of touchpoints: each number is that of the voices it opens; high touch learns of tech touch."""

import re
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from html import unescape

import httpx
import pytest
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Account, Assignment, Item, Run, Span, TallyOfTouchpoints, Theme
from service.pipeline import tally
from service.repositories import matrix, theme_lists, touchpoints
from service.repositories.theme_lists import Wanted
from tests.access import an_organisation
from tests.integration.test_theme_list import ZONE
from tests.live import open_pages, serving
from tests.waiting import one_waits, until

DAYS = "since=2025-11-01&until=2026-05-04"
SINCE, UNTIL = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def client(read_demo_db: Database) -> Iterator[httpx.Client]:
    """The pages of the demo, which nothing here changes."""
    with open_pages(read_demo_db) as address, httpx.Client(base_url=address, timeout=60) as opened:
        opened.headers["Accept-Language"] = "en"
        yield opened


def read(client: httpx.Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.text)


def says(page: str, number: str) -> bool:
    """Say whether a list says that it has so many voices."""
    return ("one voice" if number == "1" else f"{number} voices") in page.lower()


def heard(session: Session) -> dict[tuple[str, str], list[Item]]:
    """The items that count, by touchpoint."""
    items = list(session.exec(select(Item).where(col(Item.set_aside).is_(None))))
    where = touchpoints.of_items(session, MAIN, [item.id for item in items])
    found = defaultdict(list)
    for item in items:
        layer, moment = where[item.id]
        found[layer or "unknown", moment or "unknown"].append(item)
    return found


def themes_of(session: Session) -> dict[str, set[str]]:
    """The themes of each item."""
    query = select(Span.item_id, Theme.id).join(Assignment, col(Assignment.span_id) == col(Span.id))
    query = query.join(Theme, col(Theme.id) == col(Assignment.theme_id))
    query = query.join(Run, (col(Run.id) == col(Assignment.run_id)) & (col(Run.state) == "live"))
    found = defaultdict(set)
    for item_id, theme_id in session.exec(query.where(col(Theme.ignored).is_(False))):
        found[item_id].add(theme_id)
    return found


class TestTheCount:
    def test_is_that_of_all_voices_of_the_days(self, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            counted = matrix.count(session, MAIN, since=SINCE, until=UNTIL).cells
            expected = {
                key: [item for item in items if SINCE <= item.created_at < UNTIL]
                for key, items in heard(session).items()
            }
        for key, items in expected.items():
            if not items:
                assert key not in counted
                continue
            assert counted[key].voices == len(items)
            assert counted[key].customers == len({item.customer_id or item.id for item in items})
        assert {layer for layer, _ in counted} >= {"tech", "low", "high"}

    def test_tells_the_largest_themes_of_each(self, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            counted = matrix.count(session, MAIN).cells
            about, where = themes_of(session), heard(session)
        for key, cell in counted.items():
            by_theme: dict[str, int] = defaultdict(int)
            for item in where[key]:
                for theme in about[item.id]:
                    by_theme[theme] += 1
            assert [spoken.voices for spoken in cell.themes] == sorted(by_theme.values())[::-1][:3]
            assert all(by_theme[spoken.theme.id] == spoken.voices for spoken in cell.themes)

    def test_tells_high_touch_what_its_accounts_said_at_tech_touch(self, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            told = matrix.count(session, MAIN).told["high"]
            about, where = themes_of(session), heard(session)
        met = {item.account_id for (layer, _), items in where.items() if layer == "high" for item in items}
        said = defaultdict(list)
        there = set()
        for (layer, _), items in where.items():
            for item in items:
                for theme in about[item.id]:
                    if layer == "tech" and item.account_id and item.account_id in met:
                        said[theme].append(item.account_id)
                    if layer == "high":
                        there.add(theme)
        assert told
        for one in told:
            assert (one.voices, one.accounts) == (len(said[one.theme.id]), len(set(said[one.theme.id])))
            assert one.heard_there == (one.theme.id in there)
        assert told[0].accounts == max(len(set(accounts)) for accounts in said.values())

    def test_of_another_organisation_is_its_own(self, demo_db: Database) -> None:
        north = an_organisation(demo_db, "north")
        with demo_db.begin() as session:
            assert matrix.count(session, north).cells == {}
            assert matrix.count(session, north).told == {}


def test_themes_are_chosen_by_where_something_was_said_of_them(read_demo_db: Database) -> None:
    with read_demo_db.begin() as session:
        about, where = themes_of(session), heard(session)
        for layer, moment in where:
            items = [item for key, some in where.items() if key[0] == layer for item in some]
            found = theme_lists.find(session, MAIN, Wanted(layer=layer), zone=ZONE)
            assert {theme.id for theme in found} == {t for item in items for t in about[item.id]}
            items = [item for key, some in where.items() if key[1] == moment for item in some]
            found = theme_lists.find(session, MAIN, Wanted(moment=moment), zone=ZONE)
            assert {theme.id for theme in found} == {t for item in items for t in about[item.id]}


class TestThePage:
    def test_opens_each_number_to_as_many_voices(self, client: httpx.Client) -> None:
        page = read(client, f"/touchpoints?{DAYS}")
        counted = re.sub(r'data-label="Accounts">.*?</td>', "", page)
        opened = re.findall(r'href="(/items\?[^"]+)">([\d,]+)(?: voices)?</a>', counted)
        assert len(opened) > 15
        for address, number in opened:
            assert says(read(client, address), number), address

    def test_says_where_most_is_heard_and_what_high_touch_should_know(self, client: httpx.Client) -> None:
        page = re.sub(r"<[^>]+>", "", read(client, f"/touchpoints?{DAYS}"))
        assert re.search(
            r"Most is heard here: Tech touch, second moment of truth\. \d+ of [\d,]+ voices\.", page
        )
        assert "High touch should know: " in page
        assert "Using it." in page
        assert "Nobody has said so yet." in page

    def test_says_the_same_in_japanese(self, client: httpx.Client) -> None:
        page = client.get(f"/touchpoints?{DAYS}", headers={"Accept-Language": "ja"}).text
        assert "ハイタッチが知っておくべきこと" in page
        assert "使うとき。" in page

    def test_keeps_to_the_days_and_the_account_that_are_asked_for(self, client: httpx.Client) -> None:
        assert "No voice came in these days." in read(
            client, "/touchpoints?since=2020-01-01&until=2020-02-01"
        )
        page = read(client, f"/touchpoints?{DAYS}&account=A03")
        assert all("account=A03" in each for each in re.findall(r'href="(/items\?[^"]+)"', page))
        assert client.get("/touchpoints?since=yesterday").status_code == 422

    def test_of_an_empty_organisation_says_so(self, db: Database) -> None:
        with serving(create_app(db, Settings(), demo=True)) as address:
            page = httpx.get(f"{address}/touchpoints", headers={"Accept-Language": "ja"}).text
        assert "この期間に届いた声はありません。" in page


def test_the_page_of_an_account_shows_its_touchpoints(client: httpx.Client, read_demo_db: Database) -> None:
    with read_demo_db.begin() as session:
        met = [item for (layer, _), some in heard(session).items() if layer == "high" for item in some]
        known = set(session.exec(select(Account.account_id)))
        account = next(item.account_id for item in met if item.account_id in known)
    page = read(client, f"/accounts/{account}")
    assert f'href="/touchpoints?account={account}"' in page
    opened = re.findall(r'href="(/items\?[^"]*layer=[^"]+)">([\d,]+)</a>', page)
    assert any("layer=high" in address for address, _ in opened)
    for address, number in opened:
        assert says(read(client, address), number), address


class TestWhatIsCountedBeforehand:
    def test_is_what_the_page_would_count(self, demo_db: Database) -> None:
        now = datetime(2026, 5, 4, 3, tzinfo=UTC)
        with demo_db.begin() as session:
            matrix.keep(session, MAIN, now=now)
            takes_long(session)
        with demo_db.begin() as session:
            kept = matrix.kept(session, MAIN, today=date(2026, 5, 4))
            assert kept is not None
            assert (kept.since, kept.until) == (date(2025, 11, 4), date(2026, 5, 4))
            counted = matrix.count(
                session,
                MAIN,
                since=datetime(2025, 11, 4, tzinfo=ZONE),
                until=datetime(2026, 5, 5, tzinfo=ZONE),
            )
            assert (kept.matrix, bool(counted.cells)) == (counted, True)
            assert matrix.kept(session, MAIN, today=date(2026, 5, 6)) is None

    def test_is_shown_where_counting_takes_long_and_says_when_it_was(self, demo_db: Database) -> None:
        with demo_db.begin() as session:
            session.execute(update(Item).values(created_at=datetime.now(UTC) - timedelta(days=7)))
        tally.run(demo_db, MAIN)
        with open_pages(demo_db) as address, httpx.Client(base_url=address, timeout=60) as client:
            client.headers["Accept-Language"] = "en"
            quick = read(client, "/touchpoints")
            assert "As counted at" not in quick
            with demo_db.begin() as session:
                takes_long(session)
            slow = read(client, "/touchpoints")
            assert "As counted at" in slow
            told = re.compile(r'href="(/items\?[^"]*)"')
            assert told.findall(slow) == told.findall(quick) != []
            shown = re.findall(r'href="/themes/([0-9a-f]{20})"', slow)
            with demo_db.begin() as session:
                session.get_one(Theme, shown[0]).ignored = True
            left = re.findall(r'href="/themes/([0-9a-f]{20})"', read(client, "/touchpoints"))
            assert shown[0] not in left
            assert set(left) == set(shown) - {shown[0]}
            day = datetime.now(ZONE).date().isoformat()
            assert "As counted at" not in read(client, f"/touchpoints?until={day}")
            assert "As counted at" not in read(client, "/touchpoints?account=A03")

    def test_is_counted_again_where_somebody_asks_for_all_to_be_counted(self, demo_db: Database) -> None:
        def counted_at() -> datetime:
            with demo_db.begin() as session:
                takes_long(session)
                return session.get_one(TallyOfTouchpoints, MAIN).counted_at

        tally.run(demo_db, MAIN)
        first = counted_at()
        tally.catch_up(demo_db, MAIN)
        assert counted_at() == first
        tally.run(demo_db, MAIN)
        assert counted_at() > first

    def test_is_counted_by_two_at_once_without_a_clash(self, demo_db: Database) -> None:
        with demo_db.begin() as session:
            session.execute(delete(TallyOfTouchpoints))
        with ThreadPoolExecutor(1) as pool:
            with demo_db.begin() as session:
                matrix.keep(session, MAIN, now=datetime.now(UTC))
                second = pool.submit(tally.catch_up, demo_db, MAIN)
                until(lambda: one_waits(demo_db))
            second.result(timeout=60)

    def test_is_not_counted_again_at_once_where_that_takes_long(self, demo_db: Database) -> None:
        now = datetime(2026, 5, 4, 3, tzinfo=UTC)
        for later, expected in ((30, now), (90, now + timedelta(seconds=90))):
            with demo_db.begin() as session:
                matrix.keep(session, MAIN, now=now)
                takes_long(session)
                matrix.keep(session, MAIN, now=now + timedelta(seconds=later))
                assert session.get_one(TallyOfTouchpoints, MAIN).counted_at == expected
                session.execute(delete(TallyOfTouchpoints))


def takes_long(session: Session) -> None:
    """Let counting the touchpoints have taken longer than anybody waits for."""
    session.execute(update(TallyOfTouchpoints).values(seconds=5.0))
