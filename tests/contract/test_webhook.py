"""The target that posts signed messages, with a receiver that fails in every way a receiver fails."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorError, Refused, RetryLater, Uncertain
from connectors.http import Http
from connectors.outgoing import Citation, Outgoing, Receipt
from connectors.ports import Means
from connectors.signatures import key_of, new_secret, prove
from connectors.targets.webhook import DATA, Webhook, key_of_delivery
from tests.receiver import Fault, Receiver, at_random, receiver, scripted

DOCS = Path(__file__).parents[2] / "docs"
OUTGOING = Outgoing(
    suggestion_id="0123456789abcdef0123",
    theme_id="t1",
    action="write_article",
    audience="public",
    lang="ja",
    title="写真が消える 🦊",
    body="## 困りごと\n\n写真が消えます。\u2028\n",
    theme_title="写真が消える",
    contacts=12,
    customers=10,
    accounts=4,
    revenue=1200000.0,
    currency="JPY",
    keywords=("写真", "消える"),
    citations=(Citation(source="zendesk", external_id="42", start=0, end=8),),
    decided_at=datetime(2026, 5, 3, 9, 30, tzinfo=UTC),
    link="https://koe.example/suggestions/0123456789abcdef0123",
)


def webhook(taker: Receiver, *, seconds: float = 15) -> Webhook:
    door = Http(private_hosts=("127.0.0.1",), seconds=seconds)
    return Webhook.open({"url": taker.url}, Means(secret=taker.secret, http=door))


def delivered(target: Webhook, outgoing: Outgoing) -> tuple[Receipt, list[ConnectorError]]:
    """Deliver, again and again, as whatever sends deliveries does; return what went wrong before."""
    failures: list[ConnectorError] = []
    while True:
        try:
            return target.deliver(outgoing), failures
        except (RetryLater, Uncertain) as error:
            failures.append(error)


class TestMessage:
    def test_it_is_signed_by_the_standard_over_the_bytes_that_are_sent(self) -> None:
        with receiver() as taker:
            receipt = webhook(taker).deliver(OUTGOING)
        [attempt] = taker.attempts
        assert attempt.proven
        assert receipt.reference == attempt.headers["webhook-id"] == key_of_delivery(OUTGOING.suggestion_id)
        assert attempt.headers["content-type"] == "application/json"
        prove(
            [key_of(taker.secret)],
            message_id=attempt.headers["webhook-id"],
            timestamp=attempt.headers["webhook-timestamp"],
            signature=attempt.headers["webhook-signature"],
            body=attempt.body,
            now=datetime.now(UTC),
        )

    def test_it_holds_the_suggestion_as_compact_json(self) -> None:
        with receiver() as taker:
            webhook(taker).deliver(OUTGOING)
        body = taker.attempts[0].body
        assert body.startswith(b'{"type":"suggestion.accepted","timestamp":"2026-05-03T09:30:00Z","data":{')
        assert "写真が消える 🦊".encode() in body
        event = json.loads(body)
        assert set(event) == {"type", "timestamp", "data"}
        assert tuple(event["data"]) == DATA
        assert event["data"]["body"] == OUTGOING.body
        assert event["data"]["keywords"] == ["写真", "消える"]
        [citation] = event["data"]["citations"]
        assert citation == {"source": "zendesk", "external_id": "42", "start": 0, "end": 8}
        assert (event["data"]["revenue"], event["data"]["link"]) == (1200000.0, OUTGOING.link)

    def test_text_that_cannot_be_sent_is_replaced(self) -> None:
        with receiver() as taker:
            webhook(taker).deliver(replace(OUTGOING, title="a\ud800b", decided_at=None))
        assert taker.executed[key_of_delivery(OUTGOING.suggestion_id)]["data"]["title"] == "a?b"

    def test_every_suggestion_has_an_id_of_its_own_that_may_be_signed(self) -> None:
        keys = {key_of_delivery(suggestion_id) for suggestion_id in ("a", "b", "a.b", "声", "")}
        assert len(keys) == 5
        assert all(re.fullmatch(r"koe_[0-9a-f]{32}", key) for key in keys)


class TestRepetition:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (Fault.BUSY, RetryLater),
            (Fault.AWAY, RetryLater),
            (Fault.BROKEN, Uncertain),
            (Fault.GATEWAY, Uncertain),
            (Fault.LOST, Uncertain),
            (Fault.CUT, Uncertain),
            (Fault.PAGE, Uncertain),
            (Fault.GONE, Refused),
            (Fault.MOVED, Refused),
        ],
        ids=lambda value: value.name if isinstance(value, Fault) else value.__name__,
    )
    def test_what_failed_is_told_and_a_repetition_is_taken_once(
        self, fault: Fault, error: type[ConnectorError]
    ) -> None:
        with receiver(scripted(fault), retry_after="17") as taker:
            target = webhook(taker)
            with pytest.raises(error, match=r"^127\.0\.0\.1:\d+ ") as raised:
                target.deliver(OUTGOING)
            assert "hooks" not in str(raised.value)
            receipt = target.deliver(OUTGOING)
            first, second = taker.attempts
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == receipt.reference
        assert first.body == second.body
        assert list(taker.executed) == [receipt.reference]
        if isinstance(raised.value, RetryLater):
            assert (raised.value.after is not None) is (fault is Fault.BUSY)

    @pytest.mark.parametrize("fault", [Fault.HANG, Fault.LATE])
    def test_a_receiver_that_says_nothing_is_left(self, fault: Fault) -> None:
        with receiver(scripted(fault)) as taker:
            with pytest.raises(Uncertain, match="in time"):
                webhook(taker, seconds=1).deliver(OUTGOING)
            assert list(taker.executed) == [key_of_delivery(OUTGOING.suggestion_id)] * fault.done

    def test_each_of_many_is_taken_once_whatever_goes_wrong(self, seed: int) -> None:
        shares = {
            **dict.fromkeys((Fault.BUSY, Fault.BROKEN, Fault.GATEWAY), 0.1),
            **dict.fromkeys((Fault.LOST, Fault.CUT, Fault.PAGE, Fault.AWAY), 0.05),
        }
        suggestions = [replace(OUTGOING, suggestion_id=f"s{number}") for number in range(100)]
        with receiver(at_random(seed, shares)) as taker:
            target = webhook(taker)
            results = [delivered(target, suggestion) for suggestion in suggestions]
        assert [receipt.reference for receipt, _ in results] == list(taker.executed)
        assert [event["data"]["suggestion_id"] for event in taker.executed.values()] == [
            suggestion.suggestion_id for suggestion in suggestions
        ]
        failures = [failure for _, failed in results for failure in failed]
        assert len(failures) == len([attempt for attempt in taker.attempts if attempt.fault]) > 0
        assert len(taker.attempts) == len(failures) + 100

    def test_a_receiver_with_another_secret_refuses(self) -> None:
        with receiver() as taker:
            taker.secret, target = new_secret(), webhook(taker)
            taker.secret = new_secret()
            with pytest.raises(Refused, match=r"401.*does not accept"):
                target.deliver(OUTGOING)
        assert not taker.executed


class TestSetup:
    @pytest.mark.parametrize(
        "settings",
        [
            *({}, {"url": ""}, {"url": 3}, {"url": "hooks"}, {"url": "ftp://example.com/"}),
            *(
                {"url": "https://user:s3cr3t@example.com/"},
                {"url": "https:///s3cr3t"},
                {"url": "https://a b/"},
            ),
        ],
        ids=str,
    )
    def test_a_wrong_setting_is_named_and_not_repeated(self, settings: Mapping[str, object]) -> None:
        with pytest.raises(Refused, match="'url'") as raised:
            Webhook.open(settings, Means(secret=new_secret()))
        assert "s3cr3t" not in str(raised.value)

    @pytest.mark.parametrize("secret", [None, "", "s3cr3t", "whsec_s3cr3t", "whsec_c2hvcnQ="])
    def test_it_needs_a_secret_to_sign_with(self, secret: str | None) -> None:
        with pytest.raises(Refused, match="secret") as raised:
            Webhook.open({"url": "https://example.com/"}, Means(secret=secret))
        assert "s3cr3t" not in str(raised.value)
        assert "s3cr3t" not in repr(Means(secret=secret))

    def test_it_is_checked_without_a_message(self) -> None:
        with receiver() as taker:
            checked = webhook(taker).check()
        name = taker.url.removeprefix("http://").removesuffix("/hooks")
        assert checked == f"{name} takes connections; what happens is posted there, signed."
        assert taker.attempts == []
        with pytest.raises(RetryLater, match="cannot be reached"):
            webhook(taker).check()

    @pytest.mark.parametrize("url", ["http://127.0.0.1/", "https://127.0.0.1/", "http://169.254.169.254/"])
    def test_a_private_address_is_not_posted_to_unless_it_was_opened(self, url: str) -> None:
        target = Webhook.open({"url": url}, Means(secret=new_secret()))
        for attempt in (target.check, lambda: target.deliver(OUTGOING)):
            with pytest.raises(Refused, match="KOE_PRIVATE_HOSTS"):
                attempt()


def recipe(page: str, language: str) -> str:
    """Return the code that a page gives to whoever receives."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


