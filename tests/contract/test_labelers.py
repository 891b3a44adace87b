"""Every labeler takes this exam: its official double and the real one alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.labelers import LABELERS, open_labeler
from nlp.ports import Labeler

ENGLISH = (
    [
        "Cannot send mail after password change\n\nHello, since I changed my password yesterday nothing is.",
        "Mail is not sent after password change",
        "After I changed my password I cannot send mail any more. Please help!",
    ],
    [
        "How do I export the invoice as PDF?",
        "Exporting an invoice as PDF\n\nDear team, where is the export?",
        "I want to export my invoice as a PDF file, [email] told me it works.",
    ],
)
JAPANESE = (
    [
        "お世話になっております。パスワードを変更した後、メールが送れません。",
        "パスワード変更後にメールが送れないのですが、どうすればいいでしょうか",
        "パスワード変更後からメールが送れなくなりました。",
    ],
    [
        "請求書をPDFで出力したいです",
        "請求書のPDF出力の方法を教えてください",
        "請求書をPDFで出力できません。[email]に連絡ください",
    ],
)
ODD: tuple[list[str], ...] = (
    [],
    [""],
    ["   \n\n  "],
    ["[email]"],
    ["😀😀😀"],
    ["!!!???---" * 50],
    ["a" * 5000],
    ["あ" * 5000],
    [" ".join(["word"] * 4000)],
    ["한국어 문의입니다 로그인이 안 됩니다"],
    ["Não consigo enviar mensagens", "Não consigo enviar e-mail"],
    ["สวัสดี ฉันไม่สามารถเข้าสู่ระบบได้"],
    ["same"] * 1000,
)


@pytest.fixture(params=sorted(LABELERS))
def labeler(request: pytest.FixtureRequest) -> Labeler:
    return open_labeler(request.param)


@pytest.mark.parametrize(("groups", "lang"), [(ENGLISH, "en"), (JAPANESE, "ja")])
def test_every_group_has_a_title_and_keywords_of_its_own(
    labeler: Labeler, groups: tuple[list[str], ...], lang: str
) -> None:
    first, second = labeler.label(groups, lang=lang)
    assert first.title != second.title
    assert first.keywords
    assert second.keywords
    assert len(set(first.keywords)) == len(first.keywords)


def test_equal_groups_still_have_different_titles(labeler: Labeler) -> None:
    labels = labeler.label([ENGLISH[0]] * 5, lang="en")
    assert len({label.title.casefold() for label in labels}) == 5


@pytest.mark.parametrize("texts", ODD, ids=range(len(ODD)))
def test_whatever_was_written_there_is_a_short_title(labeler: Labeler, texts: list[str]) -> None:
    (label,) = labeler.label([texts], lang="und")
    assert 0 < len(label.title) <= 60
    assert label.title == label.title.strip()
    assert "\n" not in label.title


def test_no_group_has_no_label(labeler: Labeler) -> None:
    assert labeler.label([], lang="en") == []


@settings(max_examples=50, deadline=None)
@given(groups=st.lists(st.lists(st.text(max_size=80), max_size=4), max_size=4))
def test_the_same_groups_have_the_same_labels(groups: list[list[str]]) -> None:
    for name in sorted(LABELERS):
        labeler = open_labeler(name)
        found = labeler.label(groups, lang="en")
        assert found == labeler.label(groups, lang="en")
        assert len({label.title.casefold() for label in found}) == len(groups)


def test_an_unknown_labeler_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no labeler poet"):
        open_labeler("poet")
