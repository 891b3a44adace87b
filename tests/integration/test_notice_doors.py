"""A notice by command, by the API, by its page and by files: the same rules at every door."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text, update
from sqlmodel import SQLModel, col

from service.db import Database
from service.imports import Options, import_file
from service.models import MAIN, Delivery, Intervention, Theme
from service.pipeline.replies import WITHHELD
from service.repositories import consents, customers, joining
from service.repositories.customers import CUSTOMERS
from service.rules.customers import Name
from service.web.page import PAGE_SIZE
from tests.api import API, asking, make_token, program
from tests.cli import Koe
from tests.telling import TellingDesk

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def desk(db: Database) -> TellingDesk:
    """A desk with a customer who is told by hand, and one who said no."""
    desk = TellingDesk.over(db)
    desk.change("crash-1", channel="chat")
    desk.say("c2", "no")
    return desk


@pytest.fixture
def api(desk: TellingDesk) -> Iterator[httpx.Client]:
    with asking(desk.db, "write") as client:
        yield client


def multiply(db: Database, item_id: str, times: int) -> None:
    """Let so many more customers say what a voice says, where it was said."""
    named = {
        "item": "'id', i.id || n, 'external_id', i.external_id || n, 'customer_id', i.customer_id || n",
        "message": "'id', i.id || n, 'item_id', i.item_id || n",
        "span": "'id', i.id || n, 'item_id', i.item_id || n",
        "assignment": "'span_id', i.span_id || n",
    }
    whose = {
        "item": "i.id = :id",
        "message": "i.item_id = :id",
        "span": "i.item_id = :id",
        "assignment": "i.span_id IN (SELECT id FROM span WHERE item_id = :id)",
    }
    with db.begin() as session:
        for table, changed in named.items():
            columns = [one.name for one in SQLModel.metadata.tables[table].columns]
            names = [f'"{one}"' for one in columns if one != "changed_at"]
            there, made = ", ".join(names), ", ".join(f"m.{one}" for one in names)
            record = f"jsonb_populate_record(NULL::{table}, to_jsonb(i) || jsonb_build_object({changed}))"
            copied = f"FROM {table} AS i, generate_series(1, :times) AS n, LATERAL {record} AS m"
            whole = f"INSERT INTO {table} ({there}) SELECT {made} {copied} WHERE {whose[table]}"
            session.execute(text(whole), {"id": item_id, "times": times})


class TestTheApi:
    def test_a_notice_is_read_changed_agreed_to_and_stopped(
        self, api: httpx.Client, desk: TellingDesk
    ) -> None:
        path = f"{API}/notices/{desk.notice_id}"
        (listed,) = api.get(f"{API}/notices").json()["data"]
        whole = api.get(path).json()
        assert listed["waiting"] == {"reply": 2, "by_hand": 1, "none": 1}
        assert {name: whole[name] for name in listed} == listed
        assert {one["customer_id"]: one["way"] for one in whole["recipients"]} == {
            "c0": "reply",
            "c1": "by_hand",
            "c2": "none",
            "c3": "reply",
        }
        assert next(one["text"] for one in whole["recipients"] if one["customer_id"] == "c2") is None
        changed = api.post(f"{path}/texts", json={"texts": {"ja-mail": "直りました。"}, "version": 0}).json()
        assert (changed["version"], changed["texts"]["ja-mail"]) == (1, "直りました。")
        stale = api.post(f"{path}/agree", json={"offer": whole["offer"]})
        assert (stale.status_code, desk.sent()) == (409, {})
        key = {"Idempotency-Key": "once"}
        seen = {"offer": changed["offer"]}
        told = api.post(f"{path}/agree", json=seen, headers=key).json()
        assert (told["told"], told["waiting"]["reply"]) == ({"pending": 2}, 0)
        again = api.post(f"{path}/agree", json=seen, headers=key)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert all(one.agreed_by.startswith("token write") for one in desk.recipients())
        assert api.post(f"{path}/stop").json()["waiting"]["reply"] == 2
        assert api.post(f"{path}/by-hand", json={"customers": ["c1"]}).json()["told"] == {"by_hand": 1}
        assert api.post(f"{path}/by-hand", json={"customers": ["c2"]}).status_code == 404

    def test_a_no_is_entered_and_obeyed(self, api: httpx.Client, desk: TellingDesk) -> None:
        said = {"customer_id": "c0", "answer": "no"}
        assert api.post(f"{API}/consents", json=said).json() == said
        assert [one.customer_id for one in desk.overview().by_way("reply")] == ["c3"]
        assert api.post(f"{API}/consents", json={**said, "customer_id": "x"}).status_code == 404
        assert api.post(f"{API}/consents", json={**said, "answer": "maybe"}).status_code == 422

    def test_who_may_only_read_tells_nobody(self, api: httpx.Client, desk: TellingDesk) -> None:
        with program(str(api.base_url), make_token(desk.db, "read")) as reader:
            path = f"{API}/notices/{desk.notice_id}"
            assert reader.get(path).status_code == 200
            for what, body in (("agree", {"offer": "x"}), ("stop", {}), ("by-hand", {})):
                assert reader.post(f"{path}/{what}", json=body).status_code == 403
        assert desk.sent() == {}


class TestThePage:
    def test_lists_texts_and_people_in_both_languages(
        self, empty_pages: httpx.Client, desk: TellingDesk
    ) -> None:
        english = empty_pages.get(f"/notices/{desk.notice_id}").text
        assert "2 can be told by a reply" in english
        assert "wants no such messages" in english
        japanese = empty_pages.get(f"/notices/{desk.notice_id}", headers={"Accept-Language": "ja"}).text
        assert "2人に知らせる…" in japanese
        assert f"/notices/{desk.notice_id}" in empty_pages.get("/themes/crash").text

    def test_a_text_that_is_too_long_is_kept_on_the_page(
        self, empty_pages: httpx.Client, desk: TellingDesk
    ) -> None:
        path = f"/notices/{desk.notice_id}"
        long = {"version": "0", "text-ja-mail": "長" * 4_001}
        refused = empty_pages.post(f"{path}/texts", data=long, headers=OURS)
        assert (refused.status_code, "長" * 4_001 in refused.text) == (422, True)
        assert "4,000 characters at most" in refused.text
        taken = empty_pages.post(f"{path}/texts", data={"version": "0", "text-ja-mail": "直"}, headers=OURS)
        assert taken.headers["Location"] == f"{path}#texts"
        overtaken = empty_pages.post(
            f"{path}/texts", data={"version": "0", "text-ja-mail": "x"}, headers=OURS
        )
        assert (overtaken.status_code, "Somebody else has changed this" in overtaken.text) == (409, True)
        assert desk.overview().texts["ja-mail"] == "直"

    def test_hostile_words_are_shown_and_do_nothing(
        self, empty_pages: httpx.Client, desk: TellingDesk
    ) -> None:
        with desk.db.begin() as session:
            session.get_one(Theme, "crash").title = "<script>alert(1)</script>"
        desk.change("crash-1", customer_id="=cmd|' /C calc'!A0", external_id="@SUM(1)")
        page = empty_pages.get(f"/notices/{desk.notice_id}").text
        assert "<script>alert(1)" not in page
        listed = empty_pages.get(f"/notices/{desk.notice_id}/list.csv")
        assert listed.headers["Content-Type"] == "text/csv; charset=utf-8"
        header, *rows = list(csv.reader(listed.content.decode("utf-8-sig").splitlines()))
        assert len(rows) == 1, "nobody is in it who must not be told, or whom Koe tells"
        row = dict(zip(header, rows[0], strict=False))
        assert (row["customer_id"], row["conversation"]) == ("'=cmd|' /C calc'!A0", "'@SUM(1)")

    def test_long_lists_are_shown_a_page_at_a_time(
        self, empty_pages: httpx.Client, desk: TellingDesk
    ) -> None:
        multiply(desk.db, "crash-0", 2_000)
        multiply(desk.db, "crash-1", 2_000)
        desk.agree()
        seen = desk.overview()
        assert min(len(seen.told), len(seen.waiting)) >= 2_000
        page = f"/notices/{desk.notice_id}"
        first = empty_pages.get(page).text
        assert first.count('<tr class="row">') == 2 * PAGE_SIZE
        last = -(-len(seen.told) // PAGE_SIZE)
        told = empty_pages.get(page, params={"page": 2, "told": last}).text
        assert f"page=2&amp;told={last - 1}#told" in told
        assert f"page=3&amp;told={last}#people" in told
        assert told.count('<tr class="row">') == PAGE_SIZE + len(seen.told) - (last - 1) * PAGE_SIZE

    def test_a_reply_that_failed_is_in_the_list_and_one_that_is_forbidden_is_not(
        self, empty_pages: httpx.Client, desk: TellingDesk
    ) -> None:
        desk.agree()
        desk.later()
        desk.say("c3", "no")
        with desk.db.begin() as session:
            session.execute(update(Delivery).values(state="dead", reason="gone there"))
            forbidden = update(Delivery).where(col(Delivery.link_to) == "crash-3")
            session.execute(forbidden.values(reason=WITHHELD["said_no"]))
        listed = empty_pages.get(f"/notices/{desk.notice_id}/list.csv").text
        assert "crash-0" in listed
        assert "crash-3" not in listed
        page = empty_pages.get(f"/notices/{desk.notice_id}").text
        assert "the customer said no since" in page
        empty_pages.post(f"/notices/{desk.notice_id}/by-hand", headers=OURS)
        listed = empty_pages.get(f"/notices/{desk.notice_id}/list.csv").text
        assert "crash" not in listed, "whom a person told is in no list any more"

    def test_the_list_is_there_as_long_as_a_reply_failed(
        self, empty_pages: httpx.Client, desk: TellingDesk
    ) -> None:
        desk.change("crash-1", channel="ticket")
        desk.say("c2", "unknown")
        desk.agree()
        with desk.db.begin() as session:
            session.execute(update(Delivery).values(state="dead", reason="gone there"))
        assert desk.overview().waiting == []
        assert "list.csv" in empty_pages.get(f"/notices/{desk.notice_id}").text

    def test_what_has_not_happened_yet_is_said_in_both_languages(
        self, empty_pages: httpx.Client, desk: TellingDesk
    ) -> None:
        with desk.db.begin() as session:
            opened = session.get_one(Intervention, desk.notice_id)
            opened.occurred_at = datetime.now(UTC) + timedelta(days=3)
        page = f"/notices/{desk.notice_id}"
        assert "This has not happened yet" in empty_pages.get(page).text
        japanese = empty_pages.get(page, headers={"Accept-Language": "ja"}).text
        assert "まだ実施日になっていません" in japanese
        assert empty_pages.post(f"{page}/by-hand", headers=OURS).status_code == 409


class TestTheCommand:
    def test_does_what_the_page_does(self, koe: Koe, desk: TellingDesk, tmp_path: Path) -> None:
        listed = koe("tell", "list", "--json").json
        assert listed[0]["notice_id"] == desk.notice_id
        shown = koe("tell", "show", desk.notice_id)
        before = desk.overview().offer
        assert f"To tell 2 by a reply: koe tell agree {desk.notice_id} --offer {before}" in shown.out
        assert "said_no" in shown.out
        assert koe("tell", "text", desk.notice_id, "ja-mail", "-", given="直りました。".encode()).status == 0
        assert koe("tell", "agree", desk.notice_id, "--offer", before).status == 1
        assert koe("tell", "agree", desk.notice_id, "--offer", desk.overview().offer).status == 0
        assert {one.agreed_by for one in desk.recipients()} == {"command line"}
        assert "2 are not told" in koe("tell", "stop", desk.notice_id).out
        file = tmp_path / "list.csv"
        assert koe("tell", "export", desk.notice_id, str(file)).status == 0
        with file.open(encoding="utf-8", newline="") as written:
            assert [row["customer_id"] for row in csv.DictReader(written)] == ["c1"]
        assert koe("tell", "by-hand", desk.notice_id, "c1").status == 0
        assert koe("tell", "consent", "c0", "no").status == 0
        assert koe("tell", "show", desk.notice_id, "--json").json["waiting"]["reply"] == 1

    def test_the_rule_for_those_who_said_nothing_is_the_organisations(
        self, koe: Koe, desk: TellingDesk
    ) -> None:
        assert koe("tell", "rule", "--json").json == {"rule": "conversation"}
        assert koe("tell", "rule", "yes").status == 0
        assert desk.overview().by_way("reply") == []
        assert koe("tell", "rule", "conversation").status == 0
        assert len(desk.overview().by_way("reply")) == 2


class TestTheFile:
    def test_of_customers_tells_who_wants_to_be_told(self, desk: TellingDesk, tmp_path: Path) -> None:
        with desk.db.begin() as session:
            names = [[Name("own", "c3"), Name("email", "aya@example.com")]]
            joining.joined(session, MAIN, CUSTOMERS, names)
        file = tmp_path / "customers.csv"
        file.write_text(
            "顧客ID,メールアドレス,お知らせ希望\nc0,,希望しない\n,aya@example.com,no\nc2,,\nc1,,perhaps\n,,yes\n",
            encoding="utf-8",
        )
        report = import_file(desk.db, MAIN, "customers", file, source="crm", options=Options())
        assert (report.stored, report.duplicates, report.rejected) == (2, 1, 2)
        with desk.db.begin() as session:
            said = consents.answers(session, MAIN, ["c0", "c1", "c2", "c3"])
        assert said == {"c0": "no", "c2": "no", "c3": "no"}, "an empty cell changes nothing"
        again = import_file(desk.db, MAIN, "customers", file, source="crm", options=Options())
        assert (again.stored, again.updated) == (0, 0)

    def test_never_replaces_a_no_that_a_person_entered_and_a_no_in_it_wins(
        self, desk: TellingDesk, tmp_path: Path
    ) -> None:
        file = tmp_path / "customers.csv"
        file.write_text("customer_id,consent\nc2,yes\nc0,no\nc0,yes\n", encoding="utf-8")
        report = import_file(desk.db, MAIN, "customers", file, source="crm", options=Options())
        with desk.db.begin() as session:
            assert consents.answers(session, MAIN, ["c0", "c2"]) == {"c0": "no", "c2": "no"}
        assert any("1 customers said no" in one for one in report.notes)

    def test_a_row_with_both_names_joins_them(self, desk: TellingDesk, tmp_path: Path) -> None:
        file = tmp_path / "customers.csv"
        file.write_text("customer_id,email,consent\nc0,aya@example.com,yes\n", encoding="utf-8")
        import_file(desk.db, MAIN, "customers", file, source="crm", options=Options())
        with desk.db.begin() as session:
            name = Name("email", "aya@example.com")
            assert customers.known(session, MAIN, CUSTOMERS, [name])[name] == "c0"
