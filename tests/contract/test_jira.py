"""What is Jira's alone: its late search, the fields that a project asks for, keys that change, documents."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.adf import document, words_of
from connectors.errors import Refused, Uncertain
from connectors.loose import Loose
from connectors.outgoing import Note
from connectors.wording import blocks
from tests.board import Board, Fault, Reply, listening
from tests.contract.target_exam import HOSTILE, SUGGESTION, outgoing, refuses_before_anything_is_made
from tests.contract.targets.jira import API, SITE, JiraDesk, document_error, field, opened


@pytest.fixture
def desk() -> Iterator[JiraDesk]:
    with opened() as made:
        yield made


FORMS = ["heading", "bulletList", "orderedList", "paragraph"]


def answer(desk: JiraDesk, path: str, reply: Reply) -> None:
    """Let what is posted at a path be answered so, and not done."""
    desk.board.on("POST", path)(lambda _: reply)
    desk.board.routes.insert(0, desk.board.routes.pop())


def nodes(node: Any) -> Iterator[Any]:
    """Yield every node of a document."""
    yield node
    for child in node.get("content", []):
        yield from nodes(child)


class TestSearch:
    def test_that_is_late_is_given_its_time_before_anything_is_made_anew(self, desk: JiraDesk) -> None:
        desk.is_late = True
        desk.board.failing.append(Fault.LOST)
        with pytest.raises(Uncertain):
            desk.target.deliver(outgoing(desk.target))
        assert desk.target.find(SUGGESTION) is None
        assert desk.target.settles.total_seconds() >= 240
        desk.unseen.clear()
        assert desk.target.deliver(outgoing(desk.target)).reference == "PROD-1"
        assert desk.there() == ["PROD-1"]

    def test_of_several_returns_always_the_first(self, desk: JiraDesk) -> None:
        first = desk.target.deliver(outgoing(desk.target))
        desk.unseen.add(first.reference)
        desk.target.deliver(outgoing(desk.target))
        desk.unseen.clear()
        assert desk.target.find(SUGGESTION) == first


class TestIssues:
    def test_bear_the_labels_and_one_by_which_they_are_found(self, desk: JiraDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.issues[receipt.reference]["fields"]["labels"] == ["voice", f"koe-{SUGGESTION}"]

    def test_lead_to_the_page_of_koe_once(self, desk: JiraDesk) -> None:
        for _ in range(2):
            receipt = desk.target.deliver(outgoing(desk.target))
        links = desk.issues[receipt.reference]["links"]
        assert [link["url"] for link in links.values()] == [outgoing(desk.target).link]

    def test_are_delivered_where_links_are_forbidden(self, desk: JiraDesk) -> None:
        answer(desk, f"{API}/issue/PROD-1/remotelink", Reply(status=403))
        assert desk.target.deliver(outgoing(desk.target)).reference == "PROD-1"

    def test_are_known_by_another_key_once_they_are_moved(self, desk: JiraDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.move(receipt.reference, "OPS-7")
        standing = desk.target.look(receipt.reference)
        assert (standing.reference, standing.state) == ("OPS-7", "open")
        assert standing.url == f"{desk.board.address}/browse/OPS-7"
        found = desk.target.find(SUGGESTION)
        assert found is not None
        assert found.reference == "OPS-7"
        desk.target.note(receipt.reference, Note(marker=SUGGESTION, text="Ten more."))
        assert len(desk.notes("OPS-7")) == 1

    def test_are_dropped_by_whatever_people_call_it(self, desk: JiraDesk) -> None:
        target = desk.opened(dropped="見送り")
        receipt = target.deliver(outgoing(target))
        desk.close(receipt.reference, "見送り")
        assert target.look(receipt.reference).state == "dropped"
        desk.close(receipt.reference, "Won't Do")
        assert target.look(receipt.reference).state == "done"

    def test_hold_words_of_customers_as_text_with_one_link_to_koe(self, desk: JiraDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target, body=HOSTILE))
        held = [*nodes(desk.issues[receipt.reference]["fields"]["description"])]
        assert {node["type"] for node in held} == {"doc", "bulletList", "listItem", "paragraph", "text"}
        assert [node["text"] for node in held if "marks" in node] == [outgoing(desk.target).link]


class TestDocuments:
    def test_keep_every_form_and_its_words(self) -> None:
        text = "# A\n\n- b\n- c\n\n1. d\n\ne\nf\n"
        made = document(blocks(text))
        assert document_error(made) is None
        kinds = [
            node["type"] for node in nodes(made) if node["type"] not in ("text", "paragraph", "listItem")
        ]
        assert kinds == ["doc", "heading", "bulletList", "orderedList", "hardBreak"]
        assert words_of(Loose(made)).split() == ["A", "b", "c", "d", "e", "f"]

    def test_of_people_are_read_however_deep_they_are(self) -> None:
        node: dict[str, Any] = {"type": "text", "text": "deep"}
        for _ in range(5_000):
            node = {"type": "blockquote", "content": [node]}
        assert words_of(Loose(node)) == "deep"

    def test_are_shortened_to_what_jira_takes_by_its_own_count(self, desk: JiraDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target, body="🦊" * 40_000))
        assert desk.text(receipt.reference).startswith("🦊🦊")
        note = Note(marker=SUGGESTION, text="- 🦊 more\n" * 9_000)
        for _ in range(2):
            desk.target.note(receipt.reference, note)
        assert len(desk.notes(receipt.reference)) == 1


class TestFields:
    KINDS: tuple[tuple[str, dict[str, str], str, object], ...] = (
        ("option", {}, "High", {"id": "1"}),
        ("array", {"items": "option"}, "High, Low", [{"id": "1"}, {"id": "2"}]),
        ("array", {"items": "string"}, "a, b", ["a", "b"]),
        ("number", {}, "3", 3.0),
        ("date", {}, "2026-05-03", "2026-05-03"),
        ("string", {}, "words", "words"),
        ("string", {"custom": "com.example:textarea"}, "words", document(blocks("words"))),
        ("user", {}, "5b10", {"accountId": "5b10"}),
        ("priority", {}, "High", {"id": "1"}),
    )

    @pytest.mark.parametrize(("kind", "schema", "told", "sent"), KINDS, ids=str)
    def test_are_filled_in_as_their_kind_wants_it(
        self, desk: JiraDesk, kind: str, schema: dict[str, str], told: str, sent: object
    ) -> None:
        allowed = ["High", "Low"] if "High" in told else []
        desk.fields.append(field("Extra", kind, number="customfield_9", allowed=allowed, schema=schema))
        for name in ("Extra", "extra", "customfield_9"):
            target = desk.opened(fields=f"Severity=High; {name}={told}")
            receipt = target.deliver(outgoing(target, suggestion_id=f"{SUGGESTION}-{name}"))
            assert desk.issues[receipt.reference]["fields"]["customfield_9"] == sent

    def test_of_two_steps_are_told_with_a_sign_between(self, desk: JiraDesk) -> None:
        nested = field("Area", "option-with-child", number="customfield_9", allowed=["App", "Web"])
        nested["allowedValues"][0]["children"] = [{"id": "11", "value": "Photos"}]
        desk.fields.append(nested)
        target = desk.opened(fields="Severity=High; Area=App > Photos")
        receipt = target.deliver(outgoing(target))
        sent = desk.issues[receipt.reference]["fields"]["customfield_9"]
        assert sent == {"id": "1", "child": {"id": "11"}}

    def test_that_are_called_alike_are_told_by_their_ids(self, desk: JiraDesk) -> None:
        desk.fields += [field("Team", "string", number=f"customfield_{n}") for n in (8, 9)]
        with pytest.raises(Refused, match="write one of customfield_8, customfield_9"):
            desk.opened(fields="Severity=High; Team=x").check()

    def test_that_koe_needs_must_stand_on_the_screen(self, desk: JiraDesk) -> None:
        desk.fields = [one for one in desk.fields if one["fieldId"] != "labels"]
        with pytest.raises(Refused, match="'labels': put it on their create screen"):
            desk.target.check()


class TestRefusals:
    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"project": "NONE"}, "the project's key"),
            ({"type": "Wish"}, "names 'Wish'; the project has Bug, Task$"),
            ({"fields": ""}, "asks for Severity in new issues"),
            ({"fields": "Severity=Highest"}, "'Severity' a value that it has not: it has High, Low"),
            ({"fields": "Severity=High; Colour=red"}, "names 'Colour'; .* have Reporter, Severity"),
            ({"email": "other@example.com"}, "make a new API token"),
        ],
    )
    def test_say_what_is_there_before_anything_is_sent(
        self, desk: JiraDesk, told: dict[str, str], words: str
    ) -> None:
        refuses_before_anything_is_made(desk, desk.opened(**told), words)

    @pytest.mark.parametrize("missing", ["address", "email", "project", "type"])
    def test_name_the_setting_that_is_missing(self, desk: JiraDesk, missing: str) -> None:
        with pytest.raises(Refused, match=f"'{missing}'"):
            desk.opened(**{missing: " "})

    def test_name_a_label_that_holds_a_space(self, desk: JiraDesk) -> None:
        with pytest.raises(Refused, match="'labels' names 'two words'"):
            desk.opened(labels="one, two words")

    def test_by_the_system_name_its_fields_and_nothing_that_was_sent(self, desk: JiraDesk) -> None:
        refusal = {"errorMessages": ["写真が消える"], "errors": {"customfield_1": "写真が消える"}}
        answer(desk, f"{API}/issue", Reply(content=refusal, status=400))
        with pytest.raises(Refused, match="it names customfield_1") as told:
            desk.target.deliver(outgoing(desk.target))
        assert "写真" not in str(told.value)

    def test_tell_the_right_that_is_lacking(self, desk: JiraDesk) -> None:
        desk.rights = {"BROWSE_PROJECTS"}
        with pytest.raises(Refused, match="grant it CREATE_ISSUES, ADD_COMMENTS"):
            desk.target.check()


class TestGateway:
    def test_gives_addresses_that_people_can_open(self) -> None:
        with listening(Board()) as board:
            desk = JiraDesk(board, under="/ex/jira/c1")
            receipt = desk.target.deliver(outgoing(desk.target))
            assert receipt.url == f"{SITE}/browse/PROD-1"
            assert desk.target.find(SUGGESTION) == receipt
