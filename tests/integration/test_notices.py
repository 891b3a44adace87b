"""Those who raised a theme are told what was done: once, where they may be, after a person agreed."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from connectors.errors import Refused, RetryLater, Uncertain
from connectors.ports import Heard, Said
from connectors.replying import words_of
from service.db import Database
from service.errors import Conflict, NotFound, WrongUse
from service.imports.heard import read
from service.models import MAIN, Intervention, Item, Message, Organisation, Recipient, Source, Target, Theme
from service.models.columns import digest
from service.pipeline import deliver, ingest, notices, told
from service.pipeline.replies import state_of
from service.repositories import consents, joining
from service.repositories import notices as notices_in
from service.repositories.customers import CUSTOMERS
from service.rules.customers import Name
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
                lambda: notices.overview(session, "north", desk.notice_id),
                lambda: notices.agree(session, "north", desk.notice_id, by="X", people=4, version=0),
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
        seen, came = desk.overview(), list[str]()
        ready = threading.Barrier(2)

        def agree(by: str) -> None:
            ready.wait()
            try:
                with desk.db.begin() as session:
                    notices.agree(session, MAIN, desk.notice_id, by=by, people=4, version=seen.version)
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
        assert sum("0 customers would be told" in one for one in came) == 1
        desk.later()
        desk.send(threads=4)
        assert [len(said) for said in desk.conversations.said.values()] == [1, 1, 1, 1]

    def test_other_people_or_another_text_than_was_seen_is_no_agreement(self, desk: TellingDesk) -> None:
        with desk.db.begin() as session, pytest.raises(Conflict, match="4 customers would be told"):
            notices.agree(session, MAIN, desk.notice_id, by="Aki", people=3, version=0)
        with desk.db.begin() as session:
            notices.edit(session, MAIN, desk.notice_id, {"ja-mail": "直りました。"}, version=0)
        with desk.db.begin() as session, pytest.raises(Conflict, match="somebody else"):
            notices.agree(session, MAIN, desk.notice_id, by="Aki", people=4, version=0)
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


class TestSending:
    def test_lost_answers_tell_nobody_twice(self, desk: TellingDesk) -> None:
        desk.conversations.after = [Uncertain("the answer was lost")] * 3
        desk.agree()
        desk.later()
        desk.send()
        for _ in range(4):
            desk.later(minutes=20)
            desk.send()
        assert [len(said) for said in desk.conversations.said.values()] == [1, 1, 1, 1]
        assert sorted(desk.outcomes()) == ["delivered"] + ["found"] * 3 + ["uncertain"] * 3

    def test_a_reply_that_never_arrived_is_sent_again_after_it_was_looked_for(
        self, desk: TellingDesk
    ) -> None:
        desk.conversations.before = [Uncertain("the line broke")]
        desk.agree()
        desk.later()
        desk.send()
        desk.later(seconds=30)
        desk.send()
        assert sum(state == "uncertain" for state, _ in desk.sent().values()) == 1
        desk.later(minutes=5)
        desk.send()
        assert sorted(desk.conversations.said) == ALL
        assert desk.conversations.looked == 1

    def test_a_busy_source_is_asked_again(self, desk: TellingDesk) -> None:
        desk.conversations.before = [RetryLater("busy")]
        desk.agree()
        desk.later()
        desk.send()
        desk.later(minutes=1)
        desk.send()
        assert sorted(desk.conversations.said) == ALL

    def test_a_conversation_that_takes_no_reply_holds_up_no_other(self, desk: TellingDesk) -> None:
        desk.conversations.before = [Refused("Zendesk takes no comment on a closed ticket", status=422)] * 3
        desk.agree()
        desk.later()
        desk.send()
        assert sorted(state for state, _ in desk.sent().values()) == ["dead", "dead", "dead", "delivered"]
        with desk.db.begin() as session:
            target = session.exec(select(Target)).one()
            assert (target.setbacks, target.held_until) == (0, None)

    def test_a_source_that_refuses_all_is_left_alone_and_goes_on_by_itself(self, desk: TellingDesk) -> None:
        desk.conversations.works = False
        desk.conversations.before = [Refused("the token counts no more", status=401)] * 2
        desk.agree()
        desk.later()
        desk.send()
        assert {state for state, _ in desk.sent().values()} == {"paused"}
        desk.conversations.works, desk.conversations.before = True, []
        desk.later(minutes=30)
        desk.send()
        assert [len(said) for said in desk.conversations.said.values()] == [1, 1, 1, 1]

    @pytest.mark.parametrize("was_sent", [False, True], ids=["before it is sent", "after an answer was lost"])
    def test_a_no_counts_until_the_very_last_moment(self, desk: TellingDesk, *, was_sent: bool) -> None:
        if was_sent:
            desk.conversations.before = [Uncertain("lost")] * 4
        desk.agree()
        desk.later()
        if was_sent:
            desk.send()
        desk.say("c2", "no")
        desk.later()
        desk.send()
        assert sorted(desk.conversations.said) == ["crash-0", "crash-1", "crash-3"]
        assert desk.sent()["crash-2"] == ("dead", NOBODY_WANTS)
        with desk.db.begin() as session:
            deliver.replay_target(session, MAIN, _target_id(desk))
        desk.later()
        desk.send()
        assert "crash-2" not in desk.conversations.said, "no person can send it either"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ("DELETE FROM item WHERE id = 'crash-1'", "the customer's voice was deleted"),
            ("DELETE FROM message WHERE item_id = 'crash-1'", "the customer's voice was deleted"),
            ("UPDATE item SET set_aside = 'spam' WHERE id = 'crash-1'", "the customer's voice was deleted"),
            ("UPDATE source SET settings = '{}' WHERE id = 'desk'", "replies are switched off"),
            ("UPDATE organisation SET asks_consent = true", "has not said that they want"),
            ("UPDATE source SET paused_at = now() WHERE id = 'desk'", "the source is paused"),
            ("UPDATE item SET url = 'https://old.example.com/agent/tickets/1'", "in another account"),
            ("UPDATE suggestion SET status = 'open'", "the suggestion was opened again"),
        ],
    )
    def test_what_forbids_it_meanwhile_is_obeyed(self, desk: TellingDesk, change: str, reason: str) -> None:
        made = desk.suggestion("crash", action="fix_product")
        with desk.db.begin() as session:
            session.get_one(Intervention, desk.notice_id).suggestion_id = made
            source = session.get_one(Source, "desk")
            source.settings = source.settings | {"address": "https://now.example.com"}
        desk.agree()
        desk.later()
        with desk.db.begin() as session:
            session.connection().exec_driver_sql(change)
        desk.send()
        assert "crash-1" not in desk.conversations.said
        assert reason in str(desk.sent()["crash-1"][1])

    def test_who_raises_it_again_before_it_is_sent_is_not_told_that_it_is_fixed(
        self, desk: TellingDesk
    ) -> None:
        desk.agree()
        desk.later()
        with desk.db.begin() as session:
            desk.world.say(session, "crash", 9, "写真を開くとまたアプリが落ちます。")
        desk.change("crash-9", customer_id="c2", created_at=SHIPPED + timedelta(days=1))
        desk.send()
        assert sorted(desk.conversations.said) == ["crash-0", "crash-1", "crash-3"]
        assert desk.sent()["crash-2"] == ("dead", "the customer raised it again since it was done")

    def test_two_of_whom_nobody_knows_who_they_are_are_two(self, desk: TellingDesk) -> None:
        for item in ("crash-0", "crash-1"):
            desk.change(item, customer_id=None)
        with desk.db.begin() as session:
            desk.world.say(session, "crash", 9, "写真を開くとまたアプリが落ちます。")
        desk.change("crash-9", customer_id=None, created_at=SHIPPED + timedelta(days=1))
        desk.agree()
        desk.later()
        desk.send()
        assert sorted(desk.conversations.said) == ALL

    def test_who_becomes_known_once_they_were_told_is_not_told_again(self, desk: TellingDesk) -> None:
        desk.change("crash-0", customer_id=None)
        desk.agree()
        desk.later()
        desk.send()
        desk.change("crash-0", customer_id="c0")
        desk.change("crash-1", customer_id="c8")
        assert desk.overview().waiting == []

    def test_two_who_become_known_as_one_while_they_wait_are_told_once(self, desk: TellingDesk) -> None:
        desk.change("crash-0", customer_id=None)
        desk.agree()
        desk.change("crash-0", customer_id="c1")
        desk.later()
        desk.send()
        assert len(desk.conversations.said) == 3

    def test_two_who_turn_out_to_be_one_are_told_once(self, desk: TellingDesk) -> None:
        desk.agree()
        with desk.db.begin() as session:
            joining.joined(session, MAIN, CUSTOMERS, [[Name("source", "desk/1")], [Name("source", "desk/2")]])
            session.connection().exec_driver_sql(
                "UPDATE handle SET customer_id = 'c0' WHERE customer_id = 'desk/1'"
            )
            session.connection().exec_driver_sql(
                "UPDATE handle SET customer_id = 'c1' WHERE customer_id = 'desk/2'"
            )
            joining.joined(session, MAIN, CUSTOMERS, [[Name("source", "desk/1"), Name("source", "desk/2")]])
        desk.later()
        desk.send()
        assert sorted(desk.conversations.said)[-2:] == ["crash-2", "crash-3"]
        assert len(desk.conversations.said) == 3
        assert ("dead", "the customer was told in another conversation") in desk.sent().values()


def _target_id(desk: TellingDesk) -> str:
    with desk.db.begin() as session:
        return session.exec(select(Target)).one().id


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


class TestByHand:
    def test_people_note_whom_they_told_and_can_take_it_back(self, db: Database) -> None:
        desk = TellingDesk.over(db, replies=False)
        with db.begin() as session:
            notices.told_by_hand(session, MAIN, desk.notice_id, by="Aki", keys=["c1"])
        assert sorted(str(one.customer_id) for one in desk.overview().waiting) == ["c0", "c2", "c3"]
        (one,) = desk.recipients()
        with db.begin() as session:
            notices.not_told(session, MAIN, desk.notice_id, one.id)
            seen = notices.told_by_hand(session, MAIN, desk.notice_id, by="Aki")
            assert (len(seen.told), seen.waiting) == (4, [])
        with db.begin() as session, pytest.raises(NotFound):
            notices.told_by_hand(session, MAIN, desk.notice_id, by="Aki", keys=["c1"])

    def test_whom_a_reply_did_not_reach_is_told_by_hand_and_then_by_no_reply(self, desk: TellingDesk) -> None:
        desk.conversations.before = [Refused("closed there", status=422)] * 4
        desk.agree()
        desk.later()
        desk.send()
        desk.say("c0", "no")
        desk.change("crash-1", set_aside="spam")
        assert [one.customer_id for one in desk.overview().by_hand_after] == ["c2", "c3"]
        with desk.db.begin() as session:
            notices.told_by_hand(session, MAIN, desk.notice_id, by="Aki", keys=["c2"])
        assert [one.customer_id for one in desk.overview().by_hand_after] == ["c3"]
        with desk.db.begin() as session:
            deliver.replay_target(session, MAIN, _target_id(desk))
        desk.later()
        desk.send()
        assert sorted(desk.conversations.said) == ["crash-3"]
        assert desk.sent()["crash-2"] == ("dead", "a person told the customer in another way")

    def test_a_failed_reply_that_was_told_by_hand_is_a_failed_one_again(self, desk: TellingDesk) -> None:
        desk.conversations.before = [Refused("closed there", status=422)] * 4
        desk.agree()
        desk.later()
        desk.send()
        with desk.db.begin() as session:
            notices.told_by_hand(session, MAIN, desk.notice_id, by="Aki")
        assert desk.overview().by_hand_after == []
        with desk.db.begin() as session:
            notices.not_told(session, MAIN, desk.notice_id, desk.recipients()[0].id)
        assert [one.customer_id for one in desk.overview().by_hand_after] == ["c0"]

    def test_what_may_have_arrived_is_told_by_nobody_again(self, desk: TellingDesk) -> None:
        desk.conversations.after = [Uncertain("the answer was lost")] * 4
        desk.agree()
        desk.later()
        desk.send()
        with desk.db.begin() as session:
            session.connection().exec_driver_sql("UPDATE delivery SET state = 'dead', reason = 'lost'")
        seen = desk.overview()
        assert {state_of(one) for one in seen.told} == {"unsure"}
        assert seen.by_hand_after == []

    def test_of_what_has_not_happened_yet_nobody_is_told(self, desk: TellingDesk) -> None:
        with desk.db.begin() as session:
            session.get_one(Intervention, desk.notice_id).occurred_at = datetime.now(UTC) + timedelta(days=3)
        assert desk.overview().hindrance == "future"
        with desk.db.begin() as session, pytest.raises(Conflict, match="not happened yet"):
            notices.told_by_hand(session, MAIN, desk.notice_id, by="Aki")
        with pytest.raises(Conflict, match="not happened yet"):
            desk.agree()

    def test_a_reply_on_its_way_is_no_telling_by_hand(self, desk: TellingDesk) -> None:
        desk.agree()
        with desk.db.begin() as session, pytest.raises(Conflict):
            notices.not_told(session, MAIN, desk.notice_id, desk.recipients()[0].id)


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


def test_what_koe_replied_comes_back_as_a_bots_words_and_no_customers(desk: TellingDesk) -> None:
    reply, at = "この件は修正が完了しました。", SHIPPED
    asked = Said(external_id="1", text="落ちます。", created_at=at)
    hear(desk, Heard(external_id="77", said=[asked], created_at=at))
    with desk.db.begin() as session:
        item = session.exec(select(Item).where(Item.external_id == "77")).one()
        notices_in.lock(session, MAIN, desk.notice_id)
        session.flush()
        session.add(
            Recipient(
                id="r",
                organisation_id=MAIN,
                notice_id=desk.notice_id,
                item_id=item.id,
                words=digest(words_of(reply)),
                agreed_by="Aki",
                agreed_at=at,
            )
        )
    came = [
        Said(external_id="2", text=f"<p>{reply}</p>", author_role="agent", created_at=at),
        Said(external_id="3", text="別の回答です。", author_role="agent", created_at=at),
        Said(external_id="4", text=reply, created_at=at),
    ]
    hear(desk, Heard(external_id="77", said=[asked, *came], created_at=at, updated_at=at))
    with desk.db.begin() as session:
        messages = session.exec(
            select(Message).where(Message.item_id == item.id).order_by(col(Message.position))
        )
        assert [one.author_role for one in messages] == ["customer", "bot", "agent", "bot"]


def hear(desk: TellingDesk, heard: Heard) -> None:
    """Let the desk tell of a ticket, and read it."""
    with desk.db.begin() as session:
        told.keep(session, session.get_one(Source, "desk"), read([heard], received_at=SHIPPED))
    ingest.run(desk.db, MAIN)