class TestDocuments:
    """What the pages tell a receiver to do is done with a message of ours."""

    PAGES = ("webhooks-out.md", "webhooks-out.ja.md")

    @pytest.mark.parametrize("page", PAGES)
    def test_the_python_recipe_proves_our_messages_and_no_others(self, page: str) -> None:
        with receiver() as taker:
            webhook(taker).deliver(OUTGOING)
        names: dict[str, Any] = {}
        exec(recipe(page, "python"), names)
        is_from_koe: Callable[[str, Mapping[str, str], bytes], bool] = names["is_from_koe"]
        headers, body = taker.attempts[0].headers, taker.attempts[0].body
        assert is_from_koe(taker.secret, headers, body)
        assert not is_from_koe(new_secret(), headers, body)
        assert not is_from_koe(taker.secret, headers, body + b" ")
        assert not is_from_koe(taker.secret, {**headers, "webhook-id": "koe_other"}, body)
        for name, value in (("webhook-timestamp", "1"), ("webhook-signature", "v1,声"), ("webhook-id", "声")):
            assert not is_from_koe(taker.secret, {**headers, name: value}, body)

    def test_both_pages_have_the_same_code_headings_and_tables(self) -> None:
        shape = re.compile(r"^(#+|\||```|- |\d+\. )", re.MULTILINE)
        english, japanese = ((DOCS / page).read_text(encoding="utf-8") for page in self.PAGES)
        assert shape.findall(english) == shape.findall(japanese)
        assert [recipe(self.PAGES[0], language) for language in ("python", "js")] == [
            recipe(self.PAGES[1], language) for language in ("python", "js")
        ]

    @pytest.mark.parametrize("page", PAGES)
    def test_they_name_every_field(self, page: str) -> None:
        text = (DOCS / page).read_text(encoding="utf-8")
        assert [name for name in DATA if f"`{name}`" not in text] == []
