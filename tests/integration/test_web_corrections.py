"""People correct themes on the pages: what they see, what is told, and how it is taken back."""

import re
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest
from sqlmodel import Session, col, select

from service.db import Database
from service.models import MAIN, Assignment, Correction, Theme
from service.pipeline import correct
from service.repositories import corrections
from service.repositories.runs import live_run
from service.rules.corrections import Wanted

OURS = {"Sec-Fetch-Site": "same-origin"}


def themes(db: Database) -> list[Theme]:
    """Return the living upper themes, the largest first."""
    with db.begin() as session:
        assert live_run(session, MAIN)
        found = session.exec(
            select(Theme).where(col(Theme.retired).is_(False), col(Theme.parent_id).is_(None))
        ).all()
        sizes = {theme.id: len(corrections.spans_of_theme(session, MAIN, theme.id)) for theme in found}
    return sorted(found, key=lambda theme: (-sizes[theme.id], theme.id))


def again(db: Database, theme: Theme) -> Theme:
    """Return a theme as it is now."""
    with db.begin() as session:
        return session.get_one(Theme, theme.id)


def spans(db: Database, theme_id: str) -> list[str]:
    with db.begin() as session:
        return corrections.spans_of_theme(session, MAIN, theme_id)


def send(pages: httpx.Client, theme: Theme, **form: str | int | list[str]) -> httpx.Response:
    """Fill in the form on a theme's page."""
    return pages.post(f"/themes/{theme.id}/correct", headers=OURS, data={"version": theme.version, **form})


def follow(pages: httpx.Client, answer: httpx.Response) -> str:
    """Return the words of the page that a form leads to."""
    assert answer.status_code == 303, answer.text
    page = pages.get(answer.headers["Location"].partition("#")[0])
    assert page.status_code == 200
    return unescape(page.text)


def newest(db: Database) -> Correction:
    with db.begin() as session:
        return corrections.history(session, MAIN, limit=1)[0][0]


