"""A real Redmine on this machine takes the exam of targets. Where it is not installed all is skipped."""

import tempfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from connectors.errors import Refused
from service.db import Database
from tests import redmine
from tests.acceptance.delivering import goes_round
from tests.acceptance.emulating import tell
from tests.contract.target_exam import HOSTILE, TargetExam, outgoing
from tests.redmine import RealRedmine, real_redmine

pytestmark = pytest.mark.skipif(not redmine.is_installed(), reason=redmine.MISSING)


@pytest.fixture(scope="module")
def server() -> Iterator[RealRedmine]:
    with tempfile.TemporaryDirectory(prefix="koe-redmine-") as folder, real_redmine(Path(folder)) as running:
        yield running


@pytest.fixture
def desk(server: RealRedmine) -> RealRedmine:
    server.clear()
    return server


class TestRedmine(TargetExam):
    """Redmine 5 with Textile, as it is after it was set up."""

    def test_shows_words_of_customers_as_words(self, desk: RealRedmine) -> None:
        desk.write("Another", "issue")
        receipt = desk.target.deliver(outgoing(desk.target, body=HOSTILE))
        page = desk.page(receipt.reference)
        shown = page[page.index('<div class="wiki"') :]
        shown = shown[: shown.index("</div>")]
        assert ">click<" not in shown
        for acting in ("<script", "<b>", "<strong", "<em", "<code", "<img", "/issues/", "/wiki/"):
            assert acting not in shown
        assert "*bold*" in unescape(shown)

    def test_keeps_an_issue_that_was_moved_to_another_project(self, desk: RealRedmine) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.put(receipt.reference, project_id="elsewhere")
        assert desk.target.look(receipt.reference).state == "open"
        assert desk.target.deliver(outgoing(desk.target)) == receipt

    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"project": "nowhere"}, "project's identifier"),
            ({"tracker": "Wish"}, "names 'Wish'; the project has Bug, Feature, Support"),
            ({"fields": "Colour=red"}, "names 'Colour'; the project has Severity"),
            ({"key": "0" * 40}, "make a new API access key"),
        ],
    )
    def test_says_what_is_wrong_before_anything_is_sent(
        self, desk: RealRedmine, told: dict[str, str], words: str
    ) -> None:
        with pytest.raises(Refused, match=words):
            desk.opened(**told).check()

    def test_names_the_field_that_is_missing(self, desk: RealRedmine) -> None:
        with pytest.raises(Refused, match="Severity cannot be blank"):
            desk.opened(fields="").deliver(outgoing(desk.target))


def test_what_was_accepted_goes_round(desk: RealRedmine, db: Database) -> None:
    told = desk.told
    tell(["Redmine 5", *goes_round(db, desk, "redmine", told, secret=desk.people["koe"])])
