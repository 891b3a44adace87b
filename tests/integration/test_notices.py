"""Those who raised a theme are told what was done: once, where they may be, after a person agreed."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from connectors.errors import Uncertain
from service.db import Database
from service.errors import Conflict, NotFound, WrongUse
from service.models import MAIN, Intervention, Organisation, Theme
from service.pipeline import notices
from service.pipeline.notice_overview import overview
from service.repositories import consents
from tests.telling import SHIPPED, TellingDesk

ALL = ["crash-0", "crash-1", "crash-2", "crash-3"]
NOBODY_WANTS = "the customer does not want to be told"


@pytest.fixture
def desk(db: Database) -> TellingDesk:
    return TellingDesk.over(db)


def ways(desk: TellingDesk) -> dict[str, tuple[str, str]]:
    """Return how each customer would be told, and why not by a reply."""
    return {str(one.customer_id): (one.way, one.reason) for one in desk.overview().waiting}


class TestWhoIsTold:
    def test_everybody_who_raised_it_is_there_once_with_their_latest_voice(self, desk: TellingDesk) -> None:
        desk.change("crash-1", customer_id="c0")
        found = {str(one.customer_id): one for one in desk.overview().waiting}
        assert sorted(found) == ["c0", "c2", "c3"]
        assert (found["c0"].voice.external_id, found["c0"].voices) == ("crash-1", 2)
        assert {one.lang for one in found.values()} == {"ja"}

    def test_who_said_no_or_raised_it_again_since_or_wrote_a_survey_is_not(self, desk: TellingDesk) -> None:
        desk.say("c0", "no")
        desk.change("crash-1", channel="survey")
        with desk.db.begin() as session:
            desk.world.say(session, "crash", 9, "写真を開くとまたアプリが落ちます。")
        desk.change("crash-9", customer_id="c2", created_at=SHIPPED + timedelta(days=1))
        assert ways(desk) == {
            "c0": ("none", "said_no"),
            "c1": ("none", "outside"),
            "c2": ("none", "came_back"),
            "c3": ("reply", ""),
        }
        desk.say("c1", "yes")
        assert ways(desk)["c1"] == ("by_hand", "no_conversation")

    def test_an_organisation_may_ask_for_a_yes_everywhere(self, desk: TellingDesk) -> None:
        with desk.db.begin() as session:
            session.get_one(Organisation, MAIN).asks_consent = True
        desk.say("c3", "yes")
        assert ways(desk) == {
            **dict.fromkeys(("c0", "c1", "c2"), ("none", "no_consent")),
            "c3": ("reply", ""),
        }

    def test_replies_are_off_until_somebody_switches_them_on(self, db: Database) -> None:
        desk = TellingDesk.over(db, replies=False)
        assert set(ways(desk).values()) == {("by_hand", "off")}
        desk.agree()
        assert desk.sent() == {}

    def test_a_closed_ticket_and_a_chat_are_left_to_people(self, desk: TellingDesk) -> None:
        desk.change("crash-0", status="closed")
        desk.change("crash-1", channel="chat")
        assert (ways(desk)["c0"], ways(desk)["c1"]) == (("by_hand", "closed"), ("by_hand", "never"))

    def test_a_theme_that_went_on_under_another_id_is_followed(self, desk: TellingDesk) -> None:
        with desk.db.begin() as session:
            session.add(Theme(id="new", organisation_id=MAIN, title="新しい", lang="ja"))
            session.flush()
            old = session.get_one(Theme, "crash")
            old.retired, old.successor_id = True, "new"
            session.connection().exec_driver_sql(
                "UPDATE assignment SET theme_id = 'new' WHERE theme_id = 'crash'"
            )
        assert sorted(ways(desk)) == ["c0", "c1", "c2", "c3"]

    def test_of_what_was_done_for_one_segment_no_other_is_told(self, desk: TellingDesk) -> None:
        desk.change("crash-1", segment="pro")
        with desk.db.begin() as session:
            session.get_one(Intervention, desk.notice_id).segment = "pro"
        assert list(ways(desk)) == ["c1"]

    def test_somebody_of_whom_nobody_knows_who_it_was_can_be_told_in_their_ticket(
        self, desk: TellingDesk
    ) -> None:
        desk.change("crash-0", customer_id=None)
        desk.change("crash-1", customer_id=None)
        assert len(desk.overview().by_way("reply")) == 4
        desk.agree()
        assert desk.overview().waiting == []

    def test_another_organisation_finds_nothing(self, desk: TellingDesk) -> None:
        with desk.db.begin() as session:
            session.add(Organisation(id="north", name="north"))
            session.flush()
            for ask in (
                lambda: overview(session, "north", desk.notice_id),
                lambda: notices.agree(session, "north", desk.notice_id, by="X", offer="x"),
                lambda: notices.stop(session, "north", desk.notice_id, by="X"),
                lambda: notices.say(session, "north", "c0", "no", by="X"),
            ):
                with pytest.raises(NotFound):
                    ask()


class TestAgreeing:
    def test_nothing_is_sent_before_the_time_to_stop_it_is_over(self, desk: TellingDesk) -> None:
        desk.agree()
        desk.send()
        assert desk.conversations.said == {}
        desk.later()
        desk.send()
        assert sorted(desk.conversations.said) == ALL
        assert {state for state, _ in desk.sent().values()} == {"delivered"}
        assert desk.overview().waiting == []

    def test_two_at_once_tell_everybody_once(self, desk: TellingDesk) -> None:
        offer, came = desk.overview().offer, list[str]()
        ready = threading.Barrier(2)

        def agree(by: str) -> None:
            ready.wait()
            try:
                with desk.db.begin() as session:
                    notices.agree(session, MAIN, desk.notice_id, by=by, offer=offer)
                came.append(by)
            except Conflict as error:
                came.append(str(error))

        both = [threading.Thread(target=agree, args=(name,)) for name in ("Aki", "Ben")]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert len(desk.recipients()) == 4
        assert len({one.agreed_by for one in desk.recipients()}) == 1
        assert sum("other customers would be told" in one for one in came) == 1
        desk.later()
        desk.send(threads=4)
        assert [len(said) for said in desk.conversations.said.values()] == [1, 1, 1, 1]

    @pytest.mark.parametrize(
        "meanwhile",
        [
            "UPDATE theme SET title = 'アプリが終了する', titles = '{}' WHERE id = 'crash'",
            "UPDATE item SET channel = 'survey' WHERE id = 'crash-3'",
            "UPDATE item SET lang = 'en' WHERE id = 'crash-3'",
            "UPDATE item SET customer_id = 'somebody' WHERE id = 'crash-3'",
        ],
    )
    def test_other_people_or_other_words_than_were_seen_are_no_agreement(
        self, desk: TellingDesk, meanwhile: str
    ) -> None:
        offer = desk.overview().offer
        with desk.db.begin() as session:
            session.execute(text(meanwhile))
        with desk.db.begin() as session, pytest.raises(Conflict, match="or with other words"):
            notices.agree(session, MAIN, desk.notice_id, by="Aki", offer=offer)
        assert desk.recipients() == []

    def test_a_text_that_somebody_has_changed_meanwhile_is_no_agreement(self, desk: TellingDesk) -> None:
        offer = desk.overview().offer
        with desk.db.begin() as session:
            notices.edit(session, MAIN, desk.notice_id, {"ja-mail": "直りました。"}, version=0)
        with desk.db.begin() as session, pytest.raises(Conflict, match="or with other words"):
            notices.agree(session, MAIN, desk.notice_id, by="Aki", offer=offer)
        desk.agree()
        desk.later()
        desk.send()
        assert desk.conversations.said == {name: ["直りました。"] for name in ALL}

    def test_a_text_can_be_the_usual_one_again_and_never_too_long(self, desk: TellingDesk) -> None:
        usual = desk.overview().texts["en-chat"]
        with desk.db.begin() as session:
            changed = notices.edit(session, MAIN, desk.notice_id, {"en-chat": "Fixed."}, version=0)
            assert (changed.texts["en-chat"], changed.changed) == ("Fixed.", frozenset({"en-chat"}))
            again = notices.edit(session, MAIN, desk.notice_id, {"en-chat": " "}, version=1)
            assert (again.texts["en-chat"], again.changed) == (usual, frozenset())
        for written in ({"en-chat": "x" * 1_001}, {"en-chat": "…!"}, {"fr-mail": "Bonjour"}):
            with desk.db.begin() as session, pytest.raises(WrongUse):
                notices.edit(session, MAIN, desk.notice_id, written, version=2)

    def test_who_comes_later_is_told_beside_those_who_were(self, desk: TellingDesk) -> None:
        desk.change("crash-3", channel="survey")
        desk.agree()
        desk.change("crash-3", channel="ticket")
        assert [one.customer_id for one in desk.overview().by_way("reply")] == ["c3"]
        desk.agree(by="Ben")
        desk.later()
        desk.send()
        assert [len(said) for said in desk.conversations.said.values()] == [1, 1, 1, 1]


class TestStopping:
    def test_what_waits_is_not_sent_and_can_be_agreed_to_again(self, desk: TellingDesk) -> None:
        desk.agree()
        assert desk.stop() == notices.Stopped(stopped=4, looked_up=0)
        desk.later()
        desk.send()
        assert desk.conversations.said == {}
        assert len(desk.overview().by_way("reply")) == 4
        assert desk.stop() == notices.Stopped(stopped=0, looked_up=0)

    def test_what_may_have_arrived_is_looked_up_and_never_sent_again(self, desk: TellingDesk) -> None:
        desk.conversations.after = [Uncertain("lost")]
        desk.conversations.before = []
        desk.agree()
        desk.later()
        desk.conversations.after = [Uncertain("the answer was lost")] * 4
        desk.send()
        assert {state for state, _ in desk.sent().values()} == {"uncertain"}
        desk.conversations.said.pop("crash-0")  # this one never arrived
        assert desk.stop() == notices.Stopped(stopped=0, looked_up=4)
        desk.later(minutes=20)
        desk.send()
        assert desk.sent() == {
            "crash-0": ("dead", "a person stopped it"),
            **dict.fromkeys(ALL[1:], ("delivered", None)),
        }
        assert [len(said) for said in desk.conversations.said.values()] == [1, 1, 1]


class TestConsent:
    def test_who_turns_out_to_be_somebody_who_said_no_said_no(self, desk: TellingDesk) -> None:
        desk.say("c0", "no")
        desk.say("c1", "yes")
        with desk.db.begin() as session:
            consents.merge(session, MAIN, {"c0": "c1"})
            assert consents.answers(session, MAIN, ["c0", "c1"]) == {"c1": "no"}
            consents.merge(session, MAIN, {"c1": "c2"})
            assert consents.answers(session, MAIN, ["c1", "c2"]) == {"c2": "no"}

    def test_it_can_be_taken_back_and_names_who_entered_it(self, desk: TellingDesk) -> None:
        desk.say("c0", "no")
        desk.say("c0", "unknown")
        assert ways(desk)["c0"] == ("reply", "")
        with desk.db.begin() as session, pytest.raises(NotFound):
            notices.say(session, MAIN, "nobody", "no", by="Aki")
        with desk.db.begin() as session, pytest.raises(WrongUse):
            notices.say(session, MAIN, "c0", "perhaps", by="Aki")


class TestTexts:
    def test_they_name_the_theme_and_say_what_was_done(self, desk: TellingDesk) -> None:
        texts = desk.overview().texts
        assert "「写真を開くとアプリが落ちます」" in texts["ja-mail"]
        assert "修正が完了し" in texts["ja-chat"]
        assert texts["en-mail"].startswith("Hello,\n\nThank you for writing to us.\nThis has been fixed")

    def test_an_article_is_named_by_its_address_and_a_backlog_item_never(self, desk: TellingDesk) -> None:
        made = desk.suggestion("password", published_url="https://help.example.com/a/1")
        desk.notice_id = desk.ship("password", kind="article", suggestion=made)
        assert "https://help.example.com/a/1" in desk.overview().texts["en-chat"]
        made = desk.suggestion("export", action="fix_product", published_url="https://jira.example.com/1")
        desk.notice_id = desk.ship("export", suggestion=made)
        assert not any("jira" in one for one in desk.overview().texts.values())

    def test_an_internal_answer_and_an_address_at_home_are_not_told(self, desk: TellingDesk) -> None:
        made = desk.suggestion("password", audience="internal", published_url="https://help.example.com/a/1")
        desk.notice_id = desk.ship("password", kind="article", suggestion=made)
        assert desk.overview().url is None
        made = desk.suggestion("export", published_url="http://wiki.corp/a/1")
        desk.notice_id = desk.ship("export", kind="article", suggestion=made)
        assert desk.overview().url is None

    @pytest.mark.parametrize(
        "title",
        [
            "ログインは https://evil.example から",
            "visit evil.example now",
            "{{ticket.requester.email}}",
            "{title}",
            "<b>hi</b>",
            "[click](x)",
            "@everyone close all",
            "a\u202eb",
        ],
    )
    def test_a_hostile_title_is_not_repeated(self, desk: TellingDesk, title: str) -> None:
        with desk.db.begin() as session:
            session.get_one(Theme, "crash").title = title
        assert (
            desk.overview()
            .texts["ja-mail"]
            .startswith(
                "お世話になっております。\n\nお問い合わせいただき、ありがとうございました。\nこの件は修正が完了し"
            )
        )
