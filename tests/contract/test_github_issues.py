"""GitHub's issues: what holds there beside what holds for every target."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.errors import Refused, RetryLater
from connectors.outgoing import Note
from tests.board import Reply
from tests.contract.target_exam import SUGGESTION, outgoing
from tests.contract.targets.github_issues import GitHubDesk, opened


@pytest.fixture
def desk() -> Iterator[GitHubDesk]:
    with opened() as made:
        yield made


class TestIssues:
    def test_bear_the_label_by_which_they_are_found_and_those_that_people_chose(
        self, desk: GitHubDesk
    ) -> None:
        desk.target.deliver(outgoing(desk.target))
        assert desk.issues[1]["labels"] == [{"name": "koe"}, {"name": "Feedback"}]

    def test_are_found_on_whatever_page_of_the_list_they_are_and_closed_ones_too(
        self, desk: GitHubDesk
    ) -> None:
        receipts = [
            desk.target.deliver(outgoing(desk.target, suggestion_id=f"{number:020}")) for number in range(8)
        ]
        desk.finish(receipts[6].reference)
        assert [desk.target.find(f"{number:020}") for number in range(8)] == receipts
        assert len(desk.there()) == 8

    def test_are_followed_to_the_repository_that_they_were_transferred_to(self, desk: GitHubDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        there = desk.transfer(receipt.reference)
        standing = desk.target.look(receipt.reference)
        assert (standing.reference, standing.state) == (there, "open") == ("acme/web#41", "open")
        assert standing.url == "https://github.example.com/acme/web/issues/41"
        noted = desk.target.note(receipt.reference, Note(marker=SUGGESTION, text="48 customers."))
        assert noted.reference == there
        assert len(desk.notes(there)) == 1
        desk.drop(there)
        assert desk.target.look(there).state == "dropped"

    @pytest.mark.parametrize(
        ("reason", "state", "status"),
        [
            ("completed", "done", "Closed"),
            (None, "done", "Closed"),
            ("not_planned", "dropped", "Closed as not planned"),
            ("duplicate", "dropped", "Closed as duplicate"),
        ],
    )
    def test_that_are_closed_tell_why(
        self, desk: GitHubDesk, reason: str | None, state: str, status: str
    ) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.issues[1] |= {"state": "closed", "state_reason": reason, "closed_at": "2026-05-04T05:06:07Z"}
        closed = desk.target.look(receipt.reference)
        assert (closed.state, closed.status) == (state, status)
        assert closed.at is not None
        assert closed.at.isoformat() == "2026-05-04T05:06:07+00:00"

    def test_are_not_deleted_where_all_issues_are_switched_off(self, desk: GitHubDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.remove(receipt.reference)
        desk.repository["has_issues"] = False
        with pytest.raises(Refused, match="switched off"):
            desk.target.look(receipt.reference)

    @pytest.mark.parametrize("named", ["1", "#1", "acme/app#1"])
    def test_are_known_by_what_people_call_them(self, desk: GitHubDesk, named: str) -> None:
        desk.write("Photos vanish", "They are gone.")
        assert desk.target.look(named).reference == "acme/app#1"

    @pytest.mark.parametrize("named", ["", "x", "acme/..#1", "acme/app/../web#1", "1/../2", "#"])
    def test_nothing_else_is_asked_for(self, desk: GitHubDesk, named: str) -> None:
        with pytest.raises(Refused, match="acme/app#12"):
            desk.target.look(named)
        assert not desk.board.asked

    def test_have_titles_no_longer_than_github_takes_whatever_is_parted_in_them(
        self, desk: GitHubDesk
    ) -> None:
        receipt = desk.target.deliver(outgoing(desk.target, title="#1 " * 200))
        assert len(desk.title(receipt.reference)) == 256

    def test_lead_to_no_other_issue(self, desk: GitHubDesk) -> None:
        body = "- see GH-1, gh-2, acme/app#3, #4 and @octocat\n"
        receipt = desk.target.deliver(outgoing(desk.target, title="GH: #1 @octocat", body=body))
        for acting in ("GH-1", "gh-2", "#3", "#4", "@octocat"):
            assert acting not in desk.text(receipt.reference)
        assert "@octocat" not in desk.title(receipt.reference)
        assert "\u200b" in desk.text(receipt.reference)

    def test_refer_to_nothing_by_an_address_there_and_keep_all_others(self, desk: GitHubDesk) -> None:
        theirs = f"{desk.board.address}/acme/app/issues/1"
        body = f"- see {theirs} and https://example.com/GH-1\n"
        receipt = desk.target.deliver(outgoing(desk.target, body=body))
        assert f"`{theirs}`" in desk.text(receipt.reference)
        assert "<https://example.com/GH-1>" in desk.text(receipt.reference)


class TestRefusals:
    @pytest.mark.parametrize(
        ("repository", "told"),
        [
            ({"permissions": {"pull": True, "push": False}}, "its user the role Write"),
            ({"archived": True}, "acme/app is archived"),
            ({"has_issues": False}, "has its issues switched off"),
            ({"full_name": None}, "is the address that of GitHub's API"),
        ],
    )
    def test_a_repository_that_takes_no_issue_with_a_label_gets_none(
        self, desk: GitHubDesk, repository: dict[str, object], told: str
    ) -> None:
        desk.repository |= repository
        for act in (desk.target.check, lambda: desk.target.deliver(outgoing(desk.target))):
            with pytest.raises(Refused, match=told):
                act()
        assert desk.there() == []

    @pytest.mark.parametrize(
        ("settings", "told"),
        [
            ({"project": "acme"}, "'project' must be owner/name"),
            ({"project": "acme/.."}, "'project' must be owner/name"),
            ({"labels": "bug, Wish"}, "names 'Wish'; the repository has bug, docs, ui, feedback"),
            ({"template": "{title}"}, "lacks {body}"),
            ({"project": "acme/nothing"}, "there is no such repository"),
        ],
    )
    def test_wrong_settings_are_told_by_name_with_what_is_there(
        self, desk: GitHubDesk, settings: dict[str, str], told: str
    ) -> None:
        with pytest.raises(Refused, match=told):
            desk.opened(**settings).check()

    def test_a_field_that_is_refused_is_named_without_what_it_holds(self, desk: GitHubDesk) -> None:
        content = {
            "message": "Validation Failed",
            "errors": [{"resource": "Issue", "field": "assignees", "code": "invalid", "value": "secret"}],
        }
        _answer(desk, "POST", "/repos/acme/app/issues", Reply(content=content, status=422))
        with pytest.raises(Refused, match="assignees invalid") as told:
            desk.target.deliver(outgoing(desk.target))
        assert "secret" not in str(told.value)

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_too_much_is_waited_for_whether_or_not_a_time_is_told(
        self, desk: GitHubDesk, method: str
    ) -> None:
        limited = {"message": "You have exceeded a secondary rate limit."}
        for headers, seconds in (({}, 60), ({"Retry-After": "30"}, 30)):
            _answer(
                desk,
                method,
                "/repos/acme/app/issues",
                Reply(content=limited, status=403, headers=headers),
            )
            with pytest.raises(RetryLater) as told:
                desk.target.deliver(outgoing(desk.target))
            assert told.value.after == timedelta(seconds=seconds)
        assert desk.there() == []


def _answer(desk: GitHubDesk, method: str, path: str, reply: Reply) -> None:
    """Let a path answer so from now on."""
    desk.board.on(method, path)(lambda _: reply)
    desk.board.routes.insert(0, desk.board.routes.pop())
