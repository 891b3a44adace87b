"""Linear: what holds there beside what holds for every target."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.errors import Refused, RetryLater, Uncertain
from connectors.outgoing import Note
from tests.board import Reply
from tests.contract.target_exam import SUGGESTION, outgoing
from tests.contract.targets.linear import OTHER_TEAM, TEAM, LinearDesk, opened


@pytest.fixture(params=[200, 400], ids=["errors with 200", "errors with 400"])
def desk(request: pytest.FixtureRequest) -> Iterator[LinearDesk]:
    with opened() as made:
        made.failing_status = request.param
        yield made


class TestIssues:
    def test_bear_the_labels_that_people_chose_whatever_page_they_are_on(self, desk: LinearDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.issues[receipt.reference]["labelIds"] == ["l1", "l3"]

    def test_have_an_id_that_is_the_same_for_a_suggestion_and_no_other(self, desk: LinearDesk) -> None:
        first = desk.target.deliver(outgoing(desk.target))
        with opened() as other:
            assert other.target.deliver(outgoing(other.target)).reference == first.reference
        assert desk.target.deliver(outgoing(desk.target, suggestion_id="f" * 20)).reference != first.reference

    def test_that_are_there_though_no_look_showed_them_are_no_failure(self, desk: LinearDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.late = 1
        assert desk.target.deliver(outgoing(desk.target)) == receipt
        assert len(desk.there()) == 1

    def test_are_found_where_their_text_was_written_anew_and_their_team_is_another(
        self, desk: LinearDesk
    ) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.issues[receipt.reference] |= {"teamId": OTHER_TEAM["id"], "identifier": "OPS-9"}
        desk.change(receipt.reference, "Another text.")
        assert desk.target.find(SUGGESTION) == receipt
        assert desk.target.look(receipt.reference).state == "open"

    def test_that_lie_in_the_trash_are_gone_and_are_not_made_anew(self, desk: LinearDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.remove(receipt.reference)
        assert desk.target.look(receipt.reference).state == "gone"
        assert desk.target.deliver(outgoing(desk.target)) == receipt
        assert desk.there() == []
        with pytest.raises(Refused, match="not there any more"):
            desk.target.note(receipt.reference, Note(marker=SUGGESTION, text="48 customers."))
        desk.empty_trash()
        assert desk.target.look(receipt.reference).state == "gone"

    @pytest.mark.parametrize(
        ("kind", "state"),
        [
            ("triage", "open"),
            ("backlog", "open"),
            ("unstarted", "open"),
            ("started", "open"),
            ("completed", "done"),
            ("canceled", "dropped"),
            ("duplicate", "dropped"),
            ("something new", "open"),
        ],
    )
    def test_stand_as_the_type_of_their_state_says(self, desk: LinearDesk, kind: str, state: str) -> None:
        reference = desk.write("Photos vanish", "They are gone.")
        desk.issues[reference]["state"] = {"name": "As the team calls it", "type": kind}
        assert (desk.target.look(reference).state, desk.target.look(reference).status) == (
            state,
            "As the team calls it",
        )

    def test_are_known_by_what_people_call_them_and_nothing_else_is_asked_for(self, desk: LinearDesk) -> None:
        reference = desk.write("Photos vanish", "They are gone.")
        assert desk.target.look("ENG-1").reference == reference
        asked = len(desk.board.asked)
        for named in ("", "ENG", "ENG-1/..", "1", "ENG-1\n"):
            with pytest.raises(Refused, match="ENG-123"):
                desk.target.look(named)
        assert len(desk.board.asked) == asked

    def test_refer_to_nobody_by_an_address_of_linear(self, desk: LinearDesk) -> None:
        body = "- see https://linear.app/acme/profiles/hana and https://example.com/x\n"
        receipt = desk.target.deliver(outgoing(desk.target, body=body))
        assert "`https://linear.app/acme/profiles/hana`" in desk.text(receipt.reference)
        assert "<https://example.com/x>" in desk.text(receipt.reference)


class TestRefusals:
    @pytest.mark.parametrize(
        ("settings", "told"),
        [
            ({"project": "NOPE"}, "'project' names no team that the key may see: NOPE"),
            ({"labels": "Feedback, Wish"}, "names 'Wish'; the team has Feedback, App"),
            ({"template": "{title}"}, "lacks {body}"),
        ],
    )
    def test_wrong_settings_are_told_by_name_with_what_is_there(
        self, desk: LinearDesk, settings: dict[str, str], told: str
    ) -> None:
        with pytest.raises(Refused, match=told):
            desk.opened(**settings).check()

    def test_too_much_is_waited_for_whatever_status_it_comes_with(self, desk: LinearDesk) -> None:
        desk.limited = True
        with pytest.raises(RetryLater) as told:
            desk.target.deliver(outgoing(desk.target))
        assert told.value.after == timedelta(minutes=1)

    def test_what_is_refused_is_told_in_linears_words_and_pauses(self, desk: LinearDesk) -> None:
        _answer(desk, "issueCreate", _error("INPUT_ERROR", 400), status=desk.failing_status)
        with pytest.raises(Refused, match="a word of advice"):
            desk.target.deliver(outgoing(desk.target))
        assert desk.there() == []

    def test_a_failure_of_theirs_while_something_is_made_is_unsure_and_while_they_are_asked_is_not(
        self, desk: LinearDesk
    ) -> None:
        broken = _error("INTERNAL_SERVER_ERROR", 500)
        _answer(desk, "issueCreate", broken, status=200)
        with pytest.raises(Uncertain):
            desk.target.deliver(outgoing(desk.target))
        _answer(desk, "teams", broken, status=200)
        with pytest.raises(RetryLater):
            desk.target.deliver(outgoing(desk.target))

    def test_an_answer_that_does_not_say_that_it_was_done_is_unsure(self, desk: LinearDesk) -> None:
        _answer(desk, "issueCreate", {"data": {"issueCreate": {"success": False, "issue": None}}}, status=200)
        with pytest.raises(Uncertain):
            desk.target.deliver(outgoing(desk.target))

    @pytest.mark.parametrize(
        ("key", "header"),
        [("lin_api_x", "lin_api_x"), ("lin_oauth_x", "Bearer lin_oauth_x")],
    )
    def test_keys_of_people_and_of_applications_are_shown_as_linear_wants_them(
        self, desk: LinearDesk, key: str, header: str
    ) -> None:
        assert TEAM["name"] in desk.opened(key=key).check()
        assert set(desk.keys) == {header}


def _error(code: str, status: int) -> dict[str, object]:
    extensions = {"code": code, "statusCode": status, "userPresentableMessage": "a word of advice"}
    return {"errors": [{"message": "…", "extensions": extensions}], "data": None}


def _answer(desk: LinearDesk, field: str, content: object, *, status: int) -> None:
    """Let a field answer so from now on."""
    method, pattern, before = desk.board.routes[0]
    reply = Reply(content=content, status=status)
    desk.board.routes[0] = (
        method,
        pattern,
        lambda request, *given: reply if f"{field}(" in request.json["query"] else before(request, *given),
    )
