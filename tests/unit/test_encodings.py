"""How a file is written is recognised, or asked for; it is never guessed into nonsense."""

from pathlib import Path

import pytest

from connectors.errors import Unreadable
from connectors.files.encodings import clean, lines, named, recognise

JAPANESE = "件名,本文\nログインできない,変更したあとログインできません①\n請求書,請求書の日付が違います。\n"
SPANISH = (
    "id,text\n1,No puedo iniciar sesión\n2,¿Dónde está la configuración?\n3,la aplicación falló mañana\n"
)
CHINESE = "id,text\n1,我无法登录我的账户\n2,请帮我重置密码谢谢\n"
KOREAN = "id,text\n1,비밀번호를 잊어버렸어요\n2,로그인이 안 됩니다\n"


def written(folder: Path, data: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "recognised"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp932", "cp932"),
        ("euc_jis_2004", "euc-jp"),
        ("iso2022_jp_2004", "iso-2022-jp"),
    ],
)
def test_japanese_is_recognised_and_read_in_every_usual_encoding(
    tmp_path: Path, encoding: str, recognised: str
) -> None:
    text = JAPANESE.replace("①", "") if encoding.startswith(("euc", "iso")) else JAPANESE
    path = written(tmp_path, text.encode(encoding))
    assert recognise(path) == recognised
    assert "".join(line.text for line in lines(path, recognised)) == text


def test_a_japanese_file_may_be_mostly_ascii(tmp_path: Path) -> None:
    path = written(tmp_path, ("id,text\n" + "1,hello\n" * 500 + "2,ありがとう\n").encode("cp932"))
    assert recognise(path) == "cp932"


def test_an_apostrophe_makes_no_kanji(tmp_path: Path) -> None:
    text = "id,text\n1,It’s broken\n2,I don’t know why\n"
    path = written(tmp_path, text.encode("cp1252"))
    assert recognise(path) == "cp1252"
    assert "".join(line.text for line in lines(path, "cp1252")) == text


def test_letters_with_accents_are_western_and_not_japanese(tmp_path: Path) -> None:
    path = written(tmp_path, SPANISH.encode("cp1252"))
    assert recognise(path) == "cp1252"
    assert "".join(line.text for line in lines(path, "cp1252")) == SPANISH


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gbk"),
        (CHINESE.replace("我无法", "我無法"), "gb18030"),
        (KOREAN, "euc_kr"),
        (KOREAN, "johab"),
    ],
)
def test_what_is_in_no_known_encoding_is_asked_for(tmp_path: Path, text: str, encoding: str) -> None:
    with pytest.raises(Unreadable, match="--encoding"):
        recognise(written(tmp_path, text.encode(encoding)))


def test_one_broken_line_does_not_change_what_the_others_are(tmp_path: Path) -> None:
    good = "番号,本文\n1,こんにちは\n".encode()
    assert recognise(written(tmp_path, good + b"2,\xff\xfe\x81\n" + "3,さようなら\n".encode())) == "utf-8"
    assert recognise(written(tmp_path, b"id,text\n1,hello\n2,\xff\xfe\n3,bye\n")) == "utf-8"
    broken = list(lines(written(tmp_path, b"id,text\n1,hello\n2,\xff\xfe\n3,bye\n"), "utf-8"))
    assert [line.broken for line in broken] == [False, False, True, False]


def test_a_stray_nul_does_not_make_a_file_utf_16(tmp_path: Path) -> None:
    path = written(tmp_path, b"id,text\n1,a\x00b\x00c\x00d\n2,\x00\n")
    assert recognise(path) == "utf-8"
    assert [line.text for line in lines(path, "utf-8")][1:] == ["1,a\ufffdb\ufffdc\ufffdd\n", "2,\ufffd\n"]


def test_surrogates_written_as_utf_8_are_read(tmp_path: Path) -> None:
    lone = "a\ud800b\n".encode("utf-8", "surrogatepass")
    pair = "\ud83d\ude00\n".encode("utf-8", "surrogatepass")
    assert [line.text for line in lines(written(tmp_path, lone + pair), "utf-8")] == ["a\ufffdb\n", "😀\n"]


def test_vendor_rows_of_jis_are_read(tmp_path: Path) -> None:
    # ① is 0x2D21 in JIS as Windows writes it; the ISO-2022-JP of the standard does not know it.
    path = written(tmp_path, b'\x1b$B\x2d\x21\x1b(B,\x1b$B$"\x1b(B\n')
    assert [line.text for line in lines(path, "iso-2022-jp")] == ["①,あ\n"]


def test_clean_text_is_what_a_database_takes() -> None:
    assert clean("a\0b\ud800c\U0001f600") == "a\ufffdb\ufffdc\U0001f600"


@pytest.mark.parametrize(
    ("given", "usual"), [("Shift_JIS", "cp932"), ("UTF8", "utf-8"), ("EUC-JP", "euc-jp")]
)
def test_encodings_go_by_their_usual_names(given: str, usual: str) -> None:
    assert named(given) == usual


def test_an_unknown_encoding_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Unreadable, match="cp932"):
        named("klingon")
