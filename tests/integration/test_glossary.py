"""The glossary: kept on its page, by programs and by files; obeyed by titles, search, articles and drafts."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from nlp.labelers import PhraseLabeler
from service.db import Database
from service.errors import Conflict, NotFound, WrongUse
from service.models import MAIN, Run, Theme
from service.pipeline import retitle, themes
from service.repositories import glossary, voices
from service.rules.glossary import Wording
from tests.access import OURS
from tests.api import API, asking
from tests.cli import Koe
from tests.integration.test_themes import World
from tests.waiting import one_waits, until

SYNONYM = Wording(term="auto roster", kind="synonym", stands_for="Smart Shift")
NEVER = Wording(term="bug", kind="never", stands_for="fault")


def say(db: Database, *wordings: Wording) -> list[str]:
    with db.begin() as session:
        return [glossary.add(session, MAIN, each).id for each in wordings]


class TestEntries:
    def test_a_term_stands_in_it_once_however_it_is_typed(self, db: Database) -> None:
        (first,) = say(db, Wording(term="Smart Shift"))
        with pytest.raises(Conflict, match="has “Smart Shift” already"):
            say(db, Wording(term="ｓｍａｒｔ  shift"))
        with db.begin() as session:
            glossary.remove(session, MAIN, first)
        assert say(db, Wording(term="smart shift")) == [first]

    def test_a_term_that_was_given_up_and_taken_again_costs_no_other_entry(self, db: Database) -> None:
        for name in ("b", "c"):
            (entry,) = say(db, Wording(term="a"))
            with db.begin() as session:
                glossary.change(session, MAIN, entry, Wording(term=name))
        say(db, Wording(term="a"))
        with db.begin() as session:
            assert [entry.term for entry in glossary.entries(session, MAIN)] == ["a", "b", "c"]

    def test_of_two_who_add_a_term_at_once_the_second_is_told(self, db: Database) -> None:
        with db.begin() as session, ThreadPoolExecutor() as pool:
            glossary.add(session, MAIN, SYNONYM)
            session.flush()
            second = pool.submit(say, db, SYNONYM)
            until(lambda: one_waits(db))
            session.commit()
            with pytest.raises(Conflict):
                second.result()

    def test_what_was_removed_counts_again_when_it_is_taken_back(self, db: Database) -> None:
        (one,) = say(db, SYNONYM)
        with db.begin() as session:
            glossary.remove(session, MAIN, one)
            assert not glossary.glossary(session, MAIN).entries
            glossary.restore(session, MAIN, one)
            assert len(glossary.glossary(session, MAIN).entries) == 1
            with pytest.raises(NotFound):
                glossary.get(session, "north", one)

    @pytest.mark.parametrize(
        ("wording", "reason"),
        [
            (Wording(term=" — "), "at least one letter"),
            (Wording(term="x" * 101), "at most 100"),
            (Wording(term="a", kind="nickname"), "no kind “nickname”"),
            (Wording(term="a", kind="synonym"), "which term it stands for"),
            (Wording(term="a", stands_for="b"), "a term itself"),
            (Wording(term="a", lang="日本語"), "“日本語” is no language"),
            (Wording(term="a", lang="\0"), "is no language"),
            (Wording(term="a", lang="a-really-long-one"), "is no language"),
            (Wording(term="A", kind="never", stands_for="a"), "cannot stand for itself"),
        ],
    )
    def test_what_means_nothing_is_refused_with_the_reason(
        self, db: Database, wording: Wording, reason: str
    ) -> None:
        with pytest.raises(WrongUse, match=reason):
            say(db, wording)


class TestObeyed:
    def grouped(self, db: Database) -> World:
        world = World(db)
        for number in range(4):
            world.say(f"a{number}", f"The auto roster has a bug since Monday {'!' * number}")
            world.say(f"b{number}", f"Invoice cannot be exported {'!' * number}")
        world.group([[f"a{n}" for n in range(4)], [f"b{n}" for n in range(4)]])
        return world

    def name(self, db: Database) -> None:
        themes.run(db, MAIN, PhraseLabeler())

    def titles(self, db: Database) -> dict[str, str]:
        with db.begin() as session:
            return {theme.id: theme.title for theme in session.exec(select(Theme))}

    def test_titles_are_renewed_as_the_glossary_wants_and_ids_stay(self, db: Database) -> None:
        self.grouped(db)
        self.name(db)
        before = self.titles(db)
        assert any("roster" in title.lower() for title in before.values())
        say(db, SYNONYM, NEVER)
        self.name(db)
        after = self.titles(db)
        assert after.keys() == before.keys()
        assert any("Smart Shift" in title for title in after.values())
        assert not any(
            "bug" in title.lower().split() or "roster" in title.lower() for title in after.values()
        )
        with db.begin() as session:
            keywords = [word for theme in session.exec(select(Theme)) for word in theme.keywords]
            live = session.exec(select(Run).where(Run.state == "live")).one()
            assert retitle.renew(session, live, PhraseLabeler(), told=lambda _: None) == 0
        assert "Smart Shift" in keywords
        assert not {"bug", "roster"} & {word.lower() for word in keywords}

    def test_a_word_that_nothing_stands_for_is_in_no_title(self, db: Database) -> None:
        say(db, Wording(term="roster", kind="never"))
        self.grouped(db)
        self.name(db)
        assert not any("roster" in title.lower() for title in self.titles(db).values())

    def test_a_search_finds_the_term_by_a_synonym_and_the_reverse(self, db: Database) -> None:
        world = World(db)
        world.say("term", "Smart Shift stopped")
        world.say("synonym", "the AUTO ROSTER stopped")
        world.say("other", "the roster of cars stopped")
        say(db, SYNONYM)

        def found(words: str) -> set[str]:
            with db.begin() as session:
                rows, _ = voices.search(session, MAIN, voices.Wanted(words=words), limit=10)
                return {row.item.external_id for row in rows}

        assert found("auto roster stopped") == {"term", "synonym"}
        assert found("smart shift") == {"term", "synonym"}
        assert found("roster") == {"synonym", "other"}
        assert found("ＳＭＡＲＴ ｓｈｉｆｔ") == {"term", "synonym"}


class TestPage:
    def test_an_empty_one_says_what_it_is_for(self, empty_pages: httpx.Client) -> None:
        assert "The glossary is empty." in empty_pages.get("/glossary").text
        page = empty_pages.get("/glossary", headers={"Accept-Language": "ja"}).text
        assert "用語集はまだ空です。" in page

    def test_an_entry_is_added_changed_removed_and_taken_back(self, empty_pages: httpx.Client) -> None:
        typed = {"term": "auto roster", "kind": "synonym", "stands_for": "Smart Shift"}
        where = empty_pages.post("/glossary", headers=OURS, data=typed).headers["Location"]
        entry = where.rpartition("#")[2]
        page = empty_pages.get(where).text
        assert "Smart Shift" in page
        assert "Titles follow with the next run" in page
        changed = typed | {"entry": entry, "note": "until 2024"}
        assert empty_pages.post("/glossary", headers=OURS, data=changed).status_code == 303
        assert "until 2024" in empty_pages.get("/glossary").text
        gone = empty_pages.post(f"/glossary/{entry}/remove", headers=OURS).headers["Location"]
        page = empty_pages.get(gone).text
        assert "“auto roster” is removed." in page
        assert "data-undo" in page
        back = empty_pages.post(f"/glossary/{entry}/restore", headers=OURS).headers["Location"]
        assert "auto roster" in empty_pages.get(back).text

    def test_what_is_wrong_stands_beside_the_form_which_keeps_what_was_typed(
        self, empty_pages: httpx.Client
    ) -> None:
        answer = empty_pages.post("/glossary", headers=OURS, data={"term": "<b>x</b>", "kind": "synonym"})
        assert answer.status_code == 422
        assert "which term it stands for" in answer.text
        assert 'value="&lt;b&gt;x&lt;/b&gt;"' in answer.text

    def test_a_pasted_table_is_taken_in_and_can_be_had_again(self, empty_pages: httpx.Client) -> None:
        lines = "term,kind,stands_for\nSmart Shift,,\nauto roster,synonym,Smart Shift\n=bad,never,\n'(x),,\n"
        assert empty_pages.post("/glossary/import", headers=OURS, data={"lines": lines}).status_code == 303
        table = empty_pages.get("/glossary/export.csv")
        assert table.headers["Content-Type"].startswith("text/csv")
        assert "'=bad" in table.text
        again = empty_pages.post("/glossary/import", headers=OURS, data={"lines": table.text})
        assert again.headers["Location"] == "/glossary?added=0&changed=0"
        wrong = empty_pages.post("/glossary/import", headers=OURS, data={"lines": "term,kind\nx,synonym\n"})
        assert wrong.status_code == 422
        assert "Line 2" in wrong.text

    def test_a_table_of_a_thousand_japanese_terms_is_taken_in_and_one_without_end_is_not(
        self, empty_pages: httpx.Client
    ) -> None:
        lines = "term,lang\n" + "".join(f"シフト表の用語{number},ja\n" for number in range(1_000))
        answer = empty_pages.post("/glossary/import", headers=OURS, data={"lines": lines})
        assert answer.headers["Location"] == "/glossary?added=1000&changed=0"
        endless = empty_pages.post("/glossary/import", headers=OURS, data={"lines": "用語\n" * 100_000})
        assert endless.status_code == 413


class TestPrograms:
    def test_a_program_keeps_it_in_step(self, db: Database) -> None:
        body = {"term": "auto roster", "kind": "synonym", "stands_for": "Smart Shift"}
        with asking(db, "write") as client:
            made = client.post(f"{API}/glossary", json=body, headers={"Idempotency-Key": "k1"})
            again = client.post(f"{API}/glossary", json=body, headers={"Idempotency-Key": "k1"})
            assert (made.status_code, again.json()) == (200, made.json())
            entry = f"{API}/glossary/{made.json()['entry_id']}"
            assert client.post(f"{API}/glossary", json=body).status_code == 409
            assert client.put(entry, json=body | {"note": "old"}).json()["note"] == "old"
            assert client.delete(entry).json()["removed"] is True
            assert client.get(f"{API}/glossary").json() == {"data": []}
            assert client.put(entry, json=body).json()["removed"] is False
            assert client.post(f"{API}/glossary", json={"term": "x", "kind": "odd"}).status_code == 422

    def test_who_may_only_read_changes_nothing(self, db: Database) -> None:
        with asking(db, "read") as client:
            assert client.get(f"{API}/glossary").status_code == 200
            assert client.post(f"{API}/glossary", json={"term": "x"}).status_code == 403
            assert client.put(f"{API}/glossary/x", json={"term": "x"}).status_code == 403
            assert client.delete(f"{API}/glossary/x").status_code == 403


class TestCommands:
    def test_a_file_goes_in_and_comes_out_again(self, koe: Koe, tmp_path: Path) -> None:
        table = tmp_path / "words.csv"
        table.write_text(
            "term,lang,kind,stands_for,note,customer_visible\nシフト自動作成,ja,,,,\n"
            "自動シフト,ja,variant,シフト自動作成,旧称,no\n",
            encoding="cp932",
        )
        assert koe("glossary", "import", table, "--json").json == {"added": 2, "changed": 0, "rows": 2}
        assert koe("glossary", "import", table, "--json").json == {"added": 0, "changed": 0, "rows": 2}
        rows = koe("glossary", "list", "--json").json
        assert [row["stands_for"] for row in rows] == [None, "シフト自動作成"]
        assert "旧称" in koe("glossary", "list").out
        written = tmp_path / "out.jsonl"
        assert koe("glossary", "export", written, "--format", "jsonl").status == 0
        assert koe("glossary", "import", written, "--json").json["rows"] == 2
        assert koe("glossary", "export").out.startswith("term,lang,kind")
        wrong = tmp_path / "wrong.csv"
        wrong.write_text("term,kind\nx,synonym\n", encoding="utf-8")
        refused = koe("glossary", "import", wrong)
        assert refused.status == 2
        assert "Line 2" in refused.err
