"""The writers' queue over HTTP: what comes first, what is done, and what others did meanwhile."""

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Article, Delivery, Suggestion, Target, Theme, Value
from service.pipeline import decide
from service.pipeline.run import run
from service.repositories import owners, queue, targets
from service.repositories.queue import WRITTEN, Wanted
from tests.access import OURS, a_person, a_token, by
from tests.demo import demo_ports
from tests.integration.conftest import Reader
from tests.live import serving


def waiting(db: Database, **wanted: str) -> list[str]:
    with db.begin() as session:
        return queue.waiting(session, MAIN, Wanted(**wanted))


def stored(db: Database, suggestion_id: str) -> Suggestion:
    with db.begin() as session:
        return session.get_one(Suggestion, suggestion_id)


def one_of(db: Database, action: str) -> Suggestion:
    found = (stored(db, one) for one in waiting(db))
    return next(one for one in found if one.action == action)


def fields(page: str) -> dict[str, str]:
    """Return what the form of a draft holds, as a browser would send it."""
    form = page[page.index('id="writing"') :]
    found = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', form)
        for name in ("seen", "based", "title", "whole")
    }
    body = re.search(r"<textarea id=\"body\"[^>]*>\n(.*?)</textarea>", form, re.DOTALL)
    assert body
    told = {name: one[1] for name, one in found.items() if one}
    return {name: _plain(text) for name, text in {**told, "body": body[1]}.items()}


def _plain(text: str) -> str:
    for mark, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        text = text.replace(mark, sign)
    return text


def edited(pages: httpx.Client, suggestion_id: str, *, edit: str = "draft", **changed: str) -> httpx.Response:
    begun = fields(pages.get(f"/queue/{suggestion_id}?edit={edit}").text)
    return pages.post(f"/queue/{suggestion_id}/draft", headers=OURS, data=begun | changed)


