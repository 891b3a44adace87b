"""What cells mean, and which columns they stand in."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import WrongUse
from service.imports import values
from service.imports.columns import recognise
from service.imports.dates import instant, order

TOKYO = ZoneInfo("Asia/Tokyo")


class TestDates:
    @pytest.mark.parametrize(
        ("written", "utc"),
        [
            ("2022-04-28 20:56:22", "2022-04-28 11:56:22"),
            ("2023-11-16 07:42:56 +0000", "2023-11-16 07:42:56"),
            ("2026-05-03T10:00:00.5Z", "2026-05-03 10:00:00.500000"),
            ("2026-05-03T10:00:00-07:00", "2026-05-03 17:00:00"),
            ("2026-05-03 10:00 UTC", "2026-05-03 10:00:00"),
            ("2026年5月3日", "2026-05-02 15:00:00"),
            ("2026年5月3日（日） 10時5分", "2026-05-03 01:05:00"),
            ("２０２６年５月３日　午後３時", "2026-05-03 06:00:00"),
            ("令和8年5月3日", "2026-05-02 15:00:00"),
            ("2026/5/3 9:03", "2026-05-03 00:03:00"),
            ("May 3, 2026 3:00 PM", "2026-05-03 06:00:00"),
            ("Sun, 03 May 2026 10:00:00 +0900", "2026-05-03 01:00:00"),
            ("3.5.2026", "2026-05-02 15:00:00"),
            ("13/05/2026", "2026-05-12 15:00:00"),
            ("05/13/2026", "2026-05-12 15:00:00"),
            ("20260503", "2026-05-02 15:00:00"),
            ("20260503101112", "2026-05-03 01:11:12"),
            ("1777777777", "2026-05-03 03:09:37"),
            ("1777777777000", "2026-05-03 03:09:37"),
            (46145.5, "2026-05-03 03:00:00"),
            (datetime(2026, 5, 3, 9), "2026-05-03 00:00:00"),  # noqa: DTZ001  as Excel gives it
        ],
    )
    def test_dates_are_read_as_people_and_programs_write_them(self, written: object, utc: str) -> None:
        assert instant(written, TOKYO) == datetime.fromisoformat(utc).replace(tzinfo=UTC)

    @pytest.mark.parametrize(
        "written",
        [
            "yesterday",
            "2026-02-30",
            "2026-13-01",
            "99999999",
            "12345",
            "12:44",
            "0001-01-01",
            "2026-05-03 25:00",
            True,
        ],
    )
    def test_dates_that_are_none_are_refused_with_what_was_written(self, written: object) -> None:
        with pytest.raises(ValueError, match=f"“{written}” is no date"):
            instant(written, TOKYO)

    @pytest.mark.parametrize("written", [None, "", " - ", "NaT", float("nan"), "NULL"])
    def test_nothing_is_no_date_and_no_mistake(self, written: object) -> None:
        assert instant(written, TOKYO) is None

    def test_the_file_decides_which_of_two_numbers_is_the_day(self) -> None:
        assert instant("03/05/2026", UTC) == datetime(2026, 3, 5, tzinfo=UTC)
        assert instant("03/05/2026", UTC, day_first=True) == datetime(2026, 5, 3, tzinfo=UTC)
        assert [order(text) for text in ("13/05/2026", "05/13/2026", "05/03/2026", "2026-05-03")] == [
            True,
            False,
            None,
            None,
        ]

    @given(st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    def test_what_a_program_writes_as_iso_comes_back(self, when: datetime) -> None:
        assert instant(when.isoformat(), TOKYO) == when
        assert instant(when.astimezone(TOKYO).replace(tzinfo=None).isoformat(" "), TOKYO) == when

    @given(st.text())
    def test_any_text_is_a_date_or_refused(self, text: str) -> None:
        try:
            found = instant(text, TOKYO)
        except ValueError:
            return
        assert found is None or found.utcoffset() == timedelta(0)


class TestValues:
    @pytest.mark.parametrize(
        ("written", "amount", "currency"),
        [
            ("¥1,200,000", "1200000", "JPY"),
            ("120万円", "1200000", "JPY"),
            ("1.5億", "150000000", None),
            ("$1,200.50", "1200.50", "USD"),
            ("1.200,50 €", "1200.50", "EUR"),
            ("12,000 USD", "12000", "USD"),
            ("(1,200)", "-1200", None),
            (4800000, "4800000", None),
        ],
    )
    def test_money_is_an_amount_and_perhaps_a_currency(
        self, written: object, amount: str, currency: str | None
    ) -> None:
        assert values.money(written) == (Decimal(amount), currency)

    def test_what_is_no_money_is_refused(self) -> None:
        with pytest.raises(ValueError, match="“a lot” is no amount"):
            values.money("a lot")

    @pytest.mark.parametrize(
        ("written", "points"),
        [
            ("4", 4),
            ("★★★☆☆", 3),
            ("4/5", 4),
            ("5/10", 3),
            ("100%", 5),
            ("とても満足", 5),
            ("やや不満", 2),
            ("n/a", None),
        ],
    )
    def test_ratings_are_one_to_five_where_the_scale_is_known(
        self, written: str, points: float | None
    ) -> None:
        assert values.rating(written) == points

    def test_nps_runs_from_zero_to_ten(self) -> None:
        assert [values.rating(points, most=10) for points in ("0", 5, "10")] == [1, 3, 5]

    @pytest.mark.parametrize("written", ["-3", "7", "400%", "12/5", "5/1" + "0" * 400, "9" * 400, "★" * 9])
    def test_a_rating_beyond_its_scale_is_none(self, written: str) -> None:
        assert values.rating(written) is None

    @pytest.mark.parametrize("written", ["-1", "3000000000", "1.5", "many", 10**400])
    def test_what_nobody_counts_is_no_count(self, written: object) -> None:
        assert values.number(written) is None

    def test_json_in_a_cell_is_as_clean_as_a_file(self) -> None:
        assert values.tags('["a\\u0000b", "\\ud800"]') == ["a\ufffdb", "\ufffd"]
        assert values.tags("[" * 100_000) == []

    def test_a_time_of_day_in_a_sheet_is_text(self) -> None:
        assert values.words(time(12, 30)) == "12:30:00"

    @pytest.mark.parametrize(
        ("written", "tags"),
        [
            ("a, b;c、d", ["a", "b", "c", "d"]),
            ('["x", "y"]', ["x", "y"]),
            (["x", {"name": "y"}], ["x", "y"]),
            (None, []),
        ],
    )
    def test_tags_are_a_list_however_they_are_written(self, written: object, tags: list[str]) -> None:
        assert values.tags(written) == tags

    def test_languages_are_two_letters(self) -> None:
        assert [values.language(name) for name in ("en-US", "pt_BR", "JA", "日本語", "x", None)] == [
            "en",
            "pt",
            "ja",
            "ja",
            None,
            None,
        ]

    def test_numbers_from_spreadsheets_are_ids_without_a_point(self) -> None:
        assert values.identifier(123.0) == "123"
        with pytest.raises(ValueError, match="an id of 501 characters"):
            values.identifier("x" * 501)

    def test_an_answer_of_none_is_an_answer(self) -> None:
        assert values.words("None") == "None"
        assert values.words("なし") == "なし"
        assert values.text("None") is None

    def test_links_are_web_addresses(self) -> None:
        assert values.link("https://example.com/a") == "https://example.com/a"
        assert values.link("javascript:alert(1)") is None


class TestColumns:
    @pytest.mark.parametrize(
        ("columns", "taken"),
        [
            (
                ["External ID", "TEXT", "createdAt", "customer-id"],
                {
                    "external_id": "External ID",
                    "text": "TEXT",
                    "created_at": "createdAt",
                    "customer_id": "customer-id",
                },
            ),
            (
                [
                    "Id",
                    "Subject",
                    "Description",
                    "Requester id",
                    "Created at",
                    "Updated at",
                    "Satisfaction Score",
                    "Group",
                ],
                {
                    "external_id": "Id",
                    "title": "Subject",
                    "text": "Description",
                    "customer_id": "Requester id",
                    "created_at": "Created at",
                    "updated_at": "Updated at",
                    "rating": "Satisfaction Score",
                    "team": "Group",
                },
            ),
            (
                [
                    "Ticket ID",
                    "Subject",
                    "Title",
                    "Created time",
                    "Initial response time",
                    "Resolved time",
                    "Source",
                ],
                {
                    "external_id": "Ticket ID",
                    "title": "Subject",
                    "created_at": "Created time",
                    "replied_at": "Initial response time",
                    "resolved_at": "Resolved time",
                    "channel": "Source",
                },
            ),
            (
                ["message_id", "message_body", "message_author_type", "conversation_id", "conversation_tags"],
                {
                    "external_id": "message_id",
                    "text": "message_body",
                    "author_role": "message_author_type",
                    "thread_id": "conversation_id",
                    "tags": "conversation_tags",
                },
            ),
            (
                ["件名", "本文", "受付日時", "回答日時", "お客様ID", "会社ID", "チャネル", "満足度"],
                {
                    "title": "件名",
                    "text": "本文",
                    "created_at": "受付日時",
                    "replied_at": "回答日時",
                    "customer_id": "お客様ID",
                    "account_id": "会社ID",
                    "channel": "チャネル",
                    "rating": "満足度",
                },
            ),
            (["回答日時", "内容", "ＩＤ"], {"created_at": "回答日時", "text": "内容", "external_id": "ＩＤ"}),
            (["Q3 ご意見・ご要望をお聞かせください"], {"text": "Q3 ご意見・ご要望をお聞かせください"}),
        ],
    )
    def test_columns_are_known_by_name(self, columns: list[str], taken: dict[str, str]) -> None:
        assert dict(recognise("feedback", columns, {}).columns) == taken

    def test_a_part_of_a_name_is_enough_where_only_one_column_has_it(self) -> None:
        found = recognise("articles", ["kb_slug", "anchor_title_guess", "main_locale"], {})
        assert found.columns == {
            "external_id": "kb_slug",
            "title": "anchor_title_guess",
            "lang": "main_locale",
        }
        assert set(found.by_part) == {"external_id", "title", "lang"}
        with pytest.raises(WrongUse):
            recognise("articles", ["title_a_guess", "title_b_guess"], {})

    def test_the_caller_knows_better(self) -> None:
        found = recognise("feedback", ["id", "text", "Memo"], {"text": "memo", "external_id": "-"})
        assert found.columns == {"text": "Memo"}
        assert found.mapped == {"text", "external_id"}

    def test_a_mapping_that_fits_nothing_says_what_would(self) -> None:
        with pytest.raises(WrongUse, match=r"“txt” is no field; the fields are external_id, .*text"):
            recognise("feedback", ["a"], {"txt": "a"})
        with pytest.raises(WrongUse, match=r"no column “b” to take as text; its columns are “a”"):
            recognise("feedback", ["a"], {"text": "b"})

    @pytest.mark.parametrize("noun", ["feedback", "articles", "accounts", "events", "interventions"])
    def test_a_missing_column_is_named_with_those_that_are_there(self, noun: str) -> None:
        with pytest.raises(WrongUse, match=r"the columns are “foo”, “bar”\. Say which one it is: --map"):
            recognise(noun, ["foo", "bar"], {})
