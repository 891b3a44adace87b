"""What Help Scout Docs have of their own: names that stand once, slugs, and private collections."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.errors import Refused
from tests.contract.target_exam import SUGGESTION, outgoing
from tests.contract.targets.help_scout_docs import HelpScoutDocsDesk, opened


@pytest.fixture
def desk() -> Iterator[HelpScoutDocsDesk]:
    with opened() as made:
        yield made


class TestDraftsInDocs:
    def test_are_not_published_and_known_by_their_slug(self, desk: HelpScoutDocsDesk) -> None:
        made = desk.articles[desk.target.deliver(outgoing(desk.target)).reference]
        assert (made["status"], made["slug"], made["keywords"]) == (
            "notpublished",
            f"koe-{SUGGESTION}",
            ["koe"],
        )
        assert made["collectionId"] == "c2"

    def test_get_a_number_where_their_name_is_taken(self, desk: HelpScoutDocsDesk) -> None:
        coming = [outgoing(desk.target, suggestion_id=f"{number:020}", title="Photos") for number in range(4)]
        titles = [desk.title(desk.target.deliver(each).reference) for each in coming]
        assert titles == ["Photos", "Photos (2)", "Photos (3)", "Photos (4)"]

    def test_are_found_where_people_moved_and_renamed_them(self, desk: HelpScoutDocsDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.move(receipt.reference)
        assert desk.target.find(SUGGESTION) == receipt

    def test_for_staff_alone_stand_in_a_private_collection(self, desk: HelpScoutDocsDesk) -> None:
        internal = replace(outgoing(desk.target), audience="internal")
        with pytest.raises(Refused, match="private collection"):
            desk.target.deliver(internal)
        with opened(collection="c3") as private:
            made = private.articles[private.target.deliver(internal).reference]
        assert made["collectionId"] == "c3"

    def test_are_refused_where_the_collection_is_not_there(self) -> None:
        with opened(collection="Nowhere") as desk, pytest.raises(Refused, match="Guides, Drafts, Internal"):
            desk.target.check()

    def test_are_done_since_they_were_published(self, desk: HelpScoutDocsDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.finish(receipt.reference)
        at = desk.target.look(receipt.reference).at
        assert at is not None
        assert at.isoformat() == "2026-05-04T00:00:00+00:00"
