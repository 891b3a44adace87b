"""What notices are made from: kept by a team, checked, taken back, the same at every door."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.db import Database
from service.errors import Conflict, NotFound, WrongUse
from service.models import MAIN, Theme
from service.pipeline import notices
from service.pipeline.notice_templates import Templates, change, templates_of
from tests.access import an_organisation
from tests.api import API, asking
from tests.cli import Koe
from tests.telling import TellingDesk

OURS = {"Sec-Fetch-Site": "same-origin"}
OWN = "こんにちは。\n\n{thanks}\n「{title}」を直しました。"


@pytest.fixture
def desk(db: Database) -> TellingDesk:
    return TellingDesk.over(db)


@pytest.fixture
def api(desk: TellingDesk) -> Iterator[httpx.Client]:
    with asking(desk.db, "write") as client:
        yield client


def of_a_fix(db: Database, organisation_id: str = MAIN) -> Templates:
    with db.begin() as session:
        return templates_of(session, organisation_id)[0]


def keep(db: Database, key: str, text: str) -> Templates:
    version = of_a_fix(db).version
    with db.begin() as session:
        return change(session, MAIN, "fix", {key: text}, version=version)


def own(templates: Templates) -> dict[str, str]:
    return {one.key: one.text for one in templates.each if one.is_own}


class TestKeeping:
    def test_notices_are_made_from_what_a_team_wrote(self, desk: TellingDesk) -> None:
        before = desk.overview()
        assert own(keep(desk.db, "ja-mail", f"  {OWN}\r\n")) == {"ja-mail": OWN}
        now = desk.overview()
        title = now.theme.title if now.theme else ""
        assert now.texts["ja-mail"].endswith(f"「{title}」を直しました。")
        assert now.texts["ja-chat"] == before.texts["ja-chat"]
        assert now.changed == frozenset()
        with pytest.raises(Conflict), desk.db.begin() as session:
            notices.agree(session, MAIN, desk.notice_id, by="Aki", offer=before.offer)

    def test_what_was_written_by_hand_or_is_on_its_way_stays(self, desk: TellingDesk) -> None:
        with desk.db.begin() as session:
            notices.edit(session, MAIN, desk.notice_id, {"ja-mail": "直りました。"}, version=0)
        desk.agree()
        keep(desk.db, "ja-mail", OWN)
        assert desk.overview().texts["ja-mail"] == "直りました。"
        desk.later()
        desk.send()
        assert {said for each in desk.conversations.said.values() for said in each} == {"直りました。"}

    def test_a_hostile_title_is_not_filled_in_twice(self, desk: TellingDesk) -> None:
        keep(desk.db, "ja-mail", OWN)
        for title in ("{url}", "{thanks}", "<script>alert(1)</script>", "[x](https://a.example)"):
            with desk.db.begin() as session:
                session.get_one(Theme, "crash").title = title
            text = desk.overview().texts["ja-mail"]
            assert title not in text
            assert "直しました" not in text

    @pytest.mark.parametrize("text", ["", "   ", None])
    def test_an_empty_text_or_the_usual_one_is_the_usual_one(
        self, desk: TellingDesk, text: str | None
    ) -> None:
        usual = of_a_fix(desk.db).each[2].usual
        key = of_a_fix(desk.db).each[2].key
        keep(desk.db, key, OWN)
        assert own(keep(desk.db, key, usual if text is None else text)) == {}
        assert of_a_fix(desk.db).each[2].text == usual

    @pytest.mark.parametrize(
        ("key", "text", "why"),
        [
            ("ja-mail", "{name}様", r"names \{name\}; there are \{thanks\}, \{title\}, \{url\}"),
            ("ja-chat", "あ" * 1001, "longer than 1,000"),
            ("en-mail", "{url}", "says nothing"),
            ("fr-mail", "Bonjour", "there is no text fr-mail"),
        ],
    )
    def test_what_is_wrong_is_refused_in_words(
        self, desk: TellingDesk, key: str, text: str, why: str
    ) -> None:
        with pytest.raises(WrongUse, match=why):
            keep(desk.db, key, text)
        assert own(of_a_fix(desk.db)) == {}

    def test_who_saw_older_ones_is_told(self, desk: TellingDesk) -> None:
        old = of_a_fix(desk.db).version
        keep(desk.db, "ja-mail", OWN)
        with pytest.raises(Conflict), desk.db.begin() as session:
            change(session, MAIN, "fix", {"ja-mail": "別"}, version=old)
        with pytest.raises(NotFound), desk.db.begin() as session:
            change(session, MAIN, "party", {}, version=old)

    def test_another_organisation_keeps_its_own(self, desk: TellingDesk) -> None:
        an_organisation(desk.db, "north")
        keep(desk.db, "ja-mail", OWN)
        assert own(of_a_fix(desk.db, "north")) == {}


class TestDoors:
    def test_the_api_lists_and_changes_them(self, api: httpx.Client, desk: TellingDesk) -> None:
        found = api.get(f"{API}/notice-templates").json()["data"]
        assert [one["done"] for one in found] == ["fix", "article", "answer", "other"]
        given = {"texts": {"ja-mail": OWN}, "version": found[0]["version"]}
        changed = api.post(f"{API}/notice-templates/fix", json=given).json()
        assert {one["key"]: one["text"] for one in changed["each"] if one["is_own"]} == {"ja-mail": OWN}
        assert api.post(f"{API}/notice-templates/fix", json=given).status_code == 409
        wrong = {"texts": {"ja-mail": "{x}"}, "version": changed["version"]}
        refused = api.post(f"{API}/notice-templates/fix", json=wrong)
        assert (refused.status_code, "{thanks}" in refused.text) == (422, True)
        assert own(of_a_fix(desk.db)) == {"ja-mail": OWN}

    def test_who_may_only_read_changes_nothing(self, desk: TellingDesk) -> None:
        with asking(desk.db, "read") as reader:
            version = reader.get(f"{API}/notice-templates").json()["data"][0]["version"]
            given = {"texts": {"ja-mail": OWN}, "version": version}
            assert reader.post(f"{API}/notice-templates/fix", json=given).status_code == 403
        assert own(of_a_fix(desk.db)) == {}

    def test_the_page_keeps_what_was_typed_and_takes_it_back(
        self, api: httpx.Client, desk: TellingDesk
    ) -> None:
        here = "/notices/templates/fix"
        version = of_a_fix(desk.db).version
        wrong = {"text-ja-mail": "{namae}様", "text-en-chat": "Hi.", "version": version}
        refused = api.post(here, data=wrong, headers=OURS)
        assert refused.status_code == 422
        assert "{namae}様" in refused.text
        assert "{thanks}, {title}, {url}" in refused.text
        assert own(of_a_fix(desk.db)) == {}
        kept = api.post(here, data={"text-ja-mail": OWN, "version": version}, headers=OURS)
        assert kept.status_code == 303
        assert "written by your team" in api.get(kept.headers["Location"]).text
        late = api.post(here, data={"text-ja-mail": "別", "version": version}, headers=OURS)
        assert late.status_code == 409
        now = of_a_fix(desk.db).version
        back = api.post(here, data={"restore": "ja-mail", "version": now}, headers=OURS)
        assert (back.status_code, own(of_a_fix(desk.db))) == (303, {})
        assert api.get(here).status_code == 303

    def test_a_faulty_text_on_an_older_page_overwrites_nothing_when_it_is_sent_again(
        self, api: httpx.Client, desk: TellingDesk
    ) -> None:
        here = "/notices/templates/fix"
        seen = of_a_fix(desk.db).version
        keep(desk.db, "ja-mail", OWN)
        late = api.post(here, data={"text-ja-mail": "{namae}様", "version": seen}, headers=OURS)
        assert (late.status_code, 'role="alert"' in late.text, "{namae}様" in late.text) == (409, True, False)
        assert "直しました" in late.text
        assert own(of_a_fix(desk.db)) == {"ja-mail": OWN}

    def test_the_command_shows_and_keeps_them(self, koe: Koe, desk: TellingDesk, tmp_path: Path) -> None:
        path = tmp_path / "text.txt"
        path.write_text(OWN, encoding="utf-8")
        assert koe("tell", "template", "fix", "ja-mail", str(path)).status == 0
        assert own(of_a_fix(desk.db)) == {"ja-mail": OWN}
        shown = koe("tell", "template", "fix")
        assert f"fix ja-mail (your own):\n{OWN}" in shown.out
        path.write_text("{who}", encoding="utf-8")
        refused = koe("tell", "template", "fix", "ja-mail", str(path))
        assert (refused.status, "{thanks}" in refused.err) == (2, True)
        assert koe("tell", "template", "fix", "ja-mail").status == 2
        path.write_text("", encoding="utf-8")
        koe("tell", "template", "fix", "ja-mail", str(path))
        assert own(of_a_fix(desk.db)) == {}
