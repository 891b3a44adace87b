"""What is Productboard's alone: kinds of notes, features that decide how a note stands, no comments."""

from collections.abc import Iterator

import pytest

from connectors.errors import Refused
from connectors.outgoing import Note
from tests.contract.target_exam import SUGGESTION, outgoing, refuses_before_anything_is_made
from tests.contract.targets.productboard import ProductboardDesk, opened


@pytest.fixture
def desk() -> Iterator[ProductboardDesk]:
    with opened() as made:
        yield made


class TestNotes:
    @pytest.mark.parametrize("kind", ["textNote", "simple"])
    def test_are_of_the_kind_that_the_workspace_names(self, desk: ProductboardDesk, kind: str) -> None:
        desk.kind = kind
        made = desk.all[desk.target.deliver(outgoing(desk.target)).reference]
        assert made["type"] == kind
        assert made["fields"]["tags"] == [{"name": "koe"}]
        source = {"system": "koe", "recordId": SUGGESTION, "url": outgoing(desk.target).link}
        assert made["metadata"] == {"source": source}

    @pytest.mark.parametrize(
        ("statuses", "stands"),
        [
            ([], "open"),
            (["Planned"], "open"),
            (["Released", "Planned"], "open"),
            (["Released", "Done"], "done"),
            (["Rejected"], "dropped"),
            (["Rejected", "Released"], "open"),
        ],
    )
    def test_stand_as_the_features_that_people_linked(
        self, desk: ProductboardDesk, statuses: list[str], stands: str
    ) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.link(receipt.reference, *statuses)
        standing = desk.target.look(receipt.reference)
        assert standing.state == stands
        assert standing.status == (", ".join(statuses) or "Processed")

    def test_are_done_by_whatever_people_call_it(self, desk: ProductboardDesk) -> None:
        target = desk.opened(done="Live")
        receipt = target.deliver(outgoing(target))
        desk.link(receipt.reference, "Live")
        assert target.look(receipt.reference).state == "done"
        desk.link(receipt.reference, "Released")
        assert target.look(receipt.reference).state == "open"

    def test_of_several_the_first_is_always_found(self, desk: ProductboardDesk) -> None:
        first = desk.target.deliver(outgoing(desk.target))
        desk.all[first.reference]["metadata"] = {}
        desk.target.deliver(outgoing(desk.target))
        desk.all[first.reference]["metadata"] = {"source": {"system": "koe", "recordId": SUGGESTION}}
        assert desk.target.find(SUGGESTION) == first

    def test_are_shown_with_the_likeliest_first(self, desk: ProductboardDesk) -> None:
        wanted = desk.write("Photos vanish", "Every photo is gone.")
        desk.write("Invoices", "About photos.")
        desk.write("Anything else", "Nothing.")
        archived = desk.write("Photos vanish", "Long ago.")
        desk.drop(archived)
        shown = [one.title for one in desk.target.existing("photos vanish")]
        assert shown == ["Photos vanish", "Invoices", "Anything else"]
        assert desk.target.existing("photos vanish")[0].reference == wanted

    def test_that_are_added_later_lead_to_the_first_and_are_no_delivery(self, desk: ProductboardDesk) -> None:
        reference = desk.write("Photos vanish", "They are gone.")
        desk.target.note(reference, Note(marker=SUGGESTION, text="Ten customers say so."))
        assert len(desk.notes(reference)) == 1
        assert desk.target.find(SUGGESTION) is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"address": "{address}/elsewhere"}, "the address of the API"),
            ({"token": "other"}, "make a new API token"),
        ],
    )
    def test_say_what_to_do_before_anything_is_made(
        self, desk: ProductboardDesk, told: dict[str, str], words: str
    ) -> None:
        known = {name: value.format(address=desk.board.address) for name, value in told.items()}
        refuses_before_anything_is_made(desk, desk.opened(**known), words)

    def test_tell_a_workspace_without_notes_of_text(self, desk: ProductboardDesk) -> None:
        desk.kind = "wish"
        refuses_before_anything_is_made(desk, desk.target, "no kind of note that Koe can write")

    def test_of_a_tag_that_is_not_there_say_so_and_hold_nothing_that_was_sent(
        self, desk: ProductboardDesk
    ) -> None:
        target = desk.opened(labels="koe, unheard")
        with pytest.raises(
            Refused, match="it names /data/fields/tags/0; a tag of the setting 'labels'"
        ) as told:
            target.deliver(outgoing(target))
        assert "写真" not in str(told.value)
        assert "unheard" not in str(told.value)
