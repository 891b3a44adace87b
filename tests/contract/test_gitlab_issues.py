"""GitLab's issues: what holds there beside what holds for every target."""

from collections.abc import Iterator

import pytest

from connectors.errors import Refused, RetryLater
from connectors.outgoing import Note
from tests.board import Reply
from tests.contract.target_exam import SUGGESTION, outgoing
from tests.contract.targets.gitlab_issues import GitLabDesk, opened


@pytest.fixture
def desk() -> Iterator[GitLabDesk]:
    with opened() as made:
        yield made


class TestIssues:
    def test_bear_the_label_by_which_they_are_found_and_those_that_people_chose(
        self, desk: GitLabDesk
    ) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.of(receipt.reference)["labels"] == ["koe", "feedback"]
        assert desk.of(receipt.reference)["confidential"] is False

    def test_are_confidential_where_people_want_it(self, desk: GitLabDesk) -> None:
        target = desk.opened(confidential="yes")
        assert target.check().startswith("Confidential issues")
        assert desk.of(target.deliver(outgoing(target)).reference)["confidential"] is True

    def test_are_found_on_whatever_page_of_the_list_they_are(self, desk: GitLabDesk) -> None:
        for number in range(100):
            desk._keep({"title": f"No. {number}", "description": "…", "labels": ["koe"]})
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.finish(receipt.reference)
        assert desk.target.find(SUGGESTION) == receipt

    def test_are_followed_to_the_project_that_they_were_moved_to(self, desk: GitLabDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        there = desk.move(receipt.reference)
        standing = desk.target.look(receipt.reference)
        assert (standing.reference, standing.state) == (there, "open")
        assert there.startswith("acme/web#")
        assert desk.target.note(receipt.reference, Note(marker="n", text="48.")).reference == there
        assert len(desk.notes(there)) == 1
        desk.hidden = True
        assert desk.target.look(receipt.reference).state == "gone"

    def test_that_were_moved_are_not_taken_for_deleted_where_their_place_is_not_told(
        self, desk: GitLabDesk
    ) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.move(receipt.reference)
        for told in ({"errors": [{"message": "too complex"}], "data": {"issue": None}}, {"data": None}):
            answer_first(desk, "/api/graphql", Reply(content=told))
            with pytest.raises(RetryLater):
                desk.target.look(receipt.reference)

    def test_are_not_deleted_where_all_issues_are_switched_off(self, desk: GitLabDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.remove(receipt.reference)
        desk.project["issues_access_level"] = "disabled"
        with pytest.raises(Refused, match="switched off"):
            desk.target.look(receipt.reference)

    def test_are_followed_where_their_project_was_renamed(self, desk: GitLabDesk) -> None:
        reference = desk.write("Photos vanish", "They are gone.")
        old = reference.replace("acme/app", "acme/old")
        assert desk.target.look(old).reference == reference

    def test_that_are_duplicates_are_dropped(self, desk: GitLabDesk) -> None:
        reference = desk.write("Photos vanish", "They are gone.")
        desk.finish(reference)
        desk.of(reference)["_links"] = {"closed_as_duplicate_of": "https://gitlab.example.com/api/…/75"}
        standing = desk.target.look(reference)
        assert (standing.state, standing.status) == ("dropped", "Closed (duplicated)")

    @pytest.mark.parametrize("named", ["1", "#1", "acme/app#1"])
    def test_are_known_by_what_people_call_them(self, desk: GitLabDesk, named: str) -> None:
        desk.write("Photos vanish", "They are gone.")
        assert desk.target.look(named).reference == "acme/app#1"

    @pytest.mark.parametrize("named", ["", "x", "acme/app#", "acme app#1", "1/../2", "#", "/#1"])
    def test_nothing_else_is_asked_for(self, desk: GitLabDesk, named: str) -> None:
        with pytest.raises(Refused, match="acme/app#12"):
            desk.target.look(named)
        assert not desk.board.asked

    def test_obey_no_command_and_refer_to_nothing(self, desk: GitLabDesk) -> None:
        theirs = f"{desk.board.address}/acme/app/-/issues/1"
        body = (
            "/close\n/label ~bug\n\n"
            f"- ~bug %milestone &12 $7 @hana #3 !4 [vulnerability:5] *iteration:6 {theirs}\n"
            "- https://example.com/a?x=1&b=2\n"
        )
        receipt = desk.target.deliver(outgoing(desk.target, body=body))
        written = desk.text(receipt.reference)
        assert "\\/close\n\\/label" in written
        for acting in (
            "~bug",
            "%milestone",
            "&12",
            "$7",
            "@hana",
            "#3",
            "!4",
            "[vulnerability",
            "*iteration",
        ):
            assert acting not in written
        assert f"`{theirs}`" in written
        assert "<https://example.com/a?x=1&b=2>" in written


class TestRefusals:
    @pytest.mark.parametrize(
        ("project", "told"),
        [
            ({"permissions": {"project_access": {"access_level": 10}, "group_access": None}}, "role Planner"),
            ({"archived": True}, "acme/app is archived"),
            ({"issues_access_level": "disabled"}, "has its issues switched off"),
            ({"path_with_namespace": None}, "is the address that of a GitLab"),
        ],
    )
    def test_a_project_that_takes_no_issue_with_a_label_gets_none(
        self, desk: GitLabDesk, project: dict[str, object], told: str
    ) -> None:
        desk.project |= project
        for act in (desk.target.check, lambda: desk.target.deliver(outgoing(desk.target))):
            with pytest.raises(Refused, match=told):
                act()
        assert desk.there() == []

    def test_a_role_in_the_group_is_enough(self, desk: GitLabDesk) -> None:
        desk.project["permissions"] = {"project_access": None, "group_access": {"access_level": 30}}
        assert desk.target.check()

    @pytest.mark.parametrize(
        ("settings", "told"),
        [
            ({"project": "acme"}, "'project' must be a path"),
            ({"labels": "bug, Wish"}, "names 'Wish'; the project has bug, docs, Feedback"),
            ({"confidential": "perhaps"}, "'confidential' must be yes or no"),
            ({"template": "{title}"}, "lacks {body}"),
            ({"project": "acme/nothing"}, "there is no such project"),
        ],
    )
    def test_wrong_settings_are_told_by_name_with_what_is_there(
        self, desk: GitLabDesk, settings: dict[str, str], told: str
    ) -> None:
        with pytest.raises(Refused, match=told):
            desk.opened(**settings).check()

    @pytest.mark.parametrize(
        ("message", "told"),
        [
            ({"description": ["is too long (maximum is 1048576 characters)"]}, "description is too long"),
            ({"error": "Your issue has been recognized as spam"}, "recognized as spam"),
            ("400 Bad request", "status 400"),
        ],
    )
    def test_what_is_refused_is_told_with_the_field(
        self, desk: GitLabDesk, message: object, told: str
    ) -> None:
        reply = Reply(content={"message": message}, status=400)
        answer_first(desk, "/api/v4/projects/acme%2Fapp/issues", reply)
        with pytest.raises(Refused, match=told):
            desk.target.deliver(outgoing(desk.target))


def answer_first(desk: GitLabDesk, path: str, reply: Reply) -> None:
    """Let what is posted at a path be answered so from now on."""
    desk.board.on("POST", path)(lambda _: reply)
    desk.board.routes.insert(0, desk.board.routes.pop())
