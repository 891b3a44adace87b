"""The pages of accounts and customers, and the brief before a visit."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest
from sqlalchemy import func
from sqlmodel import col, select

from service.db import Database
from service.models import Account, Item
from tests.live import open_pages


@pytest.fixture(scope="module")
def client(read_demo_db: Database) -> Iterator[httpx.Client]:
    """The pages of the demo, which nothing here changes."""
    with open_pages(read_demo_db) as address, httpx.Client(base_url=address, timeout=60) as opened:
        opened.headers["Accept-Language"] = "en"
        yield opened


def busiest(db: Database) -> str:
    """Return the id of the account that said most."""
    with db.begin() as session:
        query = select(Item.account_id).where(
            col(Item.account_id).is_not(None), col(Item.set_aside).is_(None)
        )
        most = query.group_by(col(Item.account_id)).order_by(func.count().desc(), col(Item.account_id))
        return session.exec(most.limit(1)).one() or ""


class TestTheList:
    def test_every_account_is_in_it_with_its_voices(
        self, client: httpx.Client, read_demo_db: Database
    ) -> None:
        page = client.get("/accounts").text
        with read_demo_db.begin() as session:
            known = session.exec(select(func.count()).select_from(Account)).one()
        assert f"{known} accounts" in page
        account = busiest(read_demo_db)
        number = re.search(rf'account={account}">([\d,]+)</a>', page)
        assert number
        listed = client.get(f"/items?account={account}").text
        assert f"{number[1]} voices" in listed

    def test_a_plan_narrows_it_and_one_that_nobody_has_says_so(
        self, client: httpx.Client, read_demo_db: Database
    ) -> None:
        with read_demo_db.begin() as session:
            plan = session.exec(select(Account.plan).where(col(Account.plan).is_not(None))).first()
            some = session.exec(select(func.count()).where(Account.plan == plan)).one()
        assert client.get("/accounts", params={"plan": plan or ""}).text.count("<tr class=") == some
        assert "No account is like that" in client.get("/accounts", params={"plan": "<none>"}).text

    def test_those_that_renew_next_are_still_customers_and_come_in_order(
        self, client: httpx.Client, read_demo_db: Database
    ) -> None:
        with read_demo_db.begin() as session:
            query = select(Account).where(
                col(Account.renews_at) >= datetime.now(UTC), col(Account.ended_at).is_(None)
            )
            order = col(Account.renews_at), col(Account.account_id).collate("C")
            due = [each.account_id for each in session.exec(query.order_by(*order))]
        page = client.get("/accounts?sort=renews").text
        assert re.findall(r'data-row><th[^>]*><a[^>]* href="/accounts/([^"]*)"', page) == due[:50]

    def test_without_any_it_says_how_they_come_in(self, empty_pages: httpx.Client) -> None:
        assert "koe import accounts" in empty_pages.get("/accounts").text


class TestAnAccount:
    def test_every_number_of_a_theme_opens_to_its_voices_of_this_account(
        self, client: httpx.Client, read_demo_db: Database
    ) -> None:
        page = client.get(f"/accounts/{busiest(read_demo_db)}").text
        links = re.findall(r'href="(/items\?theme=[^"]*)">(\d+)</a>', page)
        assert links
        for address, number in links[:3]:
            listed = client.get(address.replace("&amp;", "&")).text
            assert listed.count("data-row") == int(number)

    def test_themes_about_which_something_was_done_are_apart_with_what_came(
        self, client: httpx.Client, read_demo_db: Database
    ) -> None:
        with read_demo_db.begin() as session:
            accounts = list(session.exec(select(Account.account_id)))
        pages = [client.get(f"/accounts/{each}").text for each in accounts[:20]]
        solved = [page.split('id="solved"')[1].split("</section>")[0] for page in pages]
        opened = [page.split('id="open"')[1].split("</section>")[0] for page in pages]
        assert any("/effects/" in each for each in solved)
        assert not any("/effects/" in each for each in opened)

    def test_one_that_is_known_by_its_voices_only_says_so(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        with demo_db.begin() as session:
            item = session.exec(select(Item).where(col(Item.account_id).is_not(None))).first()
            assert item
            item.account_id = "a/strange <one>"
        page = demo_pages.get("/accounts/a%2Fstrange%20%3Cone%3E").text
        assert "a/strange &lt;one&gt;" in page
        assert "Nothing is known of this account but its voices" in page

    def test_one_of_which_nothing_was_ever_heard_is_not_found(self, client: httpx.Client) -> None:
        for path in ("/accounts/none", "/customers/none", "/brief/accounts/none", "/brief/customers/none"):
            assert client.get(path).status_code == 404


class TestABrief:
    def test_it_says_what_to_ask_and_what_to_tell_within_two_pages(
        self, client: httpx.Client, read_demo_db: Database
    ) -> None:
        page = client.get(f"/brief/accounts/{busiest(read_demo_db)}").text
        assert "Ask about" in page
        assert "Tell them" in page
        words = re.sub(r"<[^>]+>", " ", page.split('class="brief"')[1])
        assert len(words) < 8_000, "two A4 pages hold no more"

    def test_it_quotes_what_they_said_themselves(self, client: httpx.Client, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            texts: dict[str, str] = {}
            for account, text in session.exec(select(Item.account_id, Item.text)):
                texts[account or ""] = texts.get(account or "", "") + (text or "")
        quoted = 0
        for account in sorted(texts.keys() - {""})[:8]:
            page = client.get(f"/brief/accounts/{account}").text
            quotes = re.findall(r'<blockquote class="voice"[^>]*>(.*?)</blockquote>', page, re.DOTALL)
            assert all(unescape(quote) in texts[account] for quote in quotes)
            quoted += len(quotes)
        assert quoted > 8


class TestACustomer:
    def test_a_customer_has_the_same_page(self, client: httpx.Client, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            who = session.exec(select(Item.customer_id).where(col(Item.customer_id).is_not(None))).first()
        page = client.get(f"/customers/{who}")
        assert page.status_code == 200
        assert "Brief before a visit" in page.text
