"""Every target that is another system takes one exam, against its double, and one of failures."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import chain, repeat

import pytest

from connectors.errors import ConnectorError, Refused, RetryLater, Uncertain
from connectors.outgoing import Note, Receipt
from connectors.ports import Means
from connectors.registry import TARGETS, open_target
from tests.board import Fault
from tests.contract.target_exam import SUGGESTION, TargetExam, outgoing
from tests.contract.targets import SYSTEMS, DoubledDesk, opened

MAYBE_DONE = (Fault.LATE, Fault.LOST, Fault.CUT, Fault.GATEWAY)
NOTE = Note(marker=f"{SUGGESTION}-2", text="48 customers by now.")


@pytest.fixture(params=SYSTEMS)
def desk(request: pytest.FixtureRequest) -> Iterator[DoubledDesk]:
    with opened(request.param) as made:
        yield made


class TestSystems(TargetExam):
    """Every double."""


class TestFailures:
    @pytest.mark.parametrize("fault", MAYBE_DONE, ids=lambda fault: fault.name)
    def test_what_may_have_been_done_is_unsure_and_found_or_made_once(
        self, desk: DoubledDesk, fault: Fault
    ) -> None:
        desk.board.failing.append(fault)
        with pytest.raises(Uncertain):
            desk.target.deliver(outgoing(desk.target))
        assert len(desk.there()) == 1
        receipt = desk.target.find(SUGGESTION) or desk.target.deliver(outgoing(desk.target))
        assert desk.there() == [receipt.reference]
        assert desk.target.look(receipt.reference).state == "open"

    @pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.PAGE], ids=lambda fault: fault.name)
    def test_a_failure_of_theirs_is_never_taken_for_success(self, desk: DoubledDesk, fault: Fault) -> None:
        desk.board.failing.append(fault)
        with pytest.raises(ConnectorError):
            desk.target.deliver(outgoing(desk.target))
        assert desk.there() == []
        assert desk.target.deliver(outgoing(desk.target)).reference in desk.there()

    def test_a_system_that_is_busy_says_for_how_long(self, desk: DoubledDesk) -> None:
        desk.board.failing.append(Fault.BUSY)
        with pytest.raises(RetryLater) as told:
            desk.target.deliver(outgoing(desk.target))
        assert told.value.after == timedelta(seconds=7)
        assert desk.there() == []

    def test_a_secret_that_counts_no_more_is_told_and_never_shown(self, desk: DoubledDesk) -> None:
        desk.board.failing.append(Fault.REVOKED)
        with pytest.raises(Refused) as told:
            desk.target.deliver(outgoing(desk.target))
        assert told.value.status == 401
        assert desk.secret not in str(told.value)

    @pytest.mark.parametrize("fault", MAYBE_DONE, ids=lambda fault: fault.name)
    def test_a_note_whose_answer_was_lost_stands_there_once(self, desk: DoubledDesk, fault: Fault) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.board.failing.append(fault)
        with pytest.raises(Uncertain):
            desk.target.note(receipt.reference, NOTE)
        desk.target.note(receipt.reference, NOTE)
        assert ["48 customers" in each for each in desk.notes(receipt.reference)] == [True]

    def test_a_system_that_is_away_has_deleted_nothing(self, desk: DoubledDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.board.routes.clear()
        with pytest.raises(ConnectorError):
            desk.target.look(receipt.reference)

    def test_nonsense_that_is_no_error_changes_nothing(self, desk: DoubledDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.board.talks_nonsense = True
        for ask in (desk.target.check, lambda: desk.target.look(receipt.reference)):
            try:
                told = ask()
            except ConnectorError:
                continue
            assert getattr(told, "state", "open") == "open"

    def test_no_answer_without_sense_says_that_nothing_is_there(self, desk: DoubledDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        for found in without_sense(desk, lambda: desk.target.find(SUGGESTION)):
            assert found == receipt

    def test_no_answer_without_sense_makes_a_note_twice(self, desk: DoubledDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.target.note(receipt.reference, NOTE)
        for _ in without_sense(desk, lambda: desk.target.note(receipt.reference, NOTE)):
            assert ["48 customers" in each for each in desk.notes(receipt.reference)] == [True]


def without_sense(desk: DoubledDesk, ask: Callable[[], Receipt | None]) -> Iterator[Receipt | None]:
    """Ask again and again, each time with another of the answers without sense; yield what did not fail."""
    before = len(desk.board.asked)
    yield ask()
    for place in range(len(desk.board.asked) - before):
        answers = chain(repeat(None, place), [Fault.ERRORS], repeat(None))
        desk.board.choose = lambda _, answers=answers: next(answers)  # type: ignore[misc]
        with suppress(ConnectorError):
            yield ask()


class TestSettings:
    @pytest.mark.parametrize("slug", SYSTEMS)
    def test_that_are_missing_are_named(self, slug: str) -> None:
        kind = TARGETS[slug]
        with pytest.raises(Refused, match="setting"):
            open_target(slug, {}, Means(secret="x"))
        assert kind.title
        assert {setting.name for setting in kind.settings if setting.secret} == {kind.secret_setting}
        assert all({"en", "ja"} == set(setting.label) for setting in kind.settings)
        assert all({"en", "ja"} == set(words) for words in (*kind.guide, *kind.unverified))

    @pytest.mark.parametrize("slug", SYSTEMS)
    def test_lead_to_no_private_address_that_was_not_opened(self, slug: str) -> None:
        with opened(slug) as desk:
            asked = len(desk.board.asked)
            told = {"address": desk.board.address}
            usual = {one.name: one.example or one.default or "x" for one in TARGETS[slug].settings}
            with pytest.raises(Refused):
                open_target(slug, {**usual, **told}, Means(secret="x")).check()
            assert len(desk.board.asked) == asked
