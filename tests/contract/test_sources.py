"""What every source must do, whichever it is: each is taken through its own example."""

import json
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.asking import FORM
from connectors.errors import ConnectorError, Refused, RetryLater, Unproven, Unreadable
from connectors.own import is_own
from connectors.ports import BadRow, Call, Changed, Company, Event, Happened, Heard, Source, Unsaid, Withdrawn
from connectors.registry import SOURCES, open_source
from service.access import senders
from service.access.senders import Receiver
from service.imports import heard
from tests.contract.sources import SECRET, Asked, Example, Sent, example_of
from tests.site import address_of, site
from tests.sourcing import (
    DOOR,
    ELSEWHERE,
    GREETING,
    NOW,
    UNDATED,
    WORDLESS,
    call_of,
    is_dated,
    malformed,
    opened,
    signed,
    there,
)
from tests.speaker import Call as Request
from tests.speaker import answers, speaker

KINDS = sorted(SOURCES)
SIGNING = [slug for slug in KINDS if "own" in SOURCES[slug].proofs]
OLDER = [slug for slug in KINDS if "older" in SOURCES[slug].proofs]
LOCAL = frozenset({"folder", "markdown-git"})
"""Kinds that ask no other system; what they hold is tried elsewhere."""
FETCHING = [slug for slug in KINDS if SOURCES[slug].fetches and slug not in LOCAL]
TELLS_ALL = frozenset({"typeform"})
"""Kinds whose calls tell all there is of an item, so that none is ever fetched by itself."""
HOLDS_ARTICLES = frozenset(slug for slug in KINDS if SOURCES[slug].category == "knowledge")
"""Kinds whose articles come by walks alone: no call names one that is to be fetched."""
FETCHING_ONE = [slug for slug in FETCHING if slug not in TELLS_ALL | HOLDS_ARTICLES]
KEEPS_ALL = frozenset({"request-tracker"})
"""Kinds that keep what was deleted there, so that nothing is taken for deleted because it is not found."""
AT_ONCE = frozenset(
    {"app-store", "github", "google-play", "help-scout", "hubspot", "kintone", "salesforce", "slack"}
)
"""Kinds whose pages ask for no item by itself, or where a refusal of one comes with the status 200."""
MOST_PAGES = 20
"""Of the walk of an example, whatever is answered."""
EXAMPLES_OF_EACH = int(os.environ.get("KOE_SOURCE_EXAMPLES", "50"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "0", " ", "x"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)


@pytest.mark.parametrize("slug", KINDS)
class TestEverySource:
    def test_says_what_it_is_in_both_languages(self, slug: str) -> None:
        kind = SOURCES[slug]
        assert kind.title
        told = [*(setting.label for setting in kind.settings), *kind.guide, *kind.unverified]
        assert all(words["en"].strip() and words["ja"].strip() for words in told)
        if kind.proofs:
            assert kind.guide, "people must be told where to enter the address"
            assert any("{url}" in words["en"] and "{url}" in words["ja"] for words in kind.guide)
        if "own" in kind.proofs and kind.secret_from == "koe":
            assert any("{secret}" in words["en"] and "{secret}" in words["ja"] for words in kind.guide)

    def test_names_the_setting_that_is_missing(self, slug: str) -> None:
        example = example_of(slug)
        for setting in SOURCES[slug].settings:
            without = {k: v.replace("{base}", ELSEWHERE) for k, v in example.settings.items()}
            without.pop(setting.name, None)
            if setting.needed == "always" and setting.default is None:
                with pytest.raises(Refused, match=setting.name):
                    open_source(slug, without)
            elif setting.needed == "to_fetch" and setting.default is None:
                with pytest.raises(Refused, match=setting.name):
                    open_source(slug, without, DOOR).check()
            else:
                assert open_source(slug, without)

    def test_shows_no_secret_when_it_is_printed(self, slug: str) -> None:
        secrets = {one.name for one in SOURCES[slug].settings if one.secret}
        shown = "".join(repr(part) for part in parts_of(opened(slug)))
        for name in secrets:
            assert repr(example_of(slug).settings[name])[1:-1] not in shown
        assert "Basic " not in shown

    def test_needs_no_secret_to_read_a_call(self, slug: str) -> None:
        secrets = {setting.name for setting in SOURCES[slug].settings if setting.secret}
        given_ = {k: v.replace("{base}", ELSEWHERE) for k, v in example_of(slug).settings.items()}
        plain = open_source(slug, {k: v for k, v in given_.items() if k not in secrets})
        for sent in example_of(slug).sent:
            assert list(plain.read(call_of(sent))) == list(opened(slug).read(call_of(sent)))


def parts_of(whole: object) -> Iterator[object]:
    """Yield an object, and all objects of Koe's that it is made of."""
    yield whole
    slots = [name for kind in type(whole).__mro__ for name in getattr(kind, "__slots__", ())]
    for name in (*getattr(whole, "__dict__", {}), *slots):
        part = getattr(whole, name)
        if type(part).__module__.startswith("connectors."):
            yield from parts_of(part)


def test_kinds_that_do_less_are_known_by_name() -> None:
    examples = {slug: example_of(slug) for slug in KINDS}
    assert {slug for slug in FETCHING if examples[slug].fetched is None} == TELLS_ALL | (
        HOLDS_ARTICLES & set(FETCHING)
    )
    assert {slug for slug in FETCHING_ONE if examples[slug].gone is None} == KEEPS_ALL
    assert {slug for slug in FETCHING_ONE if examples[slug].refused is None} == AT_ONCE
    assert {slug for slug in SIGNING if not is_dated(examples[slug], examples[slug].sent[0])} == UNDATED
    assert {slug for slug in KINDS if examples[slug].greeting is not None} == GREETING
    assert {slug for slug in SIGNING if not _words(examples[slug])} == WORDLESS


def _words(example: Example) -> list[str]:
    """Return what is said in the calls of an example."""
    told = [event for sent in example.sent for event in sent.tells if isinstance(event, Heard)]
    return [one.text for event in told for one in event.said]


@pytest.mark.parametrize("slug", SIGNING)
class TestProof:
    def test_knows_the_published_signatures(self, slug: str) -> None:
        assert example_of(slug).vectors
        for vector in example_of(slug).vectors:
            call = Call(url=vector.url, headers=vector.headers, body=vector.body)
            SOURCES[slug].prove(call, [vector.secret], vector.at)
            with pytest.raises(Unproven):
                SOURCES[slug].prove(replace(call, body=vector.body + b" "), [vector.secret], vector.at)

    def test_knows_who_sent_a_call_and_how_they_call_it(self, slug: str) -> None:
        example = example_of(slug)
        for sent in example.sent:
            assert SOURCES[slug].prove(signed(example, sent), [SECRET], NOW) == sent.named

    def test_takes_the_old_secret_and_the_new_one(self, slug: str) -> None:
        example = example_of(slug)
        for sent in example.sent:
            SOURCES[slug].prove(signed(example, sent), ["another secret", SECRET], NOW)
            SOURCES[slug].prove(signed(example, sent), [SECRET, "another secret"], NOW)

    def test_takes_nothing_that_is_not_signed_right(self, slug: str) -> None:
        example = example_of(slug)
        for sent in example.sent:
            right = signed(example, sent)
            for name, call in malformed(right, example, sent).items():
                with pytest.raises(Unproven):
                    pytest.fail(f"{name} was taken: {SOURCES[slug].prove(call, [SECRET], NOW)!r}")

    @settings(max_examples=EXAMPLES_OF_EACH, deadline=None)
    @given(data=st.data())
    def test_raises_unproven_and_nothing_else(self, slug: str, data: st.DataObject) -> None:
        example = example_of(slug)
        right = signed(example, example.sent[0])
        changed = data.draw(st.dictionaries(st.sampled_from(sorted(right.headers)), st.text(), min_size=1))
        call = replace(right, headers={**right.headers, **changed}, body=data.draw(st.binary()))
        try:
            SOURCES[slug].prove(call, [SECRET], NOW)
        except Unproven:
            return
        assert example.sign is not None
        signed_anew = example.sign(call.body, SECRET, NOW)
        assert all(call.headers[name] == value for name, value in signed_anew.items())


@pytest.mark.parametrize("slug", [slug for slug in SIGNING if slug not in UNDATED])
def test_takes_no_call_from_another_time(slug: str) -> None:
    example, sent = example_of(slug), example_of(slug).sent[0]
    for seconds in (-299, 299):
        SOURCES[slug].prove(signed(example, sent, at=NOW + timedelta(seconds=seconds)), [SECRET], NOW)
    for seconds in (-302, 302):
        with pytest.raises(Unproven):
            SOURCES[slug].prove(signed(example, sent, at=NOW + timedelta(seconds=seconds)), [SECRET], NOW)


@pytest.mark.parametrize("slug", OLDER)
class TestOlderProof:
    def test_counts_only_where_a_person_chose_it(self, slug: str) -> None:
        for sent in example_of(slug).sent:
            call = signed_older(slug, sent)
            senders.prove(receiver(slug, proof="older"), call, in_address=None, now=NOW)
            with pytest.raises(Unproven):
                senders.prove(receiver(slug, proof="own"), call, in_address=None, now=NOW)

    def test_takes_nothing_that_is_not_signed_right(self, slug: str) -> None:
        example, sent = example_of(slug), example_of(slug).sent[0]
        for name, call in malformed(
            signed_older(slug, sent), replace(example, sign=example.older), sent
        ).items():
            with pytest.raises(Unproven):
                pytest.fail(f"{name} was taken: {SOURCES[slug].prove_older(call, [SECRET], NOW)!r}")

    def test_does_not_stand_in_for_a_newer_one_that_is_wrong(self, slug: str) -> None:
        example, sent = example_of(slug), example_of(slug).sent[0]
        newer = signed(example, sent, secret="another secret")
        SOURCES[slug].prove_older(signed(example, sent), [SECRET], NOW)
        with pytest.raises(Unproven):
            SOURCES[slug].prove_older(
                replace(newer, headers={**newer.headers, **signed_older(slug, sent).headers}), [SECRET], NOW
            )


def receiver(slug: str, *, proof: str) -> Receiver:
    """Return a source of which a person said how its calls prove themselves."""
    secrets = ["another secret", SECRET]
    return Receiver(organisation_id="main", id="s", proof=proof, secrets=secrets, port=SOURCES[slug])


def signed_older(slug: str, sent: Sent) -> Call:
    """Return a call that is signed in the sender's older way alone."""
    return signed(replace(example_of(slug), sign=example_of(slug).older), sent)


@pytest.mark.parametrize("slug", [slug for slug in KINDS if SOURCES[slug].proofs])
class TestReading:
    def test_tells_what_its_calls_tell(self, slug: str) -> None:
        assert example_of(slug).sent
        for sent in example_of(slug).sent:
            told = list(opened(slug).read(call_of(sent)))
            assert told == [there(event, ELSEWHERE) for event in sent.tells]

    def test_keeps_the_headers_that_it_reads_by(self, slug: str) -> None:
        for sent in example_of(slug).sent:
            assert set(sent.headers) == SOURCES[slug].keeps & set(sent.headers)

    def test_skips_what_koe_wrote_itself(self, slug: str) -> None:
        assert example_of(slug).own, "its own writes come back to every source that has comments"
        for sent in example_of(slug).own:
            told = heard.read(opened(slug).read(call_of(sent)), received_at=NOW)
            assert not told.records

    def test_refuses_what_is_no_json(self, slug: str) -> None:
        sent = example_of(slug).sent[0]
        for body in (
            b"",
            b"\xff\xfe{}",
            b"{",
            b"NaN",
            b"<html>",
            b"[" * 100_000,
            b'"\\ud800"',
            b"null",
            b"[]",
        ):
            told(opened(slug), replace(call_of(sent), body=body))

    @settings(max_examples=EXAMPLES_OF_EACH, deadline=None)
    @given(data=st.data())
    def test_takes_any_json_and_tells_the_same_twice(self, slug: str, data: st.DataObject) -> None:
        sent = data.draw(st.sampled_from(example_of(slug).sent))
        if data.draw(st.booleans()):
            content: object = data.draw(JSON)
        else:  # most of what goes wrong lies deep in what looks right
            content = mutated(json.loads(sent.body), data)
        call = replace(call_of(sent), body=json.dumps(content).encode())
        assert told(opened(slug), call) == told(opened(slug), call)

    def test_greets_no_call_that_brings_something(self, slug: str) -> None:
        for sent in example_of(slug).sent:
            assert SOURCES[slug].greet(call_of(sent)) is None


@pytest.mark.parametrize("slug", sorted(GREETING))
def test_greets_whoever_makes_sure_of_the_address(slug: str) -> None:
    greeting = example_of(slug).greeting
    assert greeting is not None
    sent, answer = greeting
    found = SOURCES[slug].greet(call_of(sent))
    assert found is not None
    assert found.body == answer


def told(source: Source, call: Call) -> object:
    """Return what a call comes to in the inbox, whatever it is."""
    try:
        events = list(source.read(call))
    except Unreadable as error:
        return str(error)
    for event in events:
        assert isinstance(event, Heard | Changed | Withdrawn | Unsaid | Company | Happened | BadRow)
        if isinstance(event, Heard | Changed | Withdrawn | Unsaid):
            assert 0 < len(event.external_id) <= 500
    read = heard.read(events, received_at=NOW)
    return read.records, read.changed, read.mistakes


def mutated(value: object, data: st.DataObject) -> object:
    """Return JSON of which one part is something else."""
    draw = random.Random(data.draw(st.integers(0, 2**32)))
    places = list(paths(value))
    place = places[draw.randrange(len(places))]
    return put(value, place, data.draw(JSON))


def paths(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*at, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from paths(inner, (*at, place))


def put(value: object, path: Sequence[str | int], new: object) -> object:
    if not path:
        return new
    head, *rest = path
    if isinstance(value, dict):
        return {name: put(inner, rest, new) if name == head else inner for name, inner in value.items()}
    assert isinstance(value, list)
    return [put(inner, rest, new) if place == head else inner for place, inner in enumerate(value)]


@pytest.mark.parametrize("slug", FETCHING)
class TestAsking:
    def test_says_that_it_can_be_asked(self, slug: str) -> None:
        with site(example_of(slug).check) as server:
            assert opened(slug, address_of(server)).check()

    def test_walks_through_all_pages(self, slug: str) -> None:
        example = example_of(slug)
        with site(example.walk) as server:
            base = address_of(server)
            pages = list(walked(opened(slug, base), example))
        assert len(pages) == example.pages
        assert [event for page in pages for event in page] == [there(one, base) for one in example.walked]

    def test_goes_on_from_every_page(self, slug: str) -> None:
        example = example_of(slug)
        with site(example.walk) as server:
            cursors: list[str | None] = [None]
            whole = list(walked(opened(slug, address_of(server)), example, cursors=cursors))
            for place, cursor in enumerate(cursors[:-1]):
                rest = list(walked(opened(slug, address_of(server)), example, cursor=cursor))
                assert rest == whole[place:]

    def test_takes_an_empty_answer_for_the_end(self, slug: str) -> None:
        everything = [Asked(target="/", method=method, answer={}) for method in ("GET", "POST")]
        with site(everything) as server:
            source = opened(slug, address_of(server))
            try:
                pages = list(walked(source, replace(example_of(slug), since=None)))
            except ConnectorError:
                return  # an answer that says nothing may as well be none of this system's
            assert not any(pages)

    def test_asks_for_the_same_instant_in_whatever_time_zone(self, slug: str) -> None:
        example = example_of(slug)
        asked = []
        for zone in (UTC, ZoneInfo("Asia/Tokyo")):
            since = example.since and example.since.astimezone(zone)
            with site(example.walk) as server:
                assert list(walked(opened(slug, address_of(server)), replace(example, since=since)))
                asked.append([_question(call) for call in server.calls])
        assert asked[0] == asked[1]

    @pytest.mark.parametrize(
        ("status", "headers", "raised"),
        [
            ("401 Unauthorized", (), Refused),
            ("403 Forbidden", (), Refused),
            ("403 Forbidden", ("X-RateLimit-Remaining: 0",), RetryLater),
            ("429 Too Many Requests", ("Retry-After: 30",), RetryLater),
            ("503 Service Unavailable", (), RetryLater),
            ("500 Internal Server Error", (), RetryLater),
            ("302 Found", ("Location: /sign-in",), Refused),
        ],
    )
    def test_says_what_to_do_when_it_is_refused(
        self, slug: str, status: str, headers: tuple[str, ...], raised: type[ConnectorError]
    ) -> None:
        with speaker(answers(status, *headers, body=b"{}")) as server:
            source = opened(slug, address_of(server))
            for ask in (source.check, lambda: source.page(None, None)):
                with pytest.raises(raised) as failed:
                    ask()
                assert str(failed.value)
                if "Retry-After: 30" in headers:
                    assert isinstance(failed.value, RetryLater)
                    assert failed.value.after == timedelta(seconds=30)

    @pytest.mark.parametrize("body", [b"<!doctype html><title>Sign in</title>", b"{", b"\xff", b"[]", b"7"])
    def test_takes_no_other_answer_for_items(self, slug: str, body: bytes) -> None:
        with speaker(answers("200 OK", body=body)) as server:
            try:
                page = opened(slug, address_of(server)).page(None, None)
            except (Refused, RetryLater):
                return
            assert not list(page.events)

    @pytest.mark.parametrize("instead", ["", "  "])
    def test_says_what_is_missing_when_it_cannot_be_asked(self, slug: str, instead: str) -> None:
        secrets = {setting.name for setting in SOURCES[slug].settings if setting.secret}
        given_ = {k: v.replace("{base}", ELSEWHERE) for k, v in example_of(slug).settings.items()}
        plain = open_source(slug, {k: instead if k in secrets else v for k, v in given_.items()}, DOOR)
        for ask in (plain.check, lambda: plain.page(None, None)):
            with pytest.raises(Refused, match="|".join(secrets) if secrets else ""):
                ask()


@pytest.mark.parametrize("slug", sorted(HOLDS_ARTICLES & set(FETCHING)))
@settings(max_examples=EXAMPLES_OF_EACH // 2, deadline=None)
@given(data=st.data())
def test_whatever_is_answered_comes_to_articles_or_to_an_error_of_connectors(
    slug: str, data: st.DataObject
) -> None:
    walk = list(example_of(slug).walk)
    place = data.draw(st.integers(0, len(walk) - 1))
    walk[place] = replace(walk[place], answer=mutated(walk[place].answer, data))
    with site(walk) as server:
        source, cursor = opened(slug, address_of(server)), None
        for _ in range(MOST_PAGES):
            try:
                page = source.page(None, cursor)
            except ConnectorError:
                return
            told = heard.read(page.events, received_at=NOW)
            assert all(0 < len(one.external_id) <= 500 for one in told.articles)
            cursor = page.cursor
            if cursor is None:
                return
        pytest.fail("the walk has no end")


def _question(call: Request) -> tuple[str, bytes]:
    """Return what was asked for; forms, which ask for tokens, tell the time at which they are sent."""
    body = b"" if call.headers.get("content-type") == FORM else call.body
    return call.head.split("\r\n")[0], body


@pytest.mark.parametrize("slug", FETCHING_ONE)
class TestAskingForOne:
    def test_tells_it_as_it_is_now(self, slug: str) -> None:
        example = example_of(slug)
        assert example.fetched is not None
        named, item = example.fetched
        with site(example.fetch) as server:
            assert opened(slug, address_of(server)).fetch(named) == there(item, address_of(server))

    @pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
    def test_takes_nothing_for_deleted_where_nothing_is_found_at_all(self, slug: str, status: str) -> None:
        with speaker(answers(status, body=b"{}")) as server, pytest.raises(Refused):
            opened(slug, address_of(server)).fetch(name_in(slug))

    @pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'{"id":"another"}'])
    def test_takes_nothing_for_deleted_where_something_else_is_answered(self, slug: str, body: bytes) -> None:
        with speaker(answers("200 OK", body=body)) as server:
            source = opened(slug, address_of(server))
            with pytest.raises((Refused, RetryLater)):
                pytest.fail(f"it was told: {source.fetch(name_in(slug))}")


def name_in(slug: str) -> str:
    """Return the name of an item."""
    example = example_of(slug)
    assert example.fetched is not None
    return example.fetched[0]


@pytest.mark.parametrize("slug", [slug for slug in FETCHING_ONE if slug not in KEEPS_ALL])
def test_withdraws_what_is_not_there_any_more(slug: str) -> None:
    example = example_of(slug)
    assert example.gone is not None
    with site(example.fetch) as server:
        found = opened(slug, address_of(server)).fetch(example.gone)
    assert found == Withdrawn(external_id=example.gone)


@pytest.mark.parametrize("slug", [slug for slug in FETCHING_ONE if slug not in AT_ONCE])
@pytest.mark.parametrize("status", ["403 Forbidden", "413 Content Too Large"])
def test_one_item_that_is_refused_holds_up_no_other_of_its_page(slug: str, status: str) -> None:
    example = example_of(slug)
    assert example.refused is not None
    named, target = example.refused
    others = [one for one in example.walked if not (isinstance(one, Heard) and one.external_id == named)]
    with site([Asked(target=target, answer={}, status=status), *example.walk]) as server:
        base = address_of(server)
        told = [event for page in walked(opened(slug, base), example) for event in page]
    assert [one for one in told if one != Changed(external_id=named)] == [there(one, base) for one in others]
    assert Changed(external_id=named) in told


def walked(
    source: Source, example: Example, *, cursor: str | None = None, cursors: list[str | None] | None = None
) -> Iterator[list[Event]]:
    """Yield what each page of a walk tells."""
    for _ in range(100):
        page = source.page(example.since, cursor)
        yield list(page.events)
        cursor = page.cursor
        if cursors is not None:
            cursors.append(cursor)
        if cursor is None:
            return
    pytest.fail("the walk has no end")


def test_koe_knows_its_own_mark_and_no_other() -> None:
    assert is_own("本文 <!-- koe:0123456789abcdef0123 -->")
    assert is_own("Thank you. [koe:abc]")
    assert not is_own("koe is what we call it")
