"""What is Azure DevOps' alone: patches, a trial that makes nothing, states with categories, tags."""

from collections.abc import Iterator

import pytest

from connectors.errors import ConnectorError, Refused
from connectors.outgoing import Note
from tests.board import Fault, Reply
from tests.contract.target_exam import SUGGESTION, outgoing, refuses_before_anything_is_made
from tests.contract.targets.azure_devops import AzureDevOpsDesk, field, opened


@pytest.fixture
def desk() -> Iterator[AzureDevOpsDesk]:
    with opened() as made:
        yield made


class TestWorkItems:
    def test_bear_their_tags_their_fields_and_the_way_to_koe(self, desk: AzureDevOpsDesk) -> None:
        target = desk.opened(labels="voice, of customers", fields="Severity=Low; Area Path=Product\\App")
        item = desk.items[target.deliver(outgoing(target)).reference]
        assert item["fields"]["System.Tags"] == f"voice; of customers; koe-{SUGGESTION}"
        assert item["fields"]["Custom.Severity"] == "Low"
        assert item["fields"]["System.AreaPath"] == "Product\\App"
        assert [(link["rel"], link["url"]) for link in item["links"]] == [
            ("Hyperlink", outgoing(target).link)
        ]

    def test_are_sought_again_once_the_search_has_followed(self, desk: AzureDevOpsDesk) -> None:
        desk.is_late = True
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.target.find(SUGGESTION) is None
        assert desk.target.settles.total_seconds() > 0
        desk.unseen.clear()
        assert desk.target.deliver(outgoing(desk.target)) == receipt

    def test_are_followed_and_noted_under_in_another_project(self, desk: AzureDevOpsDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.items[receipt.reference]["fields"]["System.TeamProject"] = "Other"
        standing = desk.target.look(receipt.reference)
        assert (standing.state, standing.url) == (
            "open",
            f"{desk.board.address}/Other/_workitems/edit/{receipt.reference}",
        )
        found = desk.target.find(SUGGESTION)
        assert found is not None
        assert found.url == standing.url
        desk.target.note(receipt.reference, Note(marker=SUGGESTION, text="Ten more."))
        assert len(desk.notes(receipt.reference)) == 1

    @pytest.mark.parametrize(
        ("state", "reason", "stands"),
        [
            ("Active", "Duplicate", "open"),
            ("Closed", "Acceptance tests pass", "done"),
            ("Closed", "Duplicate", "dropped"),
            ("Removed", "Whatever", "dropped"),
            ("Gone with the process", "Whatever", "open"),
        ],
    )
    def test_stand_as_the_category_of_their_state_says(
        self, desk: AzureDevOpsDesk, state: str, reason: str, stands: str
    ) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.close(receipt.reference, state, reason)
        standing = desk.target.look(receipt.reference)
        assert (standing.state, standing.status) == (stands, state)
        assert (standing.at is None) == (stands == "open")

    def test_are_looked_through_for_a_note_to_the_oldest(self, desk: AzureDevOpsDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        notes = [Note(marker=f"{SUGGESTION}-{n}", text=f"{n} by now.") for n in range(5)]
        for note in [*notes, notes[0]]:
            desk.target.note(receipt.reference, note)
        assert len(desk.notes(receipt.reference)) == len(notes)


class TestCheck:
    def test_lets_everything_be_tried_and_makes_nothing(self, desk: AzureDevOpsDesk) -> None:
        assert "User Story are created in Product" in desk.target.check()
        assert desk.there() == []
        desk.fields.append(field("Hidden", "System.Hidden", required=True))
        with pytest.raises(Refused, match=r"it names System\.Hidden"):
            desk.target.check()

    @pytest.mark.parametrize("fault", [Fault.GATEWAY, Fault.LOST, Fault.PAGE], ids=lambda fault: fault.name)
    def test_that_is_lost_is_no_delivery_that_may_have_been_made(
        self, desk: AzureDevOpsDesk, fault: Fault
    ) -> None:
        desk.board.failing.append(fault)
        with pytest.raises(ConnectorError) as told:
            desk.target.check()
        assert type(told.value).__name__ in ("RetryLater", "Refused")


class TestRefusals:
    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"project": "None"}, "the project's name right"),
            ({"type": "Wish"}, "'type' names 'Wish'; the project has User Story, Bug$"),
            ({"fields": ""}, "asks for Severity in new work items"),
            ({"fields": "Severity=Highest"}, "'Severity' a value that it has not: it has High, Low$"),
            ({"fields": "Colour=red"}, "names 'Colour'; .* have Area Path, Severity, State, Title$"),
            ({"token": "other"}, "make a new personal access token"),
        ],
    )
    def test_say_what_is_there_before_anything_is_made(
        self, desk: AzureDevOpsDesk, told: dict[str, str], words: str
    ) -> None:
        refuses_before_anything_is_made(desk, desk.opened(**told), words)

    def test_name_a_tag_that_would_become_two(self, desk: AzureDevOpsDesk) -> None:
        with pytest.raises(Refused, match="'labels' names 'one;two'"):
            desk.opened(labels="one;two")

    @pytest.mark.parametrize("listed", [["Severity"], []], ids=["listed", "told"])
    def test_by_a_rule_name_its_field_and_nothing_that_was_sent(
        self, desk: AzureDevOpsDesk, listed: list[str]
    ) -> None:
        told = "TF401320: Rule Error for field Severity. Error code: LimitedToValues 写真が消える."
        rules = [{"fieldReferenceName": name, "errorMessage": "写真が消える"} for name in listed]
        answer = {"message": told, "customProperties": {"RuleValidationErrors": rules}}
        desk.on("POST", r"/Product/_apis/wit/workitems/.*", lambda _: Reply(content=answer, status=400))
        desk.board.routes.insert(0, desk.board.routes.pop())
        with pytest.raises(Refused, match=r"it names Severity$") as refused:
            desk.target.deliver(outgoing(desk.target))
        assert "写真" not in str(refused.value)
