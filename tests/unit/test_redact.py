"""What is taken out of a text, and what stays byte for byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.errors import BadLine
from nlp.redact import FINDERS, TYPES, redact, redact_lines

KEY_BLOCK = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqh\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # no space around the value, in both widths
        ("メールはtaro.yamada@example.co.jpまで", "メールは[email]まで"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍです", "[email]です"),
        ("write to jane (at) example.com please", "write to [email] please"),
        ("カード番号は4111-1111-1111-1111です", "カード番号は[card]です"),
        ("カードは４１１１１１１１１１１１１１１１です", "カードは[card]です"),
        ("card 3782 822463 10005.", "card [card]."),
        ("電話は０９０－１２３４－５６７８まで", "電話は[phone]まで"),
        ("電話番号は09012345678です", "電話番号は[phone]です"),
        ("携帯０９０ー１２３４ー５６７８に", "携帯[phone]に"),
        ("TEL:03-1234-5678", "TEL:[phone]"),
        ("call (415) 555-2671 or +44 20 7946 0958", "call [phone] or [phone]"),
        ("GB29 NWBK 6016 1331 9268 19", "[iban]"),
        ("IBANはDE89370400440532013000です", "IBANは[iban]です"),
        ("マイナンバーは123456789018です", "マイナンバーは[my_number]です"),
        ("個人番号：１２３４－５６７８－９０１８", "個人番号：[my_number]"),
        ("〒150-0001東京都渋谷区神宮前1-2-3です", "[postal_code][address]です"),
        ("郵便番号は150-0001", "郵便番号は[postal_code]"),
        ("住所は千代田区丸の内1丁目1番1号です", "住所は[address]です"),
        ("大阪府大阪市北区梅田一丁目二番三号へ", "[address]へ"),
        ("123 Main Street, Springfield, IL 62704", "[address] [postal_code]"),
        # in the forms of other countries
        ("Hauptstraße 5a, 10115 Berlin", "[address], [postal_code] [address]"),
        ("12 rue de la Paix, 75002 Paris", "[address], [postal_code] [address]"),
        ("I live at Flat 2, 14 Gloucester Road, London SW7 4RB.", "I live at [address] [postal_code]."),
        ("ul. Długa 3/4, Kraków", "[address]"),
        ("Ship to PO Box 123, Springfield, IL", "Ship to [address]"),
        ("My postcode is V6B4N9", "My postcode is [postal_code]"),
        ("zip 1012 AB", "zip [postal_code]"),
        ("Jane Doe\n12 Elm Street\nSuite 4\nDenver, CO 80202", "[name]\n[address] [postal_code]"),
        ("Skovvej 14\nOdense DK 5000", "[address] [postal_code]"),
        ("Send it to USS Harlow\nFPO AE 09543, please", "Send it to [address] [postal_code], please"),
        ("PSC 812, Box 55\nAPO AP 96301", "[address] [postal_code]"),
        ("Vestergade 8, DK 1456 København K", "[address] [postal_code] [address]"),
        ("Rua Nova 24, 1100-053 Lisboa", "[address], [postal_code] [address]"),
        ("ul. Polna 10, 00-590 Warszawa", "[address], [postal_code] [address]"),
        ("Lange Straße 10, A-1070 Wien", "[address], [postal_code] [address]"),
        ("10 Queen Street, Auckland 1010", "[address] [postal_code]"),
        ("14 Nehru Marg, Mumbai - 400 001", "[address] - [postal_code]"),
        ("Avenida Central 15, São Paulo - SP, 01310-200", "[address] - SP, [postal_code]"),
        ("9 Orchard Road #05-01 Singapore 238858", "[address] [postal_code]"),
        # postal codes by what they are called, before or behind them
        (
            "meu CEP é 01310-100, CAP: 00184, PIN: 560 001",
            "meu CEP é [postal_code], CAP: [postal_code], PIN: [postal_code]",
        ),
        (
            "почтовый индекс 101000; irányítószám: 1051",
            "почтовый индекс [postal_code]; irányítószám: [postal_code]",
        ),
        (
            "邮编：100000 우편번호 06236 邮政编码 200040",
            "邮编：[postal_code] 우편번호 [postal_code] 邮政编码 [postal_code]",
        ),
        (
            '{"zip_code": "90210", "postal-code": "150-0001"}',
            '{"zip_code": "[postal_code]", "postal-code": "[postal_code]"}',
        ),
        ("postcode AD500, postal code VLT 1117", "postcode [postal_code], postal code [postal_code]"),
        ("zip codes 94105 and 94110", "zip codes [postal_code] and [postal_code]"),
        ("94105 is my zip code", "[postal_code] is my zip code"),
        ("「１５０－０００１」が郵便番号です", "「[postal_code]」が郵便番号です"),
        (
            "郵便番号（7桁）は1500001、〠150-0001",
            "郵便番号（7桁）は[postal_code]、[postal_code]",
        ),
        ("call 07700 900123 or 06.12.34.56.78", "call [phone] or [phone]"),
        ("+49 (0) 171 / 123 45 67", "[phone]"),
        ("電話03-1234-5678(内線12)へ", "電話[phone]へ"),
        # with other signs between the groups, and where a line of a mail was wrapped
        ("card 4111.1111.1111.1111", "card [card]"),
        ("4111 1111\n1111 1111 on my card", "[card] on my card"),
        ("マイナンバーは1234\n5678\n9018です", "マイナンバーは[my_number]です"),
        ("携帯は090-1234\n-5678です", "携帯は[phone]です"),
        ("jane at example dot com", "[email]"),
        ("商品を京都市左京区下鴨泉川町5丁目58-6に送って", "商品を[address]に送って"),
        ("東京都港区芝公園四丁目二番八号 東京ビル3F", "[address]"),
        ("つくば市吾妻2-9 コーポ青葉101号室です", "[address]です"),
        ("192.168.0.1から接続", "[ip]から接続"),
        ("from 2001:db8::8a2e:370:7334 today", "from [ip] today"),
        ("https://example.com/a?token=abc123&page=2", "https://example.com/a?token=[url_secret]&page=2"),
        ("https://me:pass@example.com/", "https://[url_secret]@example.com/"),
        ("パスワードはhunter2です", "パスワードは[secret]です"),
        ("my API key is 9f86d081884c7d659a2feaa0c55ad015", "my API key is [secret]"),
        (f"here: {KEY_BLOCK} thanks", "here: [secret] thanks"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcを使用", "[secret]を使用"),
    ],
)
def test_a_value_is_replaced_by_its_type(text: str, expected: str) -> None:
    assert redact(text).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("山田太郎様", "[name]様"),
        ("担当の鈴木さんに", "担当の[name]さんに"),
        ("スミスさんから", "[name]さんから"),
        ("私は山田太郎と申します", "私は[name]と申します"),
        ("株式会社アルファの佐藤です。", "株式会社アルファの[name]です。"),
        ("氏名：山田太郎", "氏名：[name]"),
        ("よろしくお願いします。\n株式会社アルファ 佐藤", "よろしくお願いします。\n株式会社アルファ [name]"),
        ("My name is John Smith and", "My name is [name] and"),
        ("It fails.\n\nKind regards,\nJohn Smith", "It fails.\n\nKind regards,\n[name]"),
        ("Dear Ms. Sato,", "Dear Ms. [name],"),
        ("Hi John,\nit works", "Hi [name],\nit works"),
        ("my wife Anna Weber, who", "my wife [name], who"),
        ("I spoke to Anna Weber", "I spoke to [name]"),
        ("昨日、山田太郎が来ました", "昨日、[name]が来ました"),
    ],
)
def test_a_name_is_found_by_what_stands_around_it(text: str, expected: str) -> None:
    assert redact(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "お客様、皆様、業者さん、店員さん、神様、お疲れ様、奥さん、スタッフさん、仕様、同様、たくさん",
        "とても便利です。助かります。",
        "Dear Support Team,",
        "Hi all,\nThanks again",
        "order 1234567890, order ORD-2024-0312-4567, invoice 4111111111111111",
        "注文番号1234567890、注文番号は4111111111111111",
        "version 102.6.1, バージョン10.0.19.41, v1.2.3.4",
        "2024-03-12 10:20, 2024/3/12, 12:30:45, 2024年3月12日",
        "error 0x80004005, E-1234, 5.7.26, HTTP 404, エラー123-4567",
        "福井県に2-3回行った。福井市から30-40分。東京都渋谷区が好き",
        "password reset, the password is wrong, パスワードは8文字以上",
        "std::vector<int>, [a::b], 10:20:30",
        "I updated from 1.2.3.4 to 1.2.4.0; 10.0.1.7に更新しました; Thunderbird 2.0.0.23",
        "parcel 9400 1000 0000 0000 0000 00, order ORD-2022-4605-0220, part 780-007-4925",
        "b727899c-71af-47e5-b005-0519582edb46, a1b2c30312345678d4e5f6a7b8c9d0e1f2a3b4c5",
        "I have 5 Google Drive accounts and moved to Windows 11 in March 2020",
        "in Bern 2020, in Excel 65536 rows, at step 3 of the way",
        "この地区1-2、平野屋さん、朝倉氏遺跡、東京都渋谷区100人",
        "model XR7 2AB, serial H2X 1Y4, part no. 12-345",
        "the CAP theorem 2000, a cap of 5000 requests, a zip of 1200 files, zip archive 12345.zip, CEP 12",
        "the zip is 50000 bytes, postal code search returned 500, 郵便番号検索で500エラー",
        "住所録の150-2000件、123-4567は伝票番号、郵便番号はない",
        "already masked: [email], [phone]さん",
        "",
    ],
)
def test_text_without_findings_comes_back_as_it_is(text: str) -> None:
    assert redact(text).text == text
    assert redact(text).found == ()


@given(st.text(max_size=80))
def test_offsets_count_the_input_and_what_lies_between_stays(text: str) -> None:
    redaction = redact(text)
    rebuilt, position = "", 0
    for finding in redaction.found:
        assert position <= finding.start < finding.end <= len(text)
        rebuilt += text[position : finding.start] + f"[{finding.type}]"
        position = finding.end
    assert rebuilt + text[position:] == redaction.text


@given(
    st.lists(
        st.sampled_from(
            ["ﾊﾟ", "㍿", "０９０－１２３４－５６７８", "a@b.example", "様", "山田", " ", "\n", "か゚"]
        ),
        max_size=8,
    )
)
def test_offsets_hold_where_folding_changes_lengths(parts: list[str]) -> None:
    text = "".join(parts)
    for finding in redact(text).found:
        assert finding.type != "email" or "b.example" in text[finding.start : finding.end]
        assert finding.type in TYPES


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "a",
            "1",
            "1 ",
            "1-",
            "1.",
            "a@",
            "a.",
            "@",
            "+1",
            "GB1",
            ":",
            "::1",
            "市",
            "東京都",
            "1-1市",
            "1丁目",
            "様",
        ),
        *(
            "山田様",
            "A ",
            "Aa ",
            "Thanks\n",
            "Dear A",
            "https://",
            "?key=",
            "password ",
            "eyJ",
            "[email]",
            "Aa\n",
            "0",
        ),
        *(
            "-----BEGIN PRIVATE KEY-----",
            "〒",
            "トークン",
            "x.",
            "名前:",
            "です",
            "は山",
            "ー",
            "zip 1, ",
            "00-000 ",
            "株式会社",
            "Mr. A",
            " ",
            "> ",
        ),
    ],
)
@pytest.mark.timeout(180)  # squares and worse of this length would take hours
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    assert all(0 <= found.start < found.end <= len(text) for found in redact(text).found)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("注文しましたが、03-1234-5678へ", "注文しましたが、[phone]へ"),
        ("エラーが出ます 03-1234-5678", "エラーが出ます [phone]"),
        ("The order failed, 415-555-2671 is mine", "The order failed, [phone] is mine"),
        ("お客様番号 090-1234-5678", "お客様番号 [phone]"),
        ("書き出しのエラー ４１１１１１１１１１１１１１１１", "書き出しのエラー [card]"),
        ("注文番号は 4111111111111111", "注文番号は 4111111111111111"),
        ("order no. 415-555-2671", "order no. 415-555-2671"),
        ("ORD-090-1234-5678", "ORD-090-1234-5678"),
    ],
)
def test_only_a_word_right_before_a_number_makes_it_another_kind_of_number(text: str, left: str) -> None:
    assert redact(text).text == left


@pytest.mark.parametrize("finder", [finder for _, finder, _ in FINDERS], ids=lambda finder: finder.__name__)
def test_every_finder_takes_an_empty_text(finder: object) -> None:
    assert callable(finder)
    assert list(finder("")) == []


class TestJsonLines:
    def test_each_line_comes_back_with_what_was_found(self) -> None:
        (line,) = redact_lines(['{"id": "1", "text": "連絡は a@example.com へ"}\n'])
        assert json.loads(line) == {
            "id": "1",
            "text": "連絡は [email] へ",
            "found": [{"start": 4, "end": 17, "type": "email"}],
        }

    def test_blank_lines_are_nothing(self) -> None:
        assert list(redact_lines(["\n", "  \n"])) == []

    def test_a_lone_surrogate_comes_back_as_it_was(self) -> None:
        (line,) = redact_lines(['{"id": 1, "text": "\\ud800"}'])
        assert json.loads(line)["text"] == "\ud800"
        line.encode()

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("{", "not JSON"),
            ("[1]", "not a JSON object"),
            ('{"text": "a"}', "no id"),
            ('{"id": true, "text": "a"}', "no id"),
            ('{"id": 1, "text": 2}', "no text"),
            ("[" * 100_000, "not JSON"),
        ],
    )
    def test_a_bad_line_is_named(self, line: str, reason: str) -> None:
        with pytest.raises(BadLine, match=f"line 2.*{reason}"):
            list(redact_lines(['{"id": 1, "text": "a"}', line]))
