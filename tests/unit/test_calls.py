"""What a webhook's body says: its forms, its fields, and the many bodies that say nothing."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.imports.calls import Read, Sender, read, reason
from service.rules.records import FeedbackRecord

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
MAPPED = {"text": "ticket.description", "external_id": "ticket.id", "customer_id": "account.name"}


def taken(body: object, mapping: Mapping[str, str] | None = None, *, named: str = "msg_1") -> Read:
    sender = Sender(
        organisation_id="main",
        source_id="source",
        name="help desk",
        mapping=mapping or {},
        zone=ZoneInfo("Asia/Tokyo"),
    )
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read(sent, sender, named=named, received_at=NOW)


def records(body: object, mapping: Mapping[str, str] | None = None, **call: Any) -> list[FeedbackRecord]:
    found = taken(body, mapping, **call)
    assert found.mistakes == ()
    return [FeedbackRecord.model_validate_json(record.body) for record in found.records]


def why(body: object, mapping: Mapping[str, str] | None = None) -> str:
    found = taken(body, mapping)
    assert found.wrong > 0
    return reason(found, "help desk")


class TestForms:
    def test_one_object_is_one_record_with_the_import_fields(self) -> None:
        (record,) = records(
            {
                "external_id": 7,
                "text": "I cannot log in.",
                "title": "Login",
                "created_at": "2026-05-03T10:00:00+09:00",
                "customer_id": "c-1",
                "account_id": "a-1",
                "channel": "review",
                "lang": "en-US",
                "status": "open",
                "replied_at": "2026-05-03T11:00:00+09:00",
                "resolved_at": "2026-05-03T12:00:00+09:00",
                "rating": "8/10",
                "url": "https://desk.example.com/7",
                "tags": ["login", "app"],
                "author_role": "customer",
                "product_area": "sign-in",
                "team": "one",
                "segment": "trial",
                "messages": [
                    {
                        "external_id": "m1",
                        "author_role": "agent",
                        "text": "Which app?",
                        "created_at": NOW.isoformat(),
                    }
                ],
                "something": "else",
            }
        )
        assert (record.withdrawn, record.unsaid) == (False, False)
        said = record.model_dump(exclude_none=True, exclude={"withdrawn", "unsaid"}, mode="json")
        assert said == {
            "external_id": "7",
            "text": "I cannot log in.",
            "title": "Login",
            "created_at": "2026-05-03T01:00:00Z",
            "customer_id": "c-1",
            "account_id": "a-1",
            "channel": "review",
            "lang": "en",
            "status": "open",
            "replied_at": "2026-05-03T02:00:00Z",
            "resolved_at": "2026-05-03T03:00:00Z",
            "rating": 4.2,
            "url": "https://desk.example.com/7",
            "tags": ["login", "app"],
            "author_role": "customer",
            "product_area": "sign-in",
            "team": "one",
            "segment": "trial",
            "messages": [
                {
                    "external_id": "m1",
                    "author_role": "agent",
                    "text": "Which app?",
                    "created_at": "2026-05-04T09:00:00Z",
                }
            ],
        }

    def test_an_envelope_holds_one_record_or_several_and_says_when(self) -> None:
        envelope = {"type": "ticket.created", "timestamp": "2026-05-03T10:00:00Z", "data": {"text": "One."}}
        (one,) = records(envelope)
        assert (one.text, one.updated_at) == ("One.", datetime(2026, 5, 3, 10, tzinfo=UTC))
        several = records(
            {**envelope, "data": [{"text": "Two."}, {"text": "Three.", "updated_at": "2026-05-02"}]}
        )
        assert [record.text for record in several] == ["Two.", "Three."]
        assert [record.updated_at and record.updated_at.day for record in several] == [3, 1]

    def test_the_envelopes_time_counts_only_where_it_is_one(self) -> None:
        (record,) = records({"type": "x", "timestamp": "soon", "data": {"text": "One."}})
        assert (record.updated_at, record.assumed_at) == (None, NOW)

    def test_a_record_may_have_a_field_called_data(self) -> None:
        (record,) = records({"text": "One.", "data": {"text": "Another."}})
        assert record.text == "One."

    def test_a_record_that_says_no_day_counts_as_of_its_arrival(self) -> None:
        assert records({"text": "One."})[0].assumed_at == NOW

    def test_a_message_of_a_thread_is_chat_unless_it_says_otherwise(self) -> None:
        found = records(
            [{"text": "Hi.", "thread_id": "t"}, {"text": "Hi."}, {"text": "Hi.", "channel": "電話"}]
        )
        assert [record.channel for record in found] == ["chat", "ticket", "call"]

    def test_names_of_other_systems_are_not_guessed(self) -> None:
        assert "(body, subject)" in why({"body": "One.", "subject": "Two."})


class TestIds:
    def test_without_one_the_calls_name_is_the_id_and_in_a_list_its_place_too(self) -> None:
        assert records({"text": "One."})[0].external_id == "msg_1"
        assert [r.external_id for r in records([{"text": "One."}, {"text": "Two."}])] == [
            "msg_1/1",
            "msg_1/2",
        ]
        assert [r.external_id for r in records([{"text": "One."}])] == ["msg_1/1"]

    def test_without_any_name_the_content_is_the_id(self) -> None:
        one, other = records([{"text": "One."}, {"text": "Two."}], named="")
        assert one.external_id != other.external_id
        assert records({"text": "One."}, named="")[0].external_id == one.external_id

    def test_two_equal_answers_in_one_list_stay_two(self) -> None:
        assert len({r.external_id for r in records([{"text": "None."}] * 2, named="")}) == 2


class TestMapping:
    def test_dotted_paths_lead_into_the_record_or_else_into_the_body(self) -> None:
        body = {"type": "x", "account": {"name": "c-9"}, "data": {"ticket": {"id": 5, "description": "One."}}}
        (record,) = records(body, MAPPED)
        assert (record.external_id, record.text, record.customer_id) == ("5", "One.", "c-9")

    def test_paths_go_through_lists_and_names_with_dots(self) -> None:
        body = {"comments": [{"body": "First."}, {"body": "Second."}], "custom.note": "Noted."}
        mapping = {"text": "comments.1.body", "title": "custom.note"}
        (record,) = records(body, mapping)
        assert (record.text, record.title) == ("Second.", "Noted.")

    @pytest.mark.parametrize(
        "path", ["comments.2.body", "comments.-1.body", "comments.body", "comments.٠.body", "a", ""]
    )
    def test_a_path_that_leads_nowhere_leaves_the_field_to_its_name(self, path: str) -> None:
        body = {"comments": [{"body": "First."}], "text": "Own."}
        assert records(body, {"text": path})[0].text == "Own."

    def test_a_body_that_fits_no_mapping_names_its_fields_and_what_to_type(self) -> None:
        said = why({"issue": {"id": 1, "comments": [{"note": "x"}, {"note": "y"}]}}, MAPPED)
        assert "(issue.id, issue.comments.0.note)" in said
        assert "koe source map 'help desk' text=PATH" in said

    def test_a_list_with_some_that_fit_gives_those(self) -> None:
        found = taken(
            [{"text": "One."}, {"text": "  "}, 5, {"note": "x"}, {"text": "Five.", "created_at": "soon"}]
        )
        assert len(found.records) == 1
        assert [(m.place, m.unmapped) for m in found.mistakes] == [
            (2, False),
            (3, False),
            (4, True),
            (5, False),
        ]

    def test_no_more_than_a_few_reasons_are_told_and_all_are_counted(self) -> None:
        found = taken([{}] * 1000)
        assert (found.wrong, len(found.mistakes)) == (1000, 100)
        assert "and 995 more" in reason(found, "x")


class TestTexts:
    @pytest.mark.parametrize(
        "said",
        [
            "é and e\u0301",
            "ガ and カ\u3099",
            "👩‍👩‍👧‍👦 🇯🇵",
            "bidi \u202eabc\u202c \u2067אבג\u2069",
            "zero\u200bwidth\u200d\ufeff",
            "line\u2028separator and \x07bell",
            "コウ \U00029e3d 𠮷野家",
        ],
    )
    @pytest.mark.parametrize("ascii_only", [True, False])
    def test_a_text_comes_through_as_it_was(self, said: str, ascii_only: bool) -> None:  # noqa: FBT001
        sent = json.dumps({"text": said}, ensure_ascii=ascii_only).encode()
        assert records(sent)[0].text == said

    def test_what_no_database_takes_becomes_the_replacement_character(self) -> None:
        assert records(rb'{"text":"a\u0000b\ud800c\udfff\ud83d\ude00"}')[0].text == "a\ufffdb\ufffdc\ufffd😀"

    def test_the_last_of_two_equal_names_wins(self) -> None:
        assert records(b'{"text":"first","text":"last"}')[0].text == "last"

    def test_a_byte_order_mark_is_no_character(self) -> None:
        assert records(b'\xef\xbb\xbf{"text":"One."}')[0].text == "One."


NASTY = {
    "empty": b"",
    "no JSON": b"text=hello",
    "half": b'{"text":"One."',
    "invalid UTF-8": b'{"text":"\xff\xfe"}',
    "UTF-16": '{"text":"One."}'.encode("utf-16"),
    "Shift_JIS": '{"text":"ログイン"}'.encode("cp932"),
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep value": b'{"text":' + b"[" * 65 + b"]" * 65 + b"}",
    "long number": b'{"text":1' + b"0" * 5000 + b"}",
    "NaN": b'{"text":NaN}',
    "null": b"null",
    "number": b"1e5000",
    "no object": b'["text"]',
    "100,000 names": json.dumps({f"name{n}": n for n in range(100_000)}).encode(),
}


class TestNastyBodies:
    @pytest.mark.parametrize("body", NASTY.values(), ids=NASTY)
    def test_a_body_that_says_nothing_gets_a_sentence(self, body: bytes) -> None:
        assert 10 < len(why(body)) < 2000

    @pytest.mark.parametrize(
        "odd", ["1e5000", "-Infinity", "NaN", "10" * 2000, "{}", "[]", "true", '"\\ud800"', "[[[1]]]"]
    )
    def test_odd_values_in_any_field_are_read_or_refused_in_words(self, odd: str) -> None:
        for field in (
            "external_id",
            "created_at",
            "rating",
            "tags",
            "messages",
            "turn",
            "url",
            "lang",
            "channel",
        ):
            found = taken(f'{{"text":"One.","{field}":{odd}}}'.encode())
            assert len(found.records) + found.wrong == 1

    def test_a_reason_repeats_no_personal_data(self) -> None:
        assert "taro" not in why({"text": "One.", "created_at": "ask taro@example.com"})
        assert "taro" not in why({"taro@example.com": 1})


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["2026-05-03", "c-1", ""])
)
FIELDS = st.sampled_from(
    ["text", "messages", "created_at", "external_id", "data", "type", "timestamp", "ticket", "id", "tags"]
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(FIELDS | st.text(max_size=5), inner, max_size=6)
    ),
)


@given(ANY_JSON, st.sampled_from([{}, MAPPED, {"text": "data.0.text", "messages": "data", "tags": "ticket"}]))
@example({"text": "One.", "messages": [{"text": "x", "created_at": float("inf")}]}, {})
def test_whatever_is_sent_is_read_or_refused_in_words_and_the_same_each_time(
    body: object, mapping: dict[str, str]
) -> None:
    sent = json.dumps(body).encode()
    found = taken(sent, mapping)
    assert found == taken(sent, mapping)
    for record in found.records:
        assert FeedbackRecord.model_validate_json(record.body).as_bytes() == record.body
    assert found.records or found.wrong or body == [] or (isinstance(body, dict) and body.get("data") == [])
    reason(found, "x").encode()


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_refused_in_words(sent: bytes) -> None:
    found = taken(sent)
    assert found.records or found.wrong or json.loads(sent.decode("utf-8-sig")) == []
