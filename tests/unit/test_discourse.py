"""Discourse as a source, in what it alone does: long topics, quotations, what is not for all, old calls."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import Refused
from connectors.ports import BadRow, Call, Changed, Event, Heard, Source, Withdrawn
from connectors.registry import open_source
from connectors.sources.discourse import MOST_POSTS, Discourse
from connectors.sources.discourse_topics import own_words
from service.imports import heard
from service.repositories.calls import call_key
from service.rules.records import FeedbackRecord
from service.rules.versions import Arrival, folded
from tests.contract.sources import SECRET, Asked, Sent
from tests.contract.sources.discourse import LATEST, post, reply, sent, shown, sign, topic
from tests.site import address_of, site
from tests.sourcing import DOOR, ELSEWHERE, NOW, call_of
from tests.speaker import Call as Request
from tests.speaker import answers, speaker

QUOTED = '[quote="hana, post:1, topic:42"]\n外側\n[quote="ken"]\n内側\n[/quote]\n続き\n[/quote]\n\n同感です。'
DELETED_AT = datetime(2026, 5, 2, 3, 4, 5, tzinfo=UTC)


def opened(base: str = ELSEWHERE, **settings: str) -> Source:
    return open_source("discourse", {"address": base, "username": "koe", "key": "secret", **settings}, DOOR)


def read(told: Sent) -> list[Event]:
    return list(opened().read(call_of(told)))


def words(raw: str | None, **other: object) -> str:
    (told,) = read(sent("post", "post_created", post(raw=raw, **other)))
    assert isinstance(told, Heard)
    return told.said[0].text


@pytest.mark.parametrize("others", [1, 20, 21, MOST_POSTS + 5])
def test_a_long_topic_is_fetched_to_its_newest_post(others: int) -> None:
    numbers = range(600, 600 + others)

    def say(request: Request) -> None:
        target = urlsplit(request.head.split(" ")[1])
        asked = parse_qs(target.query).get("post_ids[]", [])
        assert len(asked) <= 20
        found: object = shown(post(), stream=[501, *numbers])
        if target.path == "/t/42/posts.json":
            found = {"post_stream": {"posts": [reply(id=int(one)) for one in asked]}}
        answers("200 OK", body=json.dumps(found).encode())(request)

    with speaker(say) as server:
        found = opened(address_of(server)).fetch("42")
        assert len(server.calls) <= 1 + MOST_POSTS // 20
    assert isinstance(found, Heard)
    assert [one.external_id for one in found.said] == ["501", *map(str, numbers[-MOST_POSTS:])]


def test_what_somebody_quotes_is_not_what_they_say() -> None:
    assert words(QUOTED) == "同感です。"
    assert words("前 [quote]a[/quote] 後") == "前  後"


@pytest.mark.parametrize("raw", ["[quote]終わりがない", "ふつうの文", "[quote=", ""])
def test_a_quotation_without_an_end_is_none(raw: str) -> None:
    assert own_words(raw) == raw


def test_a_hostile_row_of_quotations_is_read_in_time() -> None:
    assert own_words("[quote]" * 100_000 + "[/quote]" * 100_000 + "はい") == "はい"


def test_a_customer_who_quotes_koe_is_heard() -> None:
    raw = "[quote]\nご案内します。 <!-- koe:0123456789abcdef0123 -->\n[/quote]\n\nまだ直りません。"
    told = heard.read(read(sent("post", "post_created", post(raw=raw))), received_at=NOW)
    assert "まだ直りません。" in b"".join(record.body for record in told.records).decode()


def test_without_markdown_the_page_is_taken() -> None:
    assert words(None) == "<p>CSV の書き出しが<strong>失敗</strong>します。</p>"


def test_a_post_whose_type_is_not_told_is_not_taken() -> None:
    assert read(sent("post", "post_created", post(post_type=None))) == []


def test_a_post_of_an_unknown_kind_of_topic_is_not_taken() -> None:
    assert read(sent("post", "post_created", post(topic_archetype=None))) == []


def test_a_topic_keeps_its_customer_and_tags_in_whatever_order_it_is_told() -> None:
    told = [
        sent("topic", "topic_created", topic(last_posted_at=None)),
        sent("post", "post_created", post()),
        sent("post", "post_created", reply()),
    ]
    for calls in permutations(told):
        whole = together([event for call in calls for event in read(call)])
        assert (whole.customer_id, whole.tags, whole.title) == ("31", ["export", "csv"], "書き出しが失敗する")


def test_without_calls_of_topics_the_first_post_names_the_customer() -> None:
    told = [sent("post", "post_created", post()), sent("post", "post_created", reply())]
    for calls in permutations(told):
        assert together([event for call in calls for event in read(call)]).customer_id == "31"


def together(events: Sequence[Event]) -> FeedbackRecord:
    """Return what events that come in this order make of their topic."""
    records = heard.read(events, received_at=NOW).records
    return folded(
        [
            Arrival(place, FeedbackRecord.model_validate_json(record.body))
            for place, record in enumerate(records)
        ]
    )


def test_that_a_post_was_deleted_is_a_call_of_its_own_though_it_comes_in_the_same_bytes() -> None:
    made, deleted = (sent("post", event, reply()) for event in ("post_created", "post_destroyed"))
    assert made.body == deleted.body
    keys = {
        call_key(Discourse.prove(signed, [SECRET], NOW), signed.body)
        for signed in map(signed_, (made, deleted))
    }
    assert len(keys) == 2


def signed_(told: Sent) -> Call:
    return call_of(told, sign(told.body, SECRET, NOW))


@pytest.mark.parametrize(
    ("held", "at"),
    [
        (shown(post(), stream=[501], archetype="private_message", category_id=None), None),
        (shown(post(), stream=[501], category_id=7), None),
        (shown(post(), stream=[501], deleted_at="2026-05-02T03:04:05Z"), DELETED_AT),
    ],
    ids=["private", "moved away", "deleted"],
)
def test_a_topic_that_is_none_of_ours_any_more_is_withdrawn(held: object, at: datetime | None) -> None:
    with site([Asked(target="/t/42.json", answer=held)]) as server:
        found = opened(address_of(server), categories="6").fetch("42")
    assert found == Withdrawn(external_id="42", at=at)


def test_a_topic_that_goes_while_it_is_walked_holds_up_no_other() -> None:
    topics = [
        {"id": named, "archetype": "regular", "bumped_at": "2026-05-01T06:00:00Z"} for named in (41, 42)
    ]
    asked = [
        Asked(target=LATEST, answer={"topic_list": {"topics": topics}}),
        Asked(target="/t/42.json", answer=shown(post(), stream=[501])),
    ]
    with site(asked) as server:
        gone, found = opened(address_of(server)).page(None, None).events
    assert gone == Changed(external_id="41")
    assert isinstance(found, Heard)
    assert found.external_id == "42"


def test_a_walk_ends_at_what_is_too_old_and_asks_for_no_topic_that_has_not_changed() -> None:
    old = {"id": 41, "archetype": "regular", "bumped_at": "2020-05-01T06:00:00Z"}
    with site([Asked(target=LATEST, answer={"topic_list": {"topics": [old]}})]) as server:
        page = opened(address_of(server)).page(datetime(2026, 1, 1, tzinfo=UTC), None)
        assert (page.events, page.cursor, len(server.calls)) == ([], None, 1)


def test_a_category_that_cannot_be_seen_is_named() -> None:
    with (
        site([Asked(target=LATEST, answer={"topic_list": {"topics": []}})]) as server,
        pytest.raises(Refused, match="no category 12, or the API key's user may not see it"),
    ):
        opened(address_of(server), categories="12").check()


def test_categories_are_numbers() -> None:
    with pytest.raises(Refused, match="'categories' must be numbers"):
        opened(categories="6, support")


def test_a_key_without_its_user_is_asked_for_the_user() -> None:
    with pytest.raises(Refused, match="'username' is missing"):
        opened(username=" ").check()


def test_a_key_that_is_refused_says_what_to_make() -> None:
    with (
        speaker(answers("403 Forbidden", body=b'{"errors":["no"],"error_type":"invalid_access"}')) as server,
        pytest.raises(Refused, match="scope Read-only"),
    ):
        opened(address_of(server)).check()


@pytest.mark.parametrize(
    ("headers", "content", "says"),
    [
        ({}, {"post": post()}, "no header X-Discourse-Event-Type"),
        ({"x-discourse-event-type": "topic"}, {"post": post()}, "no event of a topic"),
        ({"x-discourse-event-type": "post"}, {"post": post(topic_id=None)}, "names no topic"),
    ],
)
def test_a_call_that_is_none_says_what_is_missing(
    headers: dict[str, str], content: object, says: str
) -> None:
    (row,) = read(Sent(content=content, headers=headers, tells=[]))
    assert isinstance(row, BadRow)
    assert says in row.reason
