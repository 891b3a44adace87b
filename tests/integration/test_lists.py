"""Lists as files: what a page lists, in forms that a spreadsheet opens and does not run."""

import csv
import io
import re
from collections.abc import Iterator

import httpx
import pytest
from openpyxl import load_workbook
from sqlmodel import col, select

from service.db import Database
from service.models import Account, Item, Theme
from tests.live import open_pages

NOUNS = ("themes", "suggestions", "effects", "accounts", "items")


@pytest.fixture(scope="module")
def client(read_demo_db: Database) -> Iterator[httpx.Client]:
    """The pages of the demo, which nothing here changes."""
    with open_pages(read_demo_db) as address, httpx.Client(base_url=address, timeout=60) as opened:
        opened.headers["Accept-Language"] = "en"
        yield opened


def rows(answer: httpx.Response) -> list[list[str]]:
    """Return the rows of a CSV file, its head first."""
    assert answer.content.startswith(b"\xef\xbb\xbf"), "Excel would take it for another encoding"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("noun", NOUNS)
class TestEveryList:
    def test_its_page_leads_to_both_files_with_the_filters_that_are_set(
        self, client: httpx.Client, noun: str
    ) -> None:
        page = client.get(f"/{noun}?lang=ja&page=2").text
        links = re.findall(rf'href="(/lists/{noun}\.[^"]*)"', page) or re.findall(
            rf'href="(/lists/{noun}\.[^"]*)"', client.get(f"/{noun}?lang=ja").text
        )
        assert [link.replace("&amp;", "&") for link in links] == [
            f"/lists/{noun}.csv?lang=ja",
            f"/lists/{noun}.xlsx?lang=ja",
        ]

    def test_both_files_hold_the_same(self, client: httpx.Client, noun: str) -> None:
        plain = rows(client.get(f"/lists/{noun}.csv"))
        answer = client.get(f"/lists/{noun}.xlsx")
        assert (
            f'filename="koe-{noun if noun != "items" else "voices"}.xlsx"'
            in answer.headers["Content-Disposition"]
        )
        page = load_workbook(io.BytesIO(answer.content)).active
        assert page is not None
        book = list(page.iter_rows(values_only=True))
        assert len(book) == len(plain) > 1
        assert list(book[0]) == plain[0]
        assert [str(row[0]) for row in book[1:]] == [row[0] for row in plain[1:]]

    def test_its_head_speaks_the_readers_language(self, client: httpx.Client, noun: str) -> None:
        heads = [
            rows(client.get(f"/lists/{noun}.csv", headers={"Accept-Language": lang}))[0]
            for lang in ("en", "ja")
        ]
        assert heads[0] != heads[1]
        assert len(heads[0]) == len(heads[1]) == len(set(heads[0])) == len(set(heads[1]))


class TestWhatIsInThem:
    def test_filters_choose_the_same_as_on_the_page(
        self, client: httpx.Client, read_demo_db: Database
    ) -> None:
        with read_demo_db.begin() as session:
            query = select(Theme.id).where(Theme.kind == "question", col(Theme.parent_id).is_(None))
            lives = col(Theme.retired).is_(False), col(Theme.ignored).is_(False)
            wanted = set(session.exec(query.where(*lives)))
        found = rows(client.get("/lists/themes.csv?kind=question"))[1:]
        assert {row[0] for row in found} == wanted

    def test_all_pages_of_a_list_are_in_its_file(self, client: httpx.Client, read_demo_db: Database) -> None:
        with read_demo_db.begin() as session:
            everything = len(list(session.exec(select(Item.id))))
        assert len(rows(client.get("/lists/items.csv"))) - 1 == everything

    def test_another_form_is_not_there(self, client: httpx.Client) -> None:
        assert client.get("/lists/themes.pdf").status_code == 422

    def test_no_cell_is_run_as_a_formula(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        evil = '=HYPERLINK("https://evil.example";"here")\x07'
        with demo_db.begin() as session:
            account = session.exec(select(Account)).first()
            theme = session.exec(select(Theme).where(col(Theme.parent_id).is_(None))).first()
            assert account
            assert theme
            account.name, theme.title = evil, evil
        for noun in ("accounts", "themes"):
            cells = [cell for row in rows(demo_pages.get(f"/lists/{noun}.csv")) for cell in row]
            assert any("HYPERLINK" in cell for cell in cells)
            assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
            page = load_workbook(io.BytesIO(demo_pages.get(f"/lists/{noun}.xlsx").content)).active
            assert page is not None
            kinds = {cell.data_type for row in page.iter_rows() for cell in row}
            assert "f" not in kinds