class TestOnTheThemesPage:
    def test_a_theme_is_renamed_with_a_reason_and_it_is_taken_back(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        theme = themes(demo_db)[0]
        page = follow(demo_pages, send(demo_pages, theme, op="rename", title="Named", reason="So we say"))
        assert "<h1" in page
        assert "Named" in page
        assert "So we say" in page
        history = unescape(demo_pages.get("/corrections").text)
        assert "One correction holds." in history
        assert "So we say" in history
        made = newest(demo_db)
        answer = demo_pages.post(f"/corrections/{made.id}/undo", headers=OURS, data={"theme": theme.id})
        assert theme.title in follow(demo_pages, answer)
        assert "Taken back" in demo_pages.get("/corrections?state=undone").text

    def test_ticked_voices_are_moved_split_off_and_ignored(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        theme, other = themes(demo_db)[:2]
        first, second, third, fourth = spans(demo_db, theme.id)[:4]
        page = demo_pages.get(f"/themes/{theme.id}").text
        assert page.count('name="span"') == 10
        follow(demo_pages, send(demo_pages, theme, op="move", span=[first], target=other.title))
        assert first in spans(demo_db, other.id)
        theme = again(demo_db, theme)
        follow(demo_pages, send(demo_pages, theme, op="out", span=[second]))
        assert second not in spans(demo_db, theme.id)
        theme = again(demo_db, theme)
        page = follow(demo_pages, send(demo_pages, theme, op="split", span=[third], title="On its own"))
        assert "On its own" in page
        theme = again(demo_db, theme)
        follow(demo_pages, send(demo_pages, theme, op="ignore", span=[fourth]))
        assert fourth not in spans(demo_db, theme.id)

    def test_a_theme_is_merged_pinned_and_ignored(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        theme, other = themes(demo_db)[:2]
        follow(demo_pages, send(demo_pages, theme, op="merge", target=other.id))
        assert newest(demo_db).op == "merge"
        theme = themes(demo_db)[0]
        assert "pinned" in follow(demo_pages, send(demo_pages, theme, op="pin"))
        theme = themes(demo_db)[0]
        assert "of no interest" in follow(demo_pages, send(demo_pages, theme, op="ignore"))
        assert f'<a href="/themes/{theme.id}">' not in demo_pages.get("/themes?sort=voices").text
        assert "Of no interest" in demo_pages.get("/themes").text
        assert demo_pages.get("/items?only=ignored").status_code == 200
        assert demo_pages.get(f"/themes/{theme.id}").status_code == 200

    @pytest.mark.parametrize(
        ("form", "told"),
        [
            ({"op": "rename", "title": " "}, "Give the theme a title."),
            ({"op": "rename", "title": "x" * 201}, "A title has at most 200 characters."),
            ({"op": "merge"}, "Choose a theme."),
            ({"op": "move", "target": "none"}, "Choose voices first"),
            ({"op": "out"}, "Choose voices first"),
            ({"op": "merge", "target": "no such theme"}, "No theme is called “no such theme”"),
            ({"op": "split"}, "Choose the voices that leave the theme"),
            ({"op": "odd"}, "is no correction"),
        ],
    )
    def test_what_is_missing_is_told_beside_the_form(
        self, demo_pages: httpx.Client, demo_db: Database, form: dict[str, str], told: str
    ) -> None:
        theme = themes(demo_db)[0]
        answer = send(demo_pages, theme, **form)
        assert answer.status_code == 422
        assert told in unescape(answer.text)
        japanese = demo_pages.post(
            f"/themes/{theme.id}/correct",
            headers=OURS | {"Accept-Language": "ja"},
            data={"version": theme.version, **form},
        )
        assert re.search(r'role="alert">[^<]*[ぁ-ん]', japanese.text)

    def test_another_theme_is_named_by_its_title_in_any_case_and_width_or_by_its_id(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        theme, other = themes(demo_db)[:2]
        with demo_db.begin() as session:
            session.get_one(Theme, other.id).title = "Slack messages 2"
        for name in (" ＳＬＡＣＫ  messages ２", other.id):
            [voice] = spans(demo_db, theme.id)[:1]
            follow(
                demo_pages,
                send(demo_pages, again(demo_db, theme), op="move", target=name, span=[voice]),
            )
            assert voice in spans(demo_db, other.id)

    def test_whoever_names_a_theme_wrongly_is_told_which_are_like_it_and_nothing_typed_is_lost(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        theme, other, third = themes(demo_db)[:3]
        with demo_db.begin() as session:
            for each in (other, third):
                session.get_one(Theme, each.id).title = "Slack messages"
        several = send(demo_pages, theme, op="merge", target="slack messages")
        assert several.status_code == 422
        told = unescape(several.text)
        assert "Several themes are called “slack messages”" in told
        assert f"Slack messages ({other.id})" in told
        assert f"Slack messages ({third.id})" in told
        assert 'value="slack messages" aria-describedby="with-how refused"' in told
        near = send(demo_pages, theme, op="move", target="mess", span=spans(demo_db, theme.id)[:1])
        assert re.search(f"Do you mean one of these.*Slack messages .({other.id}|{third.id})", near.text)
        assert 'value="mess" aria-describedby="to-how refused"' in near.text
        assert near.text.count(" checked") == 1

    def test_of_two_thousand_themes_the_page_offers_the_largest_once(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        theme, largest = themes(demo_db)[:2]
        with demo_db.begin() as session:
            session.add_all(
                Theme(id=f"{number:020}", organisation_id=MAIN, title=f"Number {number % 1000}", lang="en")
                for number in range(2000)
            )
        page = demo_pages.get(f"/themes/{theme.id}").text
        assert page.count("<option") == 200
        assert f'<option value="{largest.title}"' in unescape(page)
        answer = send(demo_pages, theme, op="merge", target=f"{1999:020}")
        assert answer.status_code == 303

    def test_who_was_not_the_first_is_told_and_nothing_is_overwritten(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        theme = themes(demo_db)[0]
        assert f'name="version" value="{theme.version}"' in demo_pages.get(f"/themes/{theme.id}").text
        send(demo_pages, theme, op="rename", title="First")
        late = send(demo_pages, theme, op="rename", title="Second")
        assert late.status_code == 409
        assert "Somebody else has just changed “First”" in unescape(late.text)
        assert themes(demo_db)[0].title == "First"

    def test_a_theme_that_was_merged_meanwhile_is_followed_and_it_is_said(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        theme, other = themes(demo_db)[:2]
        with demo_db.begin() as session:
            gone = correct.merge(session, MAIN, theme.id, other.id, by="Aki").theme_ids[1]
        old = theme if theme.id == gone else other
        page = follow(demo_pages, send(demo_pages, old, op="rename", title="The whole"))
        assert f"“{old.title}” had become part of “The whole”" in page

    def test_a_sub_theme_can_become_a_theme(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        whole = themes(demo_db)[0]
        some = spans(demo_db, whole.id)[:3]
        with demo_db.begin() as session:
            part = Theme(id="part", organisation_id=MAIN, parent_id=whole.id, title="A part", lang="en")
            session.add(part)
            session.flush()
            for put in session.exec(select(Assignment).where(col(Assignment.span_id).in_(some))):
                put.subtheme_id = part.id
        assert "Make it a theme of its own" in demo_pages.get("/themes/part").text
        assert send(demo_pages, again(demo_db, part), op="split").status_code == 303
        assert again(demo_db, part).parent_id is None
        assert spans(demo_db, "part") == some


class TestMakingThemes:
    def test_a_theme_is_made_out_of_a_search(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        assert "Make a theme by hand" in demo_pages.get("/themes").text
        page = demo_pages.get("/themes/new?q=slack").text
        chosen = re.findall(r'name="span" value="([0-9a-f]+)"', page)
        assert len(chosen) > 3
        answer = demo_pages.post(
            "/themes/new", headers=OURS, data={"span": chosen, "title": "Slack", "q": "slack"}
        )
        assert "Slack" in follow(demo_pages, answer)
        made = newest(demo_db)
        assert set(chosen) <= set(spans(demo_db, made.theme_ids[0]))

    def test_what_is_missing_is_told_and_what_was_ticked_stays(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/themes/new?q=slack").text
        first = re.findall(r'name="span" value="([0-9a-f]+)"', page)[0]
        answer = demo_pages.post(
            "/themes/new", headers=OURS, data={"span": [first], "title": "", "q": "slack"}
        )
        assert answer.status_code == 422
        assert "give the theme a title" in answer.text
        assert re.findall(r'value="([0-9a-f]+)" checked', answer.text) == [first]

    def test_empty_pages_say_what_to_do(self, empty_pages: httpx.Client) -> None:
        assert "Nobody has corrected anything yet." in empty_pages.get("/corrections").text
        assert "Look for words" in empty_pages.get("/themes/new").text
        assert "No voice holds these words." in empty_pages.get("/themes/new?q=nothing").text
        assert empty_pages.post("/corrections/x/undo", headers=OURS).status_code == 404
        assert empty_pages.post("/themes/x/correct", headers=OURS).status_code == 404


def test_a_correction_that_does_not_hold_is_shown_with_the_reason_and_what_overruled_it(
    demo_pages: httpx.Client, demo_db: Database
) -> None:
    theme, other = themes(demo_db)[:2]
    voices = spans(demo_db, theme.id)[:2]
    with demo_db.begin() as session:
        for target in ((other.id,), ()):
            wanted = Wanted(op="move", theme_ids=target, span_ids=tuple(voices))
            correct.make(session, MAIN, wanted, by="Aki")
        first = corrections.list_corrections(session, MAIN)[0]
        first.conflict = {"reason": "overruled", "count": 2, "of": 2, "other": newest_id(session)}
    for lang, told in (("en", "put 2 of its 2 voices elsewhere"), ("ja", "2件のうち2件の声が別の場所")):
        page = demo_pages.get("/corrections?state=conflicts", headers={"Accept-Language": lang}).text
        assert told in page
        assert 'href="#' in page


def newest_id(session: Session) -> str:
    return corrections.list_corrections(session, MAIN)[-1].id


@pytest.mark.parametrize("by", ["Aki", "local"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_stands_against_a_correction_is_told_in_words_with_the_way_there(
    demo_pages: httpx.Client, demo_db: Database, by: str, lang: str
) -> None:
    theme, other = themes(demo_db)[:2]
    first, second = spans(demo_db, theme.id)[0], spans(demo_db, other.id)[0]
    with demo_db.begin() as session:
        links = Wanted(op="must_link", span_ids=(first, second))
        linked = correct.make(session, MAIN, links, by=by).correction
        linked.at = datetime(2026, 5, 1, 20, tzinfo=UTC)
        session.add(
            Correction(
                id="opposite",
                organisation_id=MAIN,
                op="cannot_link",
                chosen=[first, second],
                by="Bo",
                at=datetime(2026, 5, 3, tzinfo=UTC),
            )
        )
    correct.carry_out_waiting(demo_db, MAIN)
    page = demo_pages.get("/corrections?state=conflicts", headers={"Accept-Language": lang}).text
    [told] = re.findall(r'<span class="error">(.*?)</span>', page)
    assert f'href="/corrections#{linked.id}"' in told
    assert ("Aki" in told) == (by == "Aki")
    for raw in ("local", "must_link", linked.id + "）", "さん"):
        assert raw not in told
    assert {"en": "2 May 2026 (<a", "ja": "2026年5月2日（土）に"}[lang] in told, "the day in Tokyo"
    assert {"en": "Belong together", "ja": "同じこと"}[lang] in told


def test_what_was_refused_out_of_a_file_is_told_and_changes_nothing(
    demo_pages: httpx.Client, demo_db: Database
) -> None:
    theme, other, *_ = themes(demo_db)
    whole = spans(demo_db, theme.id)
    with demo_db.begin() as session:
        for number, (op, ids, chosen, title) in enumerate(
            [
                ("merge", [theme.id, other.id], [], None),
                ("merge", [other.id, theme.id], [], None),
                ("split", [theme.id], [*whole, *spans(demo_db, other.id)], "A part of it"),
            ]
        ):
            at = datetime(2026, 5, 1, 9, number, tzinfo=UTC)
            session.add(
                Correction(
                    id=f"from-a-file-{number}",
                    organisation_id=MAIN,
                    op=op,
                    theme_ids=ids,
                    title=title,
                    chosen=chosen,
                    by="Aki",
                    at=at,
                )
            )
    correct.carry_out_waiting(demo_db, MAIN)
    for lang, told in (("en", "These themes are one already."), ("ja", "これらのテーマは、すでに一つです。")):
        page = demo_pages.get("/corrections?state=conflicts", headers={"Accept-Language": lang})
        assert page.status_code == 200
        assert told in unescape(page.text)
    kept = themes(demo_db)[0]
    assert demo_pages.get(f"/themes/{kept.id}").status_code == 200
    with demo_db.begin() as session:
        assert "A part of it" not in corrections.given_titles(session, MAIN).values()


def test_what_was_taken_back_while_it_waited_is_not_done(demo_db: Database) -> None:
    theme, *_ = themes(demo_db)
    now = datetime(2026, 5, 1, 9, tzinfo=UTC)
    with demo_db.begin() as session:
        session.add(
            Correction(
                id="waits",
                organisation_id=MAIN,
                op="rename",
                theme_ids=[theme.id],
                title="Not any more",
                by="Aki",
                at=now,
                undone_by="Bo",
                undone_at=now,
            )
        )
    correct.carry_out_waiting(demo_db, MAIN)
    assert again(demo_db, theme).title == theme.title


def test_a_form_with_characters_that_no_text_has_is_no_crash(
    demo_pages: httpx.Client, demo_db: Database
) -> None:
    theme, other = themes(demo_db)[:2]
    answer = send(
        demo_pages, theme, op="move", span=spans(demo_db, theme.id)[0] + "\0", target=f"{other.id}\0"
    )
    assert answer.status_code == 422
    made = demo_pages.post("/themes/new", headers=OURS, data={"span": ["\0"], "title": "\0"})
    assert 400 <= made.status_code < 500
