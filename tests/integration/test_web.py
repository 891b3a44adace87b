"""The pages over HTTP: what they show, and that every number opens to the voices behind it."""

import re
from itertools import product

import httpx
from sqlalchemy import event
from sqlmodel import col, func, select

from service.db import Database
from service.models import MAIN, Assignment, Item, Run, Span, Theme
from service.pipeline.run import run
from tests.demo import demo_ports, feed_demo
from tests.live import LISTS, one_of_each


class TestPages:
    def test_every_kind_of_page_opens_in_both_languages(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        for path, lang in product(one_of_each(demo_db), ("en", "ja")):
            page = demo_pages.get(path, headers={"Accept-Language": lang})
            assert (page.status_code, page.headers["Content-Language"]) == (200, lang), path
            assert f'<html lang="{lang}">' in page.text
            assert page.text.count("<h1") == 1, path

    def test_every_link_of_every_kind_of_page_leads_somewhere(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        found = dict.fromkeys(one_of_each(demo_db), "")
        for path in list(found):
            for address in re.findall(r'href="(/[^"#]*)', demo_pages.get(path).text):
                found.setdefault(address.replace("&amp;", "&"), path)
        broken = {
            (page, address)
            for address, page in sorted(found.items())[:: max(len(found) // 60, 1)]
            if demo_pages.get(address, follow_redirects=True).status_code != 200
        }
        assert broken == set()

    def test_an_empty_home_says_what_to_do_first(self, empty_pages: httpx.Client) -> None:
        for path in LISTS:
            page = empty_pages.get(path)
            assert page.status_code == 200
            assert "<code>koe " in page.text or 'action="/files"' in page.text, path

    def test_voices_that_nobody_has_grouped_yet_are_counted(
        self, empty_pages: httpx.Client, db: Database
    ) -> None:
        feed_demo(db, only=("demo-nps",))
        run(db, MAIN, demo_ports(), only="ingest")
        page = empty_pages.get("/themes")
        assert "No themes yet" in page.text
        assert "wait to be read" in page.text

    def test_the_language_that_was_chosen_is_remembered(self, demo_pages: httpx.Client) -> None:
        answer = demo_pages.get("/items?q=CSV&page=2&ui=ja")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/items?q=CSV&page=2")
        assert '<html lang="ja">' in demo_pages.get("/items").text

    def test_a_page_asks_the_database_few_questions_however_much_it_shows(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        asked: list[str] = []
        event.listen(demo_db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        counts = {}
        for path in one_of_each(demo_db):
            asked.clear()
            demo_pages.get(path)
            counts[path] = len(asked)
        assert {path: count for path, count in counts.items() if count > 30} == {}


class TestNumbersOpen:
    def test_the_numbers_of_a_theme_open_to_as_many_voices(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        with demo_db.begin() as session:
            theme_ids = list(session.exec(select(Theme.id).where(Theme.parent_id == None).limit(8)))  # noqa: E711
        for theme_id in theme_ids:
            page = demo_pages.get(f"/themes/{theme_id}").text
            shown = re.search(rf'href="/items\?theme={theme_id}">([\d,]+) voices?<', page)
            if shown is None:
                assert "one voice" in page
                continue
            assert f"{shown[1]} voices fit" in demo_pages.get(f"/items?theme={theme_id}").text

    def test_every_week_of_a_trend_opens_to_its_voices(self, demo_pages: httpx.Client) -> None:
        theme = self._largest(demo_pages)
        page = demo_pages.get(f"/themes/{theme}").text
        weeks = re.findall(r'<td class="n"><a class="open" href="([^"]+)">(\d+)</a></td>', page)
        assert len(weeks) > 20
        for address, count in weeks[-6:]:
            fitting = demo_pages.get(address.replace("&amp;", "&")).text
            assert re.search(r"(\d+|One) voices? fits?", fitting)
            assert (int(count) == 0) == ("No voice fits" in fitting)

    @staticmethod
    def _largest(demo_pages: httpx.Client) -> str:
        found = re.search(r'href="/themes/([0-9a-f]+)"', demo_pages.get("/themes").text)
        assert found
        return found[1]

    def test_an_articles_number_opens_to_the_voices_that_it_answers(self, demo_pages: httpx.Client) -> None:
        found = re.findall(r'href="(/items\?article=[0-9a-f]+)">(\d+)<', demo_pages.get("/articles").text)
        assert len(found) > 10
        for address, count in found[:5]:
            assert f"{count} voices fit" in demo_pages.get(address).text

    def test_filters_narrow_and_can_be_taken_away_one_by_one(self, demo_pages: httpx.Client) -> None:
        theme = self._largest(demo_pages)
        both = demo_pages.get(
            f"/items?theme={theme}&since=2025-12-01&until=2026-02-01&channel=contact&kind=question"
        )
        assert both.status_code == 200
        assert both.text.count('aria-label="Take this filter away') == 3
        assert f'<input type="hidden" name="theme" value="{theme}">' in both.text
        assert "channel=contact" in both.text

    def test_how_severe_and_how_it_sounds_opens_to_the_voices_that_are_counted(
        self, demo_pages: httpx.Client
    ) -> None:
        page = demo_pages.get(f"/themes/{self._largest(demo_pages)}").text
        links = r'href="(/items\?theme=[0-9a-f]+&amp;(?:severity|tone)=[a-z]+)">([\w ]+) voices?<'
        found = re.findall(links, page)
        assert found
        for address, count in found:
            fits = demo_pages.get(address.replace("&amp;", "&")).text
            assert (f"{count} voices fit" in fits) or (count == "one" and "One voice fits" in fits)

    def test_a_voice_says_by_which_words_it_was_read(self, demo_pages: httpx.Client) -> None:
        listed = demo_pages.get("/items?severity=high").text
        item = re.search(r'href="(/items/[0-9a-f]+)"', listed)
        assert item
        page = demo_pages.get(item[1]).text
        assert "By which words" in page
        assert "Severity" in page

    def test_what_was_set_aside_is_counted_by_reason_and_opens(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/themes").text
        found = re.findall(r'href="/items\?only=(empty|spam|bot)">(\d+) ', page)
        assert found
        for reason, count in found:
            fits = demo_pages.get(f"/items?only={reason}").text
            assert f"{count} voices fit" in fits or "One voice fits" in fits

    def test_words_are_found_in_any_order_and_a_voice_by_its_number(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        assert "voices fit" in demo_pages.get("/items", params={"q": "文字化け CSV"}).text
        with demo_db.begin() as session:
            item = session.exec(select(Item).order_by(Item.id)).first()
        assert item
        assert f"/items/{item.id}" in demo_pages.get("/items", params={"q": item.external_id}).text
        assert "No voice fits" in demo_pages.get("/items", params={"q": "%_\\'; --"}).text


def test_what_was_heard_last_of_a_large_theme_stands_on_its_first_page(
    demo_db: Database, demo_pages: httpx.Client
) -> None:
    with demo_db.begin() as session:
        run = session.exec(select(Run).where(Run.state == "live")).one()
        themes = session.exec(
            select(col(Assignment.theme_id), func.count())
            .where(Assignment.run_id == run.id, col(Assignment.theme_id).is_not(None))
            .group_by(col(Assignment.theme_id))
            .order_by(func.count().desc())
        ).all()
        theme_id = themes[0][0]
        newest = session.exec(
            select(Item.id)
            .join(Span, col(Span.item_id) == col(Item.id))
            .join(Assignment, col(Assignment.span_id) == col(Span.id))
            .where(Assignment.run_id == run.id, Assignment.theme_id == theme_id)
            .order_by(col(Item.created_at).desc(), col(Span.id).collate("C"))
        ).first()
    first = demo_pages.get(f"/themes/{theme_id}").text
    heard_last = first.partition('id="newest"')[2].partition("</section>")[0]
    assert f'href="/items/{newest}"' in heard_last
    assert 'id="newest"' not in demo_pages.get(f"/themes/{theme_id}?page=2").text
