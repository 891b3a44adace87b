"""`koe target` and `koe deliveries`: secrets, what waits and why, and another try."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.signatures import new_secret
from service.db import Database
from service.models import MAIN, Target
from service.repositories import targets
from tests.cli import Koe
from tests.outbox import accept_suggestions
from tests.receiver import Fault, Receiver, receiver, scripted


@pytest.fixture
def koe(koe: Koe) -> Koe:
    """The commands over an empty database, which may reach this machine."""
    return replace(koe, settings={**koe.settings, "KOE_PRIVATE_HOSTS": "127.0.0.1"})


@pytest.fixture
def crm() -> Iterator[Receiver]:
    """A receiver that refuses what arrives first."""
    with receiver(scripted(Fault.GONE)) as taker:
        yield taker


def kept(db: Database, name: str = "crm") -> Target:
    with db.begin() as session:
        return targets.get_target(session, MAIN, name)


class TestTargets:
    def test_a_webhook_gets_a_secret_that_is_shown_once_and_kept_closed(
        self, koe: Koe, db: Database, crm: Receiver
    ) -> None:
        added = koe("target", "add", "webhook", "crm", "--set", f"url={crm.url}", "--json")
        assert added.status == 0, added
        secret = added.json["secret"]
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
        assert secret.encode() not in (kept(db).sealed_secret or b"")
        again = koe("target", "add", "webhook", "crm", "--set", f"url={crm.url}")
        assert again.status == 0
        assert "whsec_" not in again.out + again.err
        listed = koe("target", "list")
        assert crm.url in listed.out
        assert "whsec_" not in listed.out
        assert koe("target", "test", "crm").status == 0
        assert crm.attempts == [], "to look whether it is there sends nothing"

    def test_a_secret_of_ones_own_is_taken_from_the_command_or_from_stdin(
        self, koe: Koe, crm: Receiver
    ) -> None:
        url = f"url={crm.url}"
        add = ("target", "add", "webhook")
        assert koe(*add, "one", "--set", url, "--secret", crm.secret).status == 0
        said = koe(*add, "two", "--set", url, "--secret", "-", given=crm.secret.encode())
        assert said.status == 0
        other = koe(*add, "one", "--set", url, "--secret", new_secret())
        assert (other.status, "koe target rotate one" in other.err) == (1, True)
        for wrong in ("whsec_short", "mellon", ""):
            said = koe(*add, "three", "--set", url, "--secret", wrong)
            assert said.status == 2
            assert "Traceback" not in said.err
            assert not wrong or wrong not in said.err
        assert koe("target", "add", "backlog-file", "b", "--set", "path=b", "--secret", "x").status == 2

    def test_what_cannot_be_reached_is_not_added(self, koe: Koe, crm: Receiver) -> None:
        add = ("target", "add", "webhook", "crm", "--set", f"url={crm.url}")
        said = koe(*add, KOE_PRIVATE_HOSTS="")
        assert (said.status, "KOE_PRIVATE_HOSTS" in said.err) == (1, True)
        assert koe("target", "list", "--json").json == []
        odd = koe(*add, KOE_PRIVATE_HOSTS="no host")
        assert (odd.status, "KOE_PRIVATE_HOSTS" in odd.err) == (2, True)
        assert koe("target", "test", "crm").status == 1

    def test_a_secret_is_changed_without_a_gap(self, koe: Koe, db: Database, crm: Receiver) -> None:
        crm.choose = scripted()
        old = crm.secret
        koe("target", "add", "webhook", "crm", "--set", f"url={crm.url}", "--secret", old)
        fresh = koe("target", "rotate", "crm", "--json").json["secret"]
        accept_suggestions(db, 1)
        assert koe("run", "--stage", "deliver").status == 0
        crm.secret = fresh
        accept_suggestions(db, 1, first=1)
        assert koe("run", "--stage", "deliver").status == 0
        assert koe("target", "rotate", "crm", "--finish").status == 0
        accept_suggestions(db, 1, first=2)
        assert koe("run", "--stage", "deliver").status == 0
        assert [attempt.proven for attempt in crm.attempts] == [True] * 3
        signatures = [attempt.headers["webhook-signature"].count("v1,") for attempt in crm.attempts]
        assert signatures == [2, 2, 1]

    def test_is_told_something_else_once_that_was_tried(self, koe: Koe, db: Database, crm: Receiver) -> None:
        koe("target", "add", "webhook", "crm", "--set", f"url={crm.url}", "--secret", crm.secret)
        told = koe("target", "set", "crm", "events=suggestion.accepted,theme.created", "--automatic")
        assert (told.status, crm.secret in told.out + told.err) == (0, False)
        assert kept(db).settings == {"url": crm.url, "events": "suggestion.accepted,theme.created"}
        assert kept(db).automatic
        wrong = koe("target", "set", "crm", "events=weather.changed")
        assert (wrong.status, "suggestion.accepted" in wrong.err) == (1, True)
        unknown = koe("target", "set", "crm", "colour=red")
        assert (unknown.status, "events" in unknown.err) == (2, True)
        nowhere = koe("target", "set", "crm", "url=http://127.0.0.1:9")
        assert nowhere.status == 1
        assert kept(db).settings["url"] == crm.url
        back = koe("target", "set", "crm", "events=", "--by-hand", "--json")
        assert back.json["settings"] == kept(db).settings == {"url": crm.url}
        assert back.json["automatic"] is kept(db).automatic is False
        accept_suggestions(db, 2)
        koe("run", "--stage", "deliver")
        assert len(crm.executed) == 1, "it is signed as before"

    def test_a_secret_goes_to_no_other_place_and_is_never_shown(self, koe: Koe, db: Database) -> None:
        with db.begin() as session:
            targets.add_target(session, MAIN, "crm", "jira", {"address": "https://a.example"})
        moved = koe("target", "set", "crm", "address=https://b.example", "token=s3cret-token")
        assert moved.status != 0
        assert "s3cret-token" not in moved.out + moved.err
        assert kept(db).settings == {"address": "https://a.example"}

    def test_is_removed_only_if_nothing_waits_and_its_history_stays(
        self, koe: Koe, db: Database, crm: Receiver
    ) -> None:
        koe("target", "add", "webhook", "crm", "--set", f"url={crm.url}", "--secret", crm.secret)
        accept_suggestions(db, 2)
        koe("run", "--stage", "deliver")
        refused = koe("target", "remove", "crm")
        assert (refused.status, "1 delivery waits" in refused.err) == (1, True)
        removed = koe("target", "remove", "crm", "--give-up", "--json")
        assert removed.json == {"target": "crm", "given_up": 1}
        assert koe("target", "list", "--json").json == []
        listed = koe("deliveries", "list", "--json").json
        assert sorted(one["state"] for one in listed) == ["dead", "delivered"]
        [dead] = [one for one in listed if one["state"] == "dead"]
        assert dead["reason"] == "the target was removed"
        again = koe("deliveries", "replay", dead["delivery_id"])
        assert (again.status, "add it again" in again.err) == (1, True)
        back = koe("target", "add", "webhook", "crm", "--set", f"url={crm.url}", "--secret", crm.secret)
        assert back.status == 0
        assert koe("deliveries", "replay", dead["delivery_id"]).status == 0
        koe("run", "--stage", "deliver")
        assert len(crm.executed) == 2


class TestCalls:
    """How a target tells that something changed there."""

    def added(self, db: Database, kind: str) -> None:
        with db.begin() as session:
            targets.add_target(session, MAIN, "crm", kind, {"project": "APP"})

    def test_begin_with_the_address_and_the_secret_to_paste(self, koe: Koe, db: Database) -> None:
        self.added(db, "jira")
        assert koe("target", "show", "crm", "--json").json["calls"] is None
        said = koe("target", "calls", "crm", "--json").json["calls"]
        assert said["url"].endswith(f"/hooks/{kept(db).id}")
        assert (said["url"] in said["guide"][0], said["secret"] in said["guide"][0]) == (True, True)
        assert koe("target", "show", "crm", "--json").json["calls"] == said
        shown = koe("target", "show", "crm").out
        assert (said["url"] in shown, said["secret"] in shown, "APP" in shown) == (True, True, True)

    def test_take_the_secret_of_the_system_that_makes_it(self, koe: Koe, db: Database) -> None:
        self.added(db, "linear")
        assert "koe target calls crm --secret -" in koe("target", "calls", "crm").out
        assert "copy it from there" in koe("target", "calls", "crm", "--rotate").err
        given = koe("target", "calls", "crm", "--secret", "-", "--json", given=b"lin_wh_theirs\n")
        assert given.json["calls"]["secret_known"] is True
        assert "lin_wh_theirs" not in given.out + koe("target", "show", "crm").out

    def test_are_proven_as_is_chosen_among_what_the_kind_knows(self, koe: Koe, db: Database) -> None:
        self.added(db, "gitlab-issues")
        signed = koe("target", "calls", "crm", "--json").json["calls"]
        assert (signed["proof"], signed["secret"][:6]) == ("signature", "whsec_")
        assert koe("target", "calls", "crm", "--secret", "mellon").status == 2
        assert koe("target", "calls", "crm", "--secret", new_secret()).status == 0
        told = koe("target", "calls", "crm", "--proof", "bearer", "--json").json["calls"]
        assert (told["proof"], "whsec_" in told["secret"]) == ("bearer", False)
        assert koe("target", "calls", "crm", "--proof", "url").status == 2
        assert koe("target", "calls", "crm", "--proof", "bearer", "--rotate").status == 2
        fresh = koe("target", "calls", "crm", "--rotate", "--json").json["calls"]["secret"]
        assert fresh != told["secret"]
        assert koe("target", "calls", "crm", "--drop-old").status == 0
        assert koe("target", "calls", "crm", "--off", "--json").json["calls"] is None
        assert kept(db).sealed_secrets is None

    def test_are_refused_of_a_kind_that_sends_none(self, koe: Koe, db: Database) -> None:
        self.added(db, "notion-backlog")
        said = koe("target", "calls", "crm")
        assert (said.status, "Koe looks every hour" in said.err) == (2, True)


class TestDeliveries:
    def test_lists_shows_and_replays_with_every_attempt_and_its_reason(
        self, koe: Koe, db: Database, crm: Receiver
    ) -> None:
        assert "Nothing was accepted" in koe("deliveries", "list").out
        koe("target", "add", "webhook", "crm", "--set", f"url={crm.url}", "--secret", crm.secret)
        accept_suggestions(db, 1)
        assert koe("run", "--stage", "deliver").status == 0
        [paused] = koe("deliveries", "list", "--state", "paused", "--target", "crm", "--json").json
        assert "410" in paused["reason"]
        assert koe("deliveries", "list", "--state", "dead", "--json").json == []
        shown = koe("deliveries", "show", paused["delivery_id"])
        assert "refused" in shown.out
        assert "410" in shown.out
        assert koe("deliveries", "replay", paused["delivery_id"], "--json").json == [
            {"delivery_id": paused["delivery_id"], "state": "pending"}
        ]
        koe("run", "--stage", "deliver")
        told = koe("deliveries", "show", paused["delivery_id"], "--json").json
        assert told["state"] == "delivered"
        assert [attempt["outcome"] for attempt in told["attempts"]] == ["refused", "delivered"]
        assert len(crm.executed) == 1

    def test_all_of_a_target_are_replayed_by_its_name_or_when_it_is_tested(
        self, koe: Koe, db: Database, crm: Receiver
    ) -> None:
        crm.choose = scripted(*[Fault.GONE] * 6)
        koe("target", "add", "webhook", "crm", "--set", f"url={crm.url}", "--secret", crm.secret)
        accept_suggestions(db, 6)
        koe("run", "--stage", "deliver")
        assert "left alone until" in koe("target", "list").out
        assert len(koe("deliveries", "list", "--state", "paused", "--json").json) == 6
        assert koe("deliveries", "replay", "--target", "crm", "--json").json["replayed"] == 6
        crm.choose = scripted(Fault.GONE)
        koe("run", "--stage", "deliver")
        assert koe("target", "test", "crm", "--json").json["resumed"] == 6
        for _ in range(2):
            koe("run", "--stage", "deliver")
        assert len(crm.executed) == 6

    def test_wrong_use_is_told(self, koe: Koe) -> None:
        assert koe("deliveries", "replay").status == 2
        assert koe("deliveries", "replay", "x", "--target", "y").status == 2
        assert koe("deliveries", "list", "--state", "lost").status == 2
        for missing in (("show", "x"), ("show", ""), ("replay", "x"), ("replay", "--target", "y")):
            said = koe("deliveries", *missing)
            assert (said.status, "there is no" in said.err) == (1, True), missing
