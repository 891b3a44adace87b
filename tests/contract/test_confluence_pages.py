"""Pages of Confluence: what changed, who may read them, drafts; the walk through all is in its example."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import Refused
from connectors.ports import Article, Source
from connectors.registry import open_source
from connectors.storage_format import html_of
from nlp.html import plain
from service.imports import heard
from tests.contract.sources import Asked, example_of
from tests.contract.sources.confluence import (
    CHANGES,
    LIMITED,
    LOGIN,
    NEXT,
    OPEN,
    PASSWORD,
    PASSWORD_THERE,
    SPACE,
    V1,
    VIEWS,
    WHOLE,
    page,
    row,
    viewed_by,
)
from tests.contract.target_exam import outgoing
from tests.contract.targets import opened as opened_target
from tests.contract.targets.confluence import DRAFTS, ConfluenceDesk
from tests.site import address_of, site
from tests.sourcing import DOOR, walked

SLUG = "confluence"
HOME = page("10", "Help", parent=None)
READERS = [viewed_by(number, OPEN) for number in ("10", "20", "101")]


def source_at(base: str, **told: str) -> Source:
    known = {k: v.replace("{base}", base) for k, v in example_of(SLUG).settings.items()}
    return open_source(SLUG, {**known, "drafts": "", **told}, DOOR)


def listing(*rows: object, target: str = WHOLE, **links: str) -> Asked:
    return Asked(target=target, answer={"results": rows, "_links": links})


def articles(asked: Sequence[Asked], **told: str) -> list[Article]:
    with site(asked) as server:
        events = [one for part in walked(source_at(address_of(server), **told)) for one in part]
    return [one for one in events if isinstance(one, Article)]


class TestPagesThatChanged:
    def test_come_with_the_newest_change_first_and_no_others(self) -> None:
        since = datetime.now(UTC)
        changed = row(101, "A", version={"createdAt": (since + timedelta(minutes=1)).isoformat()})
        asked = [SPACE, HOME, *READERS, listing(changed, row(102, "B"), target=CHANGES, next=NEXT)]
        with site(asked) as server:
            (events,) = walked(source_at(address_of(server)), since)
            assert not [call for call in server.calls if NEXT in call.head]
        assert [getattr(one, "external_id", None) for one in events] == ["101"]

    def test_that_do_not_tell_when_may_have_changed(self) -> None:
        asked = [SPACE, HOME, *READERS, listing(row(101, "A", version=None), target=CHANGES)]
        with site(asked) as server:
            (events,) = walked(source_at(address_of(server)), datetime.now(UTC))
        assert [getattr(one, "external_id", None) for one in events] == ["101"]


class TestReaders:
    def test_are_ones_own_people_where_nothing_else_is_said(self) -> None:
        with site([SPACE, LOGIN, HOME, listing(PASSWORD_THERE), VIEWS]) as server:
            (events,) = walked(source_at(address_of(server), audience=""))
            assert not [call for call in server.calls if "restriction" in call.head]
            expected = replace(PASSWORD, url=f"{address_of(server)}/wiki/spaces/KB/pages/101/Title")
        assert events[0] == replace(expected, audience="internal")

    @pytest.mark.parametrize("limited", ["101", "20", "10"])
    def test_are_some_alone_of_what_stands_below_a_page_that_some_may_view(self, limited: str) -> None:
        readers = [viewed_by(one, LIMITED if one == limited else OPEN) for one in ("10", "20", "101")]
        (found,) = articles([SPACE, LOGIN, HOME, listing(PASSWORD_THERE), VIEWS, *readers])
        assert found.audience == "internal"

    def test_are_ones_own_people_where_that_is_not_told(self) -> None:
        (found,) = articles([SPACE, LOGIN, HOME, listing(PASSWORD_THERE), VIEWS])
        assert found.audience == "internal"
        with site([SPACE, listing(target="/wiki/api/v2/pages")]) as server:
            with pytest.raises(Refused, match="nothing at this address"):
                source_at(address_of(server)).check()
            assert "let the account view" in source_at(address_of(server), audience="internal").check()

    def test_must_be_one_of_two(self) -> None:
        with pytest.raises(Refused, match="'audience' must be public or internal"):
            source_at("https://example.atlassian.net", audience="everybody")


class TestWhatStandsAboveAPage:
    def test_is_no_section_where_it_is_the_home_of_the_space(self) -> None:
        (found,) = articles([SPACE, HOME, *READERS, listing(row(101, "A"))])
        assert found.section is None

    def test_is_asked_for_once(self) -> None:
        many = [row(number, str(number), parent="20") for number in range(101, 121)]
        with site([SPACE, LOGIN, HOME, listing(*many)]) as server:
            assert len([*walked(source_at(address_of(server), audience="internal"))]) == 1
            asked = [call.head.split(" ")[1] for call in server.calls]
        assert len(asked) == len(set(asked)) == 5

    def test_may_go_round_in_a_circle(self) -> None:
        circle = [page("20", "A", parent="21"), page("21", "B", parent="20")]
        (found,) = articles([SPACE, *circle, *READERS, viewed_by("21", OPEN), listing(PASSWORD_THERE)])
        assert (found.section, found.audience) == ("A", "public")

    def test_may_be_hidden_from_the_account(self) -> None:
        strange = row(102, "B", parent="x/../y?z", parentType="page/../../secret")
        found = articles([SPACE, HOME, listing(row(101, "A", parent="77"), strange)])
        assert [one.section for one in found] == [None, None]


class TestViews:
    def test_are_not_asked_for_again_where_the_plan_has_none(self) -> None:
        with site([SPACE, HOME, listing(row(101, "A"), row(102, "B"))]) as server:
            source = source_at(address_of(server), audience="internal")
            assert [getattr(one, "views", None) for part in walked(source) for one in part] == [None] * 3
            assert len([call for call in server.calls if "analytics" in call.head]) == 1

    def test_of_one_page_that_is_refused_say_nothing_of_others(self) -> None:
        third = Asked(target=f"{V1}/analytics/content/103/views", answer={"count": 3})
        rows = [PASSWORD_THERE, row(102, "B"), row(103, "C")]
        found = articles([SPACE, LOGIN, HOME, listing(*rows), VIEWS, third])
        assert [one.views for one in found] == [40, None, 3]


class TestTheList:
    def test_that_goes_on_elsewhere_is_not_followed(self) -> None:
        with site([]) as other, site([SPACE, HOME, listing(next=address_of(other) + NEXT)]) as server:
            with pytest.raises(Refused, match="another address"):
                list(walked(source_at(address_of(server))))
            assert other.calls == []

    def test_that_goes_round_in_a_circle_comes_to_its_end(self) -> None:
        asked = [SPACE, HOME, listing(next=NEXT), listing(target=NEXT, next=NEXT)]
        with site(asked) as server, pytest.raises(Refused, match="without an end"):
            list(walked(source_at(address_of(server))))

    def test_leaves_out_what_is_not_current(self) -> None:
        found = articles([SPACE, HOME, *READERS, listing(row(101, "A"), row(102, "B", status="archived"))])
        assert [one.external_id for one in found] == ["101"]


@pytest.fixture
def desk() -> Iterator[ConfluenceDesk]:
    """The space that the target of the same kind writes to."""
    with opened_target("confluence") as made:
        assert isinstance(made, ConfluenceDesk)
        yield made


class TestDraftsOfKoe:
    @pytest.mark.parametrize("named", ["", "Drafts of Koe", f"https://a.example/wiki/x/pages/{DRAFTS}/y"])
    def test_are_no_articles_until_they_are_published(self, desk: ConfluenceDesk, named: str) -> None:
        draft = outgoing(desk.target)
        receipt = desk.target.deliver(draft)

        def told() -> heard.Told:
            (events,) = walked(desk.source(drafts=named))
            return heard.read(events, received_at=datetime.now(UTC))

        assert receipt.reference in told().unpublished
        desk.pages[receipt.reference] |= {"parentId": None, "title": "Photos disappear"}
        (article,) = [one for one in told().articles if one.external_id == receipt.reference]
        assert (article.title, article.status) == ("Photos disappear", "published")

    def test_that_were_moved_and_kept_their_title_lose_its_end(self, desk: ConfluenceDesk) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.finish(receipt.reference)
        (events,) = walked(desk.source(drafts="Drafts of Koe"))
        (found,) = [one for one in events if isinstance(one, Article) and one.status == "published"]
        assert (found.external_id, "koe-" in found.title) == (receipt.reference, False)

    def test_a_page_of_drafts_that_is_none_is_told(self, desk: ConfluenceDesk) -> None:
        for ask in (desk.source(drafts="Nowhere").check, lambda: [*walked(desk.source(drafts="Nowhere"))]):
            with pytest.raises(Refused, match="'drafts' names no page"):
                ask()


class TestTheStorageFormat:
    def test_is_read_as_readers_see_it(self) -> None:
        shown = plain(html_of(STORED))
        assert shown.split() == SHOWN.split()

    @pytest.mark.parametrize(
        "text", ["<ac:link>", "<ac:parameter ac:name='title'>a", "<![CDATA[a", "a]]>", ""]
    )
    def test_may_be_broken(self, text: str) -> None:
        assert isinstance(html_of(text), str)

    @pytest.mark.parametrize("part", ["<![CDATA[", "<ac:x ", '<ac:x "', "<ac:link>", "<time ", "<ac:task>"])
    def test_may_be_hostile(self, part: str) -> None:
        assert len(html_of(part * 20_000)) <= 200_000


STORED = """
<p>See <ac:link><ri:page ri:content-title="A &gt; B"/></ac:link> or
<ac:link><ri:page ri:content-title="Hidden"/><ac:plain-text-link-body><![CDATA[this <page>]]>
</ac:plain-text-link-body></ac:link> or
<ac:link><ri:page ri:content-title="Hidden"/><ac:link-body><b>that</b></ac:link-body></ac:link>.</p>
<ac:structured-macro ac:name="expand"><ac:parameter ac:name="title">How do I pay?</ac:parameter>
<ac:rich-text-body><p>By card <ac:structured-macro ac:name="status"><ac:parameter ac:name="colour">Green
</ac:parameter><ac:parameter ac:name="title">NEW</ac:parameter></ac:structured-macro></p>
</ac:rich-text-body></ac:structured-macro>
<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">sh</ac:parameter>
<ac:plain-text-body><![CDATA[a < b && c]]></ac:plain-text-body></ac:structured-macro>
<ac:task-list><ac:task><ac:task-id>3</ac:task-id><ac:task-status>incomplete</ac:task-status>
<ac:task-body>Do it</ac:task-body></ac:task></ac:task-list>
<ac:structured-macro ac:name="toc"/>
<ac:structured-macro ac:name="include"><ac:parameter ac:name=""><ac:link><ri:page ri:content-title="X"/>
</ac:link></ac:parameter></ac:structured-macro>
<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="x">note</ac:adf-attribute>
<ac:adf-content><p>Mind</p></ac:adf-content></ac:adf-node><ac:adf-fallback><p>Mind</p></ac:adf-fallback>
</ac:adf-extension>
<p><time datetime="2026-05-01"/> <ac:image><ri:attachment ri:filename="a.png"/></ac:image>&nbsp;end</p>
"""
SHOWN = """
See A > B or this <page> or that. How do I pay? By card NEW a < b && c - Do it Mind 2026-05-01 end
"""