class TestOrder:
    def test_what_is_worth_most_comes_first_and_its_page_says_why(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        with demo_db.begin() as session:
            ranks = {one.theme_id: one.rank for one in session.exec(select(Value))}
        ids = waiting(demo_db)
        themes = [ranks[stored(demo_db, one).theme_id] for one in ids]
        assert len(themes) > 5
        assert themes == sorted(themes)
        assert {stored(demo_db, one).action for one in ids} <= set(WRITTEN)
        page = demo_pages.get("/queue").text
        assert f"1 of {len(ids)}" in page
        assert "It comes first because its theme is worth most" in page
        assert f"/queue/{ids[1]}" in page
        assert f"2 of {len(ids)}" in demo_pages.get(f"/queue/{ids[1]}").text

    def test_where_no_worth_is_known_most_contacts_come_first(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        with demo_db.begin() as session:
            for one in session.exec(select(Value)):
                session.delete(one)
        assert "worth is not known yet" in demo_pages.get("/queue").text
        assert len(waiting(demo_db)) > 5

    def test_the_list_of_suggestions_is_sorted_by_worth_and_by_what_is_wished(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        with demo_db.begin() as session:
            ranks = {one.theme_id: one.rank for one in session.exec(select(Value))}
            of = {one.id: one for one in session.exec(select(Suggestion))}
        listed = {
            sort: re.findall(
                r'<a href="/suggestions/([0-9a-f]+)">', demo_pages.get(f"/suggestions?sort={sort}").text
            )
            for sort in ("", "certainty", "nonsense")
        }
        acting = [one for one in listed[""] if of[one].action != "no_action"]
        assert [ranks[of[one].theme_id] for one in acting] == sorted(
            ranks[of[one].theme_id] for one in acting
        )
        sure = [of[one].confidence for one in listed["certainty"] if of[one].action != "no_action"]
        assert sure == sorted(sure, reverse=True)
        assert listed["nonsense"] == listed[""]

    def test_filters_stand_in_the_address_and_are_kept_from_one_to_the_next(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        japanese = waiting(demo_db, lang="ja")
        assert 0 < len(japanese) < len(waiting(demo_db))
        done = demo_pages.post(f"/queue/{japanese[0]}/accept?lang=ja", headers=OURS)
        assert done.headers["Location"].startswith(f"/queue/{japanese[1]}?lang=ja&done=")
        with demo_db.begin() as session:
            article = session.exec(select(Article)).first()
            assert article
            about = {one.id: one.article_id for one in session.exec(select(Suggestion))}
            source_of = {one.id: one.source_id for one in session.exec(select(Article))}
        for one in waiting(demo_db, base=article.source_id):
            assert about[one] is None or source_of[about[one] or ""] == article.source_id

    def test_what_is_anothers_is_left_to_them(self, demo_db: Database) -> None:
        aki, ben = a_person(demo_db, "aki@example.com"), a_person(demo_db, "ben@example.com")
        first, second = waiting(demo_db)[:2]
        with demo_db.begin() as session:
            for one, person in ((first, aki), (second, ben)):
                theme_id = session.get_one(Suggestion, one).theme_id
                owners.give(session, MAIN, theme_id, person.id, by="Aki", at=datetime.now(UTC))
        mine = waiting(demo_db, person_id=aki.id)
        assert first in mine
        assert second not in mine
        assert len(mine) == len(waiting(demo_db)) - 1


class TestDecisions:
    def test_accepting_goes_on_and_undo_stands_in_place(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        first, second = waiting(demo_db)[:2]
        done = demo_pages.post(f"/queue/{first}/accept", headers=OURS, data={"next": second})
        assert done.headers["Location"] == f"/queue/{second}?done={first}&did=accepted#told"
        page = demo_pages.get(done.headers["Location"]).text
        assert "Accepted:" in page
        assert f'action="/queue/{first}/undo"' in page
        undone = demo_pages.post(f"/queue/{first}/undo", headers=OURS)
        assert undone.headers["Location"].startswith(f"/queue/{first}?")
        assert stored(demo_db, first).status == "open"

    def test_a_double_click_says_the_same_and_delivers_once(
        self, demo_pages: httpx.Client, demo_db: Database, tmp_path: object
    ) -> None:
        with demo_db.begin() as session:
            targets.add_target(session, MAIN, "help", "markdown-git", {"path": f"{tmp_path}/articles"})
        first, second = waiting(demo_db)[:2]
        answers = [
            demo_pages.post(f"/queue/{first}/accept", headers=OURS, data={"next": second}) for _ in range(2)
        ]
        assert len({one.headers["Location"] for one in answers}) == 1
        assert "goes as a draft to help; a person publishes it" in demo_pages.get(f"/queue/{second}").text
        with demo_db.begin() as session:
            assert len(session.exec(select(Delivery).where(Delivery.suggestion_id == first)).all()) == 1

    def test_what_somebody_else_decided_a_moment_ago_is_told_and_stays(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        first, second, third = waiting(demo_db)[:3]
        with demo_db.begin() as session:
            decide.accept(session, MAIN, first, by="Aki")
            decide.dismiss(session, MAIN, second, by="Ben", reason="It is written")
        late = demo_pages.post(f"/queue/{first}/dismiss", headers=OURS, data={"reason": "no"})
        assert "Aki</span> has accepted" in demo_pages.get(late.headers["Location"]).text
        late = demo_pages.post(f"/queue/{second}/accept", headers=OURS)
        assert late.headers["Location"].startswith(f"/queue/{third}?")
        assert "Ben</span> has dismissed" in demo_pages.get(late.headers["Location"]).text
        assert (stored(demo_db, first).status, stored(demo_db, second).decision_reason) == (
            "accepted",
            "It is written",
        )

    def test_a_dismissal_without_a_reason_keeps_what_was_typed(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        first = waiting(demo_db)[0]
        typed = {"reason": "x" * 600, "day": "2001-01-01"}
        asked = demo_pages.post(f"/queue/{first}/dismiss", headers=OURS, data=typed)
        assert asked.status_code == 422
        assert "x" * 600 in asked.text
        assert "500 characters" in asked.text

    def test_a_theme_that_was_merged_meanwhile_is_told_and_nothing_is_decided(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        first = stored(demo_db, waiting(demo_db)[0])
        with demo_db.begin() as session:
            living = select(Theme).where(Theme.id != first.theme_id, col(Theme.retired).is_(False))
            other = session.exec(living.where(col(Theme.parent_id).is_(None))).first()
            assert other
            theme = session.get_one(Theme, first.theme_id)
            theme.retired, theme.successor_id = True, other.id
        late = demo_pages.post(f"/queue/{first.id}/accept", headers=OURS)
        assert "Nothing was decided:" in demo_pages.get(late.headers["Location"]).text
        page = demo_pages.get(f"/queue/{first.id}").text
        assert "Its theme has become part of" in page
        assert "data-accept" not in page
        assert stored(demo_db, first.id).status == "open"

    def test_what_is_no_more_is_told_and_the_next_is_offered(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        for answer in (
            demo_pages.get("/queue/absent"),
            demo_pages.post("/queue/absent/accept", headers=OURS),
            demo_pages.post("/queue/absent/draft", headers=OURS, data={"title": "a", "body": "b"}),
        ):
            assert answer.status_code == 404
            assert "This suggestion is no more" in answer.text
            assert f"Go on with the {len(waiting(demo_db))} that wait" in answer.text

    def test_what_is_put_off_comes_back_when_it_is_wished(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        first, second = waiting(demo_db)[:2]
        put_off = demo_pages.post(f"/queue/{first}/later", headers=OURS)
        assert put_off.headers["Location"].startswith(f"/queue/{second}?")
        page = demo_pages.get("/queue").text
        assert "One is put off until tomorrow." in page
        assert f"1 of {len(waiting(demo_db)) - 1}" in page
        demo_pages.post("/queue/again", headers=OURS)
        assert f"1 of {len(waiting(demo_db))}" in demo_pages.get("/queue").text
        demo_pages.post(f"/queue/{first}/later", headers=OURS)
        demo_pages.post(f"/queue/{first}/undo", headers=OURS)
        assert f"1 of {len(waiting(demo_db))}" in demo_pages.get("/queue").text

    def test_an_empty_queue_says_that_nothing_waits(
        self, demo_pages: httpx.Client, demo_db: Database, empty_pages: httpx.Client
    ) -> None:
        with demo_db.begin() as session:
            for one in session.exec(select(Suggestion)):
                one.status = "dismissed"
        assert "Nothing waits." in demo_pages.get("/queue").text
        assert "Nothing waits that fits" in demo_pages.get("/queue?lang=ja").text
        assert "No suggestions yet" in empty_pages.get("/queue").text


BOTH = ["help", "wiki"]


class TestTargets:
    """Where there are several, whoever accepts chooses."""

    @pytest.mark.parametrize(
        ("ticked", "sent", "told"),
        [
            ({"offered": BOTH, "to": ["wiki"]}, {"wiki"}, "It goes as a draft to wiki;"),
            ({"offered": BOTH, "to": BOTH}, {"help", "wiki"}, "It goes as a draft to help, wiki;"),
            ({"offered": BOTH}, set(), "It is sent nowhere, as was chosen."),
            ({}, {"help", "wiki"}, "It goes as a draft to help, wiki;"),
        ],
    )
    @pytest.mark.parametrize("where", ["queue", "suggestions"])
    def test_that_are_ticked_get_it(
        self,
        demo_pages: httpx.Client,
        demo_db: Database,
        tmp_path: Path,
        ticked: dict[str, str | list[str]],
        sent: set[str],
        told: str,
        where: str,
    ) -> None:
        with demo_db.begin() as session:
            for name in ("help", "wiki"):
                targets.add_target(session, MAIN, name, "markdown-git", {"path": f"{tmp_path}/{name}"})
        one = one_of(demo_db, "write_article").id
        assert demo_pages.get(f"/{where}/{one}").text.count('type="checkbox" name="to"') == 2
        page = demo_pages.post(
            f"/{where}/{one}/accept", headers=OURS, data=ticked, follow_redirects=True
        ).text
        with demo_db.begin() as session:
            query = select(Target.name).join(Delivery, col(Delivery.target_id) == col(Target.id))
            assert set(session.exec(query)) == sent
        assert (told in page) == (where == "queue" or not sent)

    def test_are_no_question_where_there_is_one(
        self, demo_pages: httpx.Client, demo_db: Database, tmp_path: Path
    ) -> None:
        with demo_db.begin() as session:
            targets.add_target(session, MAIN, "help", "markdown-git", {"path": f"{tmp_path}/help"})
        one = one_of(demo_db, "write_article").id
        assert 'name="to"' not in demo_pages.get(f"/queue/{one}").text

    def test_that_came_and_went_meanwhile_are_no_choice_of_whoever_left_all_ticked(
        self, demo_pages: httpx.Client, demo_db: Database, tmp_path: Path
    ) -> None:
        with demo_db.begin() as session:
            for name in ("wiki", "later"):
                targets.add_target(session, MAIN, name, "markdown-git", {"path": f"{tmp_path}/{name}"})
        one = one_of(demo_db, "write_article").id
        page = demo_pages.post(
            f"/queue/{one}/accept",
            headers=OURS,
            data={"offered": BOTH, "to": BOTH},
            follow_redirects=True,
        ).text
        assert "It goes as a draft to later, wiki;" in page
        assert stored(demo_db, one).sent_to is None

    def test_that_went_meanwhile_are_told(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        one = one_of(demo_db, "write_article").id
        answer = demo_pages.post(f"/queue/{one}/accept", headers=OURS, data={"offered": BOTH, "to": "gone"})
        assert answer.status_code == 422
        assert "Go back and choose again" in answer.text
        assert stored(demo_db, one).status == "open"


class TestDrafts:
    def test_a_persons_sentence_is_shown_as_their_own_and_koes_keep_their_sources(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        one = one_of(demo_db, "edit_article")
        assert one.draft
        body = one.draft["body"] + "\nAsk us if that does not help.\n"
        saved = edited(demo_pages, one.id, body=body)
        assert saved.status_code == 303
        page = demo_pages.get(saved.headers["Location"]).text
        assert 'class="own">Ask us if that does not help.' in page
        assert page.count('class="own"') == 1
        kept = stored(demo_db, one.id).draft
        assert kept
        assert kept["sentences"] == one.draft["sentences"]
        assert kept["citations"] == one.draft["citations"]
        undone = demo_pages.post(f"/queue/{one.id}/unwrite", headers=OURS)
        assert undone.status_code == 303
        assert stored(demo_db, one.id).draft == one.draft

    def test_what_looks_personal_in_a_persons_words_is_told(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        one = one_of(demo_db, "write_article")
        told = "hold what looks like personal data"
        edited(demo_pages, one.id, body="Write to the help desk.")
        assert told not in demo_pages.get(f"/queue/{one.id}").text
        edited(demo_pages, one.id, body="Write to hanako@example.com.")
        assert told in demo_pages.get(f"/queue/{one.id}").text
        edited(demo_pages, one.id, title="Call 090-1234-5678", body="Write to the help desk.")
        assert told in demo_pages.get(f"/queue/{one.id}").text

    def test_a_sentence_that_is_taken_out_takes_its_sources_along(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        one = one_of(demo_db, "edit_article")
        assert one.draft
        kept_sentence = one.draft["sentences"][-1]
        assert edited(demo_pages, one.id, body=f"- {kept_sentence['text']}").status_code == 303
        draft = stored(demo_db, one.id).draft
        assert draft
        assert draft["sentences"] == [kept_sentence]
        assert draft["citations"] == kept_sentence["citations"]

    def test_no_word_stands_for_two_sentences(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        one = one_of(demo_db, "edit_article")
        assert one.draft
        first, last = one.draft["sentences"][0], one.draft["sentences"][-1]
        part = {**last, "text": first["text"][2:]}
        said = [first, part, last]
        with demo_db.begin() as session:
            session.get_one(Suggestion, one.id).draft = one.draft | {
                "sentences": said,
                "body": "".join(f"- {sentence['text']}\n" for sentence in said),
            }
        edited(demo_pages, one.id, body=f"- {first['text']}\n- {last['text']}\n")
        draft = stored(demo_db, one.id).draft
        assert draft
        assert draft["sentences"] == [first, last]

    def test_a_run_leaves_what_a_person_wrote(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        one = one_of(demo_db, "write_article")
        edited(demo_pages, one.id, title="My title", body="My answer.")
        run(demo_db, MAIN, demo_ports(), only="route")
        draft = stored(demo_db, one.id).draft
        assert draft
        assert (draft["title"], draft["body"], draft["answered"]) == ("My title", "My answer.\n", True)

    def test_two_who_edit_at_once_see_each_others_words_and_lose_none(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        one = one_of(demo_db, "write_article")
        begun = fields(demo_pages.get(f"/queue/{one.id}?edit=draft").text)
        address = f"/queue/{one.id}/draft"
        assert demo_pages.post(address, headers=OURS, data=begun | {"body": "Hers."}).status_code == 303
        late = demo_pages.post(address, headers=OURS, data=begun | {"body": "His <b>words</b>."})
        assert late.status_code == 409
        assert "Somebody else has changed this draft" in late.text
        assert "<del>Hers.</del>" in late.text
        again = fields(late.text)
        assert again["body"] == "His <b>words</b>.\n"
        assert demo_pages.post(address, headers=OURS, data=again).status_code == 303
        draft = stored(demo_db, one.id).draft
        assert draft
        assert draft["body"] == "His <b>words</b>.\n"

    def test_what_was_decided_meanwhile_keeps_its_draft_and_the_typed_text_is_shown(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        one = one_of(demo_db, "write_article")
        begun = fields(demo_pages.get(f"/queue/{one.id}?edit=draft").text)
        with demo_db.begin() as session:
            decide.accept(session, MAIN, one.id, by="Aki")
        late = demo_pages.post(f"/queue/{one.id}/draft", headers=OURS, data=begun | {"body": "Too late."})
        assert late.status_code == 409
        assert "decided meanwhile" in late.text
        assert "Too late." in late.text
        assert stored(demo_db, one.id).draft == one.draft

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"title": "  "}, "Write a title."),
            ({"title": "x" * 301}, "300 characters"),
            ({"body": " \n"}, "Write a text"),
            ({"body": "あ" * 200_001}, "200,000 characters"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
        self, demo_pages: httpx.Client, demo_db: Database, changed: dict[str, str], said: str
    ) -> None:
        one = one_of(demo_db, "write_article")
        answer = edited(demo_pages, one.id, **changed)
        assert answer.status_code == 422
        assert said in answer.text
        assert all(text.strip() in answer.text for text in changed.values())
        assert stored(demo_db, one.id).draft == one.draft

    def test_a_viewer_reads_and_cannot_write(self, demo_db: Database, reader: Reader) -> None:
        token = by(a_token(demo_db, "read"))
        one = waiting(demo_db)[0]
        with serving(create_app(demo_db, Settings())) as address:
            client = reader(address)
            page = client.get(f"/queue/{one}?edit=draft", headers=token)
            assert page.status_code == 200
            assert 'method="post"' not in page.text
            assert "<textarea" not in page.text
            for wish in ("accept", "dismiss", "later", "undo", "draft", "unwrite"):
                assert client.post(f"/queue/{one}/{wish}", headers=token | OURS).status_code == 403


class TestDifference:
    def test_the_article_as_it_stands_is_set_against_what_the_draft_would_add(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        one = one_of(demo_db, "edit_article")
        page = demo_pages.get(f"/queue/{one.id}").text
        assert "What changes in the article" in page
        assert "The article is as it was synced at" in page
        assert page.count("<ins>") >= 1
        assert '<span class="hidden" lang="en">Added:</span>' in page

    def test_what_is_begun_from_the_article_is_compared_word_by_word(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        one = one_of(demo_db, "edit_article")
        with demo_db.begin() as session:
            article = session.get_one(Article, one.article_id)
            article.body = "設定を開きます。\n\n保存を押します。\n\n終わりです。"
            article.version = "1"
        saved = edited(
            demo_pages, one.id, edit="article", body="設定を開きます。\n\n更新を押します。\n\n終わりです。"
        )
        page = demo_pages.get(saved.headers["Location"]).text
        assert "<del>保存</del><ins>更新</ins>を押します。" in page
        assert "has changed since" not in page
        with demo_db.begin() as session:
            session.get_one(Article, one.article_id).version = "2"
        assert "has changed since" in demo_pages.get(f"/queue/{one.id}").text
        run(demo_db, MAIN, demo_ports(), only="route")
        draft = stored(demo_db, one.id).draft
        assert draft
        assert draft["whole"]
        assert stored(demo_db, one.id).article_id == one.article_id

    def test_an_article_of_200000_characters_opens(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        one = one_of(demo_db, "edit_article")
        with demo_db.begin() as session:
            article = session.get_one(Article, one.article_id)
            article.body = "".join(f"{number}番目の手順です。\n" for number in range(20_000))[:200_000]
        page = demo_pages.get(f"/queue/{one.id}")
        assert page.status_code == 200
        assert "lines unchanged" in page.text
