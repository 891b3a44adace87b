"""A real MediaWiki on this machine takes the exam of targets. Where it is not installed all is skipped."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import update

from connectors.errors import Refused, Uncertain
from connectors.http import Http
from connectors.mediawiki import Wiki
from connectors.outgoing import Note, Outgoing, Receipt
from connectors.ports import Article, Event, Means, Shelf, Source, Unpublished
from connectors.registry import open_source
from service.db import Database
from service.models import MAIN, Suggestion
from service.repositories import targets
from tests import mediawiki
from tests.contract.target_exam import HOSTILE, SAID, SUGGESTION, TargetExam, outgoing
from tests.mediawiki import DRAFTS, PASSWORD, PATIENCE, RealMediaWiki, real_mediawiki
from tests.outbox import Outbox, accept_suggestions

pytestmark = pytest.mark.skipif(not mediawiki.is_installed(), reason=mediawiki.MISSING)

ACTING = (
    "- [[Main Page]] and [https://evil.example link] and https://evil.example/bare\n"
    "- {{Delete}} {{subst:PAGENAME}} {{int:edit}} {{{1}}} {{#if:x|y}}\n"
    "- signed ~~~ ~~~~ ~~~~~ and ''slanted'' '''bold'''\n"
    "- [[Category:Spam]] [[File:Spam.png|thumb]] [[ja:記事]] __NOTOC__ __NOINDEX__\n"
    "- #REDIRECT [[Elsewhere]]\n"
    "- </nowiki>[[Out]]<nowiki> <nowiki>x</nowiki> &lt;b&gt; &#91;[Entity]]\n"
    "- <div style='position:fixed'>x</div> <ref>y</ref> <!-- hidden -->\n"
    "- RFC 2119 ISBN 978-3-16-148410-0 PMID 1234 mailto:a@evil.example\n"
    "- ----\n- == heading ==\n- :indented\n- ;term: meaning\n- {| class=wikitable\n- | cell\n- |}\n"
    "- -{zh-hans:a;zh-hant:b}-\n\n"
    "#REDIRECT [[Elsewhere]]\n\n----\n\n ~~~~\n"
)


@pytest.fixture(scope="module")
def server() -> Iterator[RealMediaWiki]:
    with tempfile.TemporaryDirectory(prefix="koe-wiki-") as folder, real_mediawiki(Path(folder)) as running:
        yield running


@pytest.fixture
def desk(server: RealMediaWiki) -> RealMediaWiki:
    server.clear()
    return server


class TestMediaWiki(TargetExam):
    """MediaWiki as it is after it was set up."""

    @pytest.mark.parametrize("body", [HOSTILE, ACTING], ids=["exam", "wikitext"])
    def test_shows_words_of_customers_as_words(self, desk: RealMediaWiki, body: str) -> None:
        receipt = desk.target.deliver(outgoing(desk.target, body=body))
        acting = desk.parsed(receipt.reference)
        for kind in ("links", "templates", "categories", "images", "sections", "iwlinks"):
            assert acting[kind] == []
        assert acting["externallinks"] == ["https://koe.example.com/suggestions/0123456789abcdef0123"]
        assert acting["properties"] == {}
        shown = desk.shown(receipt.reference)
        assert shown.count("<a ") == 1
        for tag in ("<script", "<b>", "<i>", "<hr", "<table", "<dl", "<dd", "<div style", "<img", "<h2"):
            assert tag not in shown
        assert desk.page(receipt.reference).get("redirect") is None

    def test_says_word_for_word_what_customers_said(self, desk: RealMediaWiki) -> None:
        receipt = desk.target.deliver(outgoing(desk.target, body=ACTING))
        shown = unescape(desk.shown(receipt.reference))
        for words in (
            "[[Main Page]]",
            "{{subst:PAGENAME}}",
            "~~~ ~~~~ ~~~~~",
            "''slanted''",
            "</nowiki>[[Out]]<nowiki>",
            "&lt;b&gt;",
            "<!-- hidden -->",
            "RFC 2119 ISBN 978-3-16-148410-0",
            "-{zh-hans:a;zh-hant:b}-",
        ):
            assert words in shown, words

    def test_puts_drafts_where_no_reader_comes_until_they_are_moved(self, desk: RealMediaWiki) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        assert desk.full_title(receipt.reference) == f"{DRAFTS}{SUGGESTION}/写真が消える"
        assert desk.pages([0]) == []
        desk.move(receipt.reference, f"{DRAFTS}別の名前")
        assert desk.target.look(receipt.reference).state == "open"
        before = datetime.now(UTC) - timedelta(seconds=5)
        desk.move(receipt.reference, "写真が消えるとき", noredirect="1")
        found = desk.target.look(receipt.reference)
        assert (found.state, found.reference, found.url) == ("done", receipt.reference, receipt.url)
        assert found.at is not None
        assert before < found.at <= datetime.now(UTC) + timedelta(seconds=5)
        assert desk.target.find(SUGGESTION) == receipt
        assert desk.target.deliver(outgoing(desk.target)) == receipt

    def test_takes_what_somebody_keeps_for_themselves_for_a_draft(self, desk: RealMediaWiki) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.move(receipt.reference, "User:Agent/Photos", noredirect="1")
        assert desk.target.look(receipt.reference).state == "open"
        desk.move(receipt.reference, "Photos", noredirect="1")
        found = desk.target.look(receipt.reference)
        assert (found.state, found.at) == ("done", None)

    def test_finds_a_draft_whose_marks_in_the_text_are_gone(self, desk: RealMediaWiki) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.change(receipt.reference, "Anew.")
        desk.move(receipt.reference, "Help:Photos")
        assert desk.target.deliver(outgoing(desk.target)) == receipt
        assert desk.text(receipt.reference) == "Anew."

    def test_takes_a_draft_that_leads_to_an_article_for_done(self, desk: RealMediaWiki) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.write("Photos", "This is how.")
        desk.change(receipt.reference, "#REDIRECT [[Photos]]")
        assert desk.target.look(receipt.reference).state == "done"

    def test_makes_a_draft_anew_only_where_the_old_one_was_deleted(self, desk: RealMediaWiki) -> None:
        first = desk.target.deliver(outgoing(desk.target))
        desk.remove(first.reference)
        assert desk.target.find(SUGGESTION) is None
        again = desk.target.deliver(outgoing(desk.target))
        assert desk.there() == [again.reference]

    def test_writes_over_no_page_of_somebody_else(self, desk: RealMediaWiki) -> None:
        reference = desk.write(f"{DRAFTS}{SUGGESTION}/写真が消える", "Mine.")
        with pytest.raises(Exception, match="does not tell that it is Koe's"):
            desk.target.deliver(outgoing(desk.target))
        assert desk.text(reference) == "Mine."

    def test_notes_once_though_the_talk_page_was_cleared(self, desk: RealMediaWiki) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        note = Note(marker=f"{SUGGESTION}-2", text="48 [[customers]] {{now}} ~~~~")
        desk.target.note(receipt.reference, note)
        assert "<nowiki>48 [[customers]] {{now}} ~~~~</nowiki>" in desk.notes(receipt.reference)[0]
        desk.act("edit", title=str(desk.page(receipt.reference)["associatedpage"]), text="Cleared.")
        desk.target.note(receipt.reference, note)
        assert desk.notes(receipt.reference) == ["Cleared."]

    def test_signs_in_again_where_its_session_has_ended(self, desk: RealMediaWiki) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        desk.end_sessions()
        desk.target.note(receipt.reference, Note(marker="n-1", text="After it ended."))
        assert "After it ended." in desk.notes(receipt.reference)[0]
        desk.end_sessions()
        assert desk.target.find(SUGGESTION) == receipt

    def test_finds_its_drafts_among_more_than_one_answer_holds(self, desk: RealMediaWiki) -> None:
        receipt = desk.target.deliver(outgoing(desk.target))
        for number in range(3):
            desk.target.deliver(outgoing(desk.target, suggestion_id=f"{number:020}"))
        door = Http(private_hosts=("127.0.0.1",), seconds=PATIENCE)
        wiki = Wiki(http=door, base=desk.address, user="Koe@koe", password=PASSWORD)
        found = [*wiki.listed("usercontribs", ucuser="Koe", ucshow="new", uclimit=2)]
        assert len({edit["pageid"].id for edit in found}) == len(found) == 4
        assert found[-1]["pageid"].id == receipt.reference

    def test_puts_drafts_into_categories_that_were_named(self, desk: RealMediaWiki) -> None:
        receipt = desk.opened(labels="Koe drafts, 下書き").deliver(outgoing(desk.target))
        names = {one["category"] for one in desk.parsed(receipt.reference)["categories"]}
        assert names == {"Koe_drafts", "下書き"}
        assert SAID in desk.text(receipt.reference)

    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"user": "Koe@other"}, "Special:BotPasswords"),
            ({"password": "f" * 32}, "Special:BotPasswords"),
            ({"drafts": "Special:Koe"}, "'drafts' is no title"),
            ({"drafts": "Talk:Koe"}, "'drafts' is no title"),
            ({"drafts": "a/../b"}, "'drafts' is no title"),
            ({"drafts": "MediaWiki:Koe"}, "may not create pages"),
        ],
    )
    def test_says_what_is_wrong_before_anything_is_sent(
        self, desk: RealMediaWiki, told: dict[str, str], words: str
    ) -> None:
        with pytest.raises(Refused, match=words) as said:
            desk.opened(**told).check()
        assert "f" * 32 not in str(said.value)

    def test_says_that_an_address_is_no_wiki(self, desk: RealMediaWiki) -> None:
        with pytest.raises(Refused, match="nothing at this address"):
            desk.opened(address=f"{desk.address}/nowhere/api.php").check()

    def test_says_that_its_user_is_blocked(self, desk: RealMediaWiki) -> None:
        desk.act("block", user="Koe", expiry="infinite", reason="test")
        try:
            with pytest.raises(Refused, match="blocked"):
                desk.target.check()
            with pytest.raises(Refused, match="blocked"):
                desk.target.deliver(outgoing(desk.target))
        finally:
            desk.act("unblock", user="Koe")
        assert desk.there() == []


class TestTheLoop:
    def test_an_accepted_article_becomes_one_draft_whatever_is_lost_and_is_published_there(
        self, desk: RealMediaWiki, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outbox = Outbox(db=db)
        names = accept_suggestions(db, 3)
        with db.begin() as session:
            session.execute(update(Suggestion).values(action="write_article"))
            targets.add_target(session, MAIN, "wiki", "mediawiki", desk.settings)
        outbox.ports["wiki"] = desk.target
        saved, deliver = list[str](), desk.target.deliver

        def lose_the_first_answer(outgoing: Outgoing) -> Receipt:
            receipt = deliver(outgoing)
            saved.append(receipt.reference)
            if len(saved) == 1:
                raise Uncertain("the wiki did not answer in time")
            return receipt

        monkeypatch.setattr(desk.target, "deliver", lose_the_first_answer)
        outbox.run(threads=2)
        assert sorted(outbox.states()) == ["delivered", "delivered", "uncertain"]
        outbox.later(hours=1)
        outbox.run()
        assert outbox.states() == ["delivered"] * 3
        outbox.later(hours=1)
        assert outbox.run().done == 0
        references = [str(one.reference) for one in outbox.deliveries()]
        assert sorted(desk.there()) == sorted(references) == sorted(saved)
        assert [desk.title(one) for one in references] == [f"Draft {name}" for name in names]
        desk.finish(references[0])
        standing = [desk.target.look(one).state for one in references]
        assert standing == ["done", "open", "open"]


class TestItsPagesAsArticles:
    """What the source tells of the same wiki."""

    def test_come_as_readers_see_them_and_go_when_they_are_deleted(self, desk: RealMediaWiki) -> None:
        source = opened_source(desk)
        assert source.check() == "Koe Wiki lets Koe read its pages (of the main namespace)."
        desk.write("Template:Menu", "Settings, then Photos")
        photos = desk.write("Photos vanish", "Open '''{{Menu}}'''.\n\n== Then ==\nSave.")
        invoice = desk.write("請求書", "メールで送ります。")
        desk.write("Old name", "#REDIRECT [[Photos vanish]]")
        draft = desk.target.deliver(outgoing(desk.target)).reference
        told = articles_of(source)
        assert set(told) == {photos, invoice}
        assert told[photos].title == "Photos vanish"
        assert "<b>Settings, then Photos</b>" in told[photos].text
        assert "action=edit" not in told[photos].text
        assert (told[invoice].title, told[invoice].status, told[invoice].lang) == (
            "請求書",
            "published",
            "en",
        )
        assert told[invoice].url is not None
        drafts = articles_of(opened_source(desk, namespace="Project"))
        assert (drafts[draft].status, drafts[draft].own) == ("draft", True)
        desk.remove(invoice)
        assert set(articles_of(source)) == {photos}

    def test_that_changed_are_told_alone(self, desk: RealMediaWiki) -> None:
        photos, invoice = desk.write("Photos vanish", "Once."), desk.write("Invoices", "By mail.")
        source, since = opened_source(desk), datetime.now(UTC)
        desk.change(photos, "Twice.")
        desk.move(invoice, "Help:Invoices", noredirect="1")
        events = [event for page in pages_of(source, since) for event in page]
        (changed,) = [event for event in events if isinstance(event, Article)]
        assert (changed.external_id, "Twice." in changed.text) == (photos, True)
        assert Unpublished(external_id=invoice) in events
        assert not [event for event in events if isinstance(event, Shelf)]


def opened_source(desk: RealMediaWiki, **told: str) -> Source:
    settings = {**desk.settings, "password": PASSWORD, **told}
    door = Http(private_hosts=("127.0.0.1",), seconds=PATIENCE, most_body=32 << 20)
    return open_source("mediawiki", settings, Means(http=door))


def pages_of(source: Source, since: datetime | None) -> Iterator[list[Event]]:
    """Yield what each part of a walk tells."""
    cursor: str | None = None
    while True:
        page = source.page(since, cursor)
        yield [*page.events]
        if (cursor := page.cursor) is None:
            return


def articles_of(source: Source) -> dict[str, Article]:
    """Return all articles by their names, once the walk tells that they are all."""
    events = [event for page in pages_of(source, None) for event in page]
    told = {event.external_id: event for event in events if isinstance(event, Article)}
    assert [event for event in events if isinstance(event, Shelf)] == [Shelf(external_ids=tuple(told))]
    return told
