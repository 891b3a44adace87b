"""Replies to those who raised a theme: each once, asked again at the last moment, and what failed by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from connectors.errors import Refused, RetryLater, Uncertain
from connectors.ports import Heard, Said
from connectors.replying import words_of
from service.db import Database
from service.errors import Conflict, NotFound
from service.imports.heard import read
from service.models import MAIN, Intervention, Item, Message, Recipient, Source, Target
from service.models.columns import digest
from service.pipeline import deliver, ingest, notices, told
from service.pipeline.replies import state_of
from service.repositories import joining
from service.repositories import notices as notices_in
from service.repositories.customers import CUSTOMERS
from service.rules.customers import Name
from tests.telling import SHIPPED, TellingDesk

ALL = ["crash-0", "crash-1", "crash-2", "crash-3"]
NOBODY_WANTS = "the customer does not want to be told"


@pytest.fixture
def desk(db: Database) -> TellingDesk:
    return TellingDesk.over(db)


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

    def test_what_cannot_be_looked_up_and_was_stopped_may_have_arrived(self, desk: TellingDesk) -> None:
        desk.conversations.idempotent = True
        desk.conversations.after = [Uncertain("the answer was lost")] * 4
        desk.agree()
        desk.later()
        desk.send()
        desk.conversations.said.clear()  # so that nothing is found
        assert desk.stop().looked_up == 4
        desk.later(minutes=20)
        desk.send()
        assert {state for state, _ in desk.sent().values()} == {"dead"}
        assert {state_of(one) for one in desk.overview().told} == {"unsure"}
        assert desk.overview().by_hand_after == []

    def test_what_nobody_can_find_out_any_more_is_not_said_again(self, desk: TellingDesk) -> None:
        desk.conversations.before = [Uncertain("the line broke")] * 4
        desk.agree()
        desk.later()
        desk.send()
        desk.conversations.forgets = True
        desk.later(minutes=20)
        desk.send()
        assert desk.conversations.said == {}
        assert {reason for _, reason in desk.sent().values()} == {"Nobody knows any more."}
        assert {state_of(one) for one in desk.overview().told} == {"unsure"}
        with desk.db.begin() as session:
            assert session.exec(select(Target)).one().held_until is None

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
