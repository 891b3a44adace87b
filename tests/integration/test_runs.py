"""Runs on the pages, in the API and by command: what is told of them, and who decides about a preview."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN
from service.repositories import previews
from tests.access import OURS
from tests.api import API, asking, make_token, program, rows
from tests.cli import Koe
from tests.integration.conftest import Reader
from tests.live import open_pages, serving
from tests.previewing import Company


@pytest.fixture
def company(db: Database) -> Company:
    """Three themes, and a preview in which one comes apart and two are one."""
    made = Company(db)
    made.preview({**made.apart("a"), **made.together("b", "c")})
    return made


@pytest.fixture
def pages(company: Company, reader: Reader) -> Iterator[httpx.Client]:
    with open_pages(company.db) as address:
        yield reader(address)


class TestPages:
    def test_the_list_says_what_waits_and_what_is_shown(self, pages: httpx.Client, company: Company) -> None:
        page = pages.get("/runs").text
        assert "A preview waits for a decision." in page
        assert page.count('<tr class="row"') == 2
        assert "Shown now" in page
        assert f"/runs/{company.waiting().id}" in pages.get("/themes").text

    def test_without_any_run_the_list_says_what_to_do(self, empty_pages: httpx.Client) -> None:
        page = empty_pages.get("/runs").text
        assert "No runs yet." in page
        assert "<code>koe import" in page

    def test_a_preview_shows_each_change_with_its_voices_before_and_after(
        self, pages: httpx.Client, company: Company
    ) -> None:
        where = company.where()
        page = pages.get(f"/runs/{company.waiting().id}").text
        assert "If you take it, of the themes one comes apart, one is made of several." in page
        assert page.count('<section class="pair" aria-label=') == 2
        assert f'<a class="open" href="/themes/{where["a0"]}#voices">10 voices</a>' in page
        then = re.findall(r'href="/runs/\w+/themes/\w+#voices">([^<]*)</a>', page)
        assert sorted(then) == ["20 voices", "4 voices", "6 voices"]

    def test_every_voice_of_a_theme_that_would_be_can_be_read(
        self, pages: httpx.Client, company: Company
    ) -> None:
        page = pages.get(f"/runs/{company.waiting().id}").text
        addresses = sorted(set(re.findall(r'"(/runs/\w+/themes/\w+)"', page)))
        assert len(addresses) == 3
        for address in addresses:
            told = pages.get(address).text
            assert re.search(r'<a class="open" href="#voices">(\d+) voices</a>', told)
            assert told.count("<blockquote") in (4, 6, 10)
            assert "In the preview: " in told

    def test_the_weeks_of_a_theme_that_would_be_open_to_its_voices(
        self, pages: httpx.Client, company: Company
    ) -> None:
        page = pages.get(f"/runs/{company.waiting().id}").text
        address = re.findall(r'"(/runs/\w+/themes/\w+)"', page)[0]
        week = re.search(
            rf'href="({address}\?since=[\d-]+&amp;until=[\d-]+)#voices"', pages.get(address).text
        )
        assert week
        told = pages.get(week[1].replace("&amp;", "&")).text
        assert "in the week of" in told
        assert "<blockquote" in told
        assert "None of its voices" in pages.get(f"{address}?since=2020-01-06&until=2020-01-12").text
        assert pages.get(f"{address}?until=9999-12-31").status_code == 422

    def test_taking_it_says_who_did_and_what_became_of_the_themes(
        self, pages: httpx.Client, company: Company
    ) -> None:
        address = f"/runs/{company.waiting().id}"
        answer = pages.post(f"{address}/accept", headers=OURS)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}#decision")
        page = pages.get(address).text
        assert "took it on" in page
        assert "Of the themes one comes apart, one is made of several." in page
        assert 'method="post"' not in page
        assert pages.get(f"{address}/accept", follow_redirects=True).status_code == 200

    def test_throwing_it_away_says_who_did(self, pages: httpx.Client, company: Company) -> None:
        address = f"/runs/{company.waiting().id}"
        assert pages.post(f"{address}/discard", headers=OURS).status_code == 303
        page = pages.get(address).text
        assert "threw it away on" in page
        assert "This preview was not taken" in page
        assert pages.post(f"{address}/accept", headers=OURS).status_code == 409

    def test_one_that_is_behind_says_so(self, pages: httpx.Client, company: Company) -> None:
        company.say("a10", "a11")
        company.run()
        for path in ("/runs", f"/runs/{company.waiting().id}"):
            page = pages.get(path).text
            assert "The themes have changed since this preview was made." in page
            assert "2 voices came or changed since" in page

    def test_who_only_reads_is_shown_no_button_and_decides_nothing(self, company: Company) -> None:
        token = make_token(company.db, "read")
        address = f"/runs/{company.waiting().id}"
        with serving(create_app(company.db, Settings())) as server:
            client = program(server, token)
            assert 'method="post"' not in client.get(address).text
            for decision in ("accept", "discard"):
                assert client.post(f"{address}/{decision}", headers=OURS).status_code == 403
            client.close()
        assert company.waiting().state == "preview"

    def test_what_is_not_there_is_told(self, pages: httpx.Client, company: Company) -> None:
        waits = company.waiting().id
        for path in ("/runs/nope", "/runs/nope/themes/nope", f"/runs/{waits}/themes/nope"):
            assert pages.get(path).status_code == 404, path
        assert pages.get(f"/runs/{company.live().id}").status_code == 200


class TestApi:
    def test_tells_what_a_preview_would_do_and_how_old_it_is(self, company: Company) -> None:
        company.say("a10")
        with asking(company.db) as api:
            found = {row["state"]: row for row in rows(api, "runs")}
            told = api.get(f"{API}/runs/{found['preview']['run_id']}").json()
            live = api.get(f"{API}/runs/{found['live']['run_id']}").json()
        assert sorted(each["event"] for each in told["events"]) == ["merge", "split"]
        assert {each["level"] for each in told["themes"]} == {"upper"}
        assert len(told["themes"]) == 3
        assert (told["behind"], told["unread"]) == (False, 1)
        assert {name: told[name] for name in found["preview"]} == found["preview"]
        assert (live["themes"], live["behind"], live["unread"]) == ([], False, 0)
        assert {each["event"] for each in live["events"]} == {"birth"}

    def test_takes_it_once_under_a_key(self, company: Company) -> None:
        path = f"{API}/runs/{company.waiting().id}/accept"
        with asking(company.db, "write") as api:
            first = api.post(path, headers={"Idempotency-Key": "once"})
            again = api.post(path, headers={"Idempotency-Key": "once"})
            assert api.post(path).json()["decided_at"] == first.json()["decided_at"]
        assert first.json()["state"] == "live"
        assert first.json()["decided_by"].startswith("token write ")
        assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")

    def test_throws_it_away_and_says_why_it_cannot_be_taken_then(self, company: Company) -> None:
        path = f"{API}/runs/{company.waiting().id}"
        with asking(company.db, "write") as api:
            assert api.post(f"{path}/discard").json()["state"] == "discarded"
            refused = api.post(f"{path}/accept")
            assert (refused.status_code, refused.headers["Content-Type"]) == (409, "application/problem+json")
            assert "thrown away" in refused.json()["detail"]
            assert api.post(f"{API}/runs/nope/accept").status_code == 404
        with asking(company.db) as reading:
            assert reading.post(f"{path}/accept").status_code == 403

    def test_a_theme_that_would_be_is_none_yet(self, company: Company) -> None:
        with company.db.begin() as session:
            told = previews.list_themes(session, MAIN, company.waiting().id)
        with asking(company.db) as api:
            known = {row["theme_id"] for row in rows(api, "themes")}
            [new] = {each.theme_id for each in told} - known
            assert api.get(f"{API}/themes/{new}").status_code == 404


class TestCommands:
    @pytest.fixture
    def fed(self, koe: Koe, tmp_path: Path) -> Koe:
        file = tmp_path / "tickets.csv"
        lines = [f"{n},Cannot log in\n" for n in range(6)] + [f"{n + 6},Late invoice\n" for n in range(6)]
        file.write_text("external_id,text\n" + "".join(lines), encoding="utf-8")
        assert koe("import", "feedback", str(file), "--source", "desk").status == 0
        assert koe("run").status == 0
        return koe

    def test_a_preview_is_made_listed_and_taken(self, fed: Koe) -> None:
        made = fed("run", "--preview", "--seed", "4")
        assert made.status == 0
        assert "2 would go on, 0 would split" in made.out
        [run_id] = re.findall(r"koe runs accept (\w+)", made.out)
        listed = fed("runs", "list")
        assert f"koe runs accept {run_id}, or koe runs discard {run_id}" in listed.out
        taken = fed("runs", "accept", run_id)
        assert taken.status == 0
        assert "The preview is the live run now" in taken.out
        assert "2 went on" in taken.out
        assert [row["state"] for row in fed("runs", "list", "--json").json] == ["live", "superseded"]

    def test_a_preview_is_thrown_away(self, fed: Koe) -> None:
        run_id = fed("run", "--preview", "--seed", "4", "--json").json["preview"]["run_id"]
        gone = fed("runs", "discard", run_id)
        assert (gone.status, gone.out.strip()) == (
            0,
            "The preview is thrown away; the themes stay what they are.",
        )
        refused = fed("runs", "accept", run_id)
        assert (refused.status, "thrown away" in refused.err) == (1, True)

    def test_one_that_nobody_has_is_told_in_a_line(self, fed: Koe) -> None:
        for decision in ("accept", "discard"):
            refused = fed("runs", decision, "nope")
            assert (refused.status, refused.err.strip()) == (1, "koe: There is no run nope.")

    def test_a_stage_and_a_preview_exclude_each_other(self, fed: Koe) -> None:
        refused = fed("run", "--preview", "--stage", "cluster")
        assert (refused.status, "leave --stage or --preview away" in refused.err) == (2, True)

    def test_where_nothing_would_change_it_says_so(self, fed: Koe) -> None:
        made = fed("run", "--preview")
        assert "Nothing would change" in made.out
        assert fed("run", "--preview", "--json").json["preview"] is None
