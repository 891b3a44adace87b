"""Secrets at rest: closed for whoever lacks the key, and bound to what they belong to."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from service.config import Settings
from service.errors import Unavailable, WrongUse
from service.sealing import KEY_FILE, Seal

KEY = "correct horse battery staple"
SEAL = Seal(KEY)


@given(st.text(), st.text())
def test_what_was_closed_opens_and_is_never_closed_alike_twice(secret: str, about: str) -> None:
    sealed = SEAL.seal(secret, about)
    assert SEAL.open(sealed, about) == secret
    assert sealed != SEAL.seal(secret, about)
    assert len(secret) < 4 or secret.encode() not in sealed


@pytest.mark.parametrize(
    ("sealed", "about"),
    [
        (Seal("another key of some length").seal("s", "source:1"), "source:1"),
        (SEAL.seal("s", "source:1"), "source:2"),
        (SEAL.seal("s", "source:1"), "target:1"),
        (SEAL.seal("s", "source:1")[:-1], "source:1"),
        (SEAL.seal("s", "source:1") + b"x", "source:1"),
        (b"\x02" + SEAL.seal("s", "source:1")[1:], "source:1"),
        (b"\x01", "source:1"),
        (b"", "source:1"),
    ],
    ids=[
        "another key",
        "another source",
        "another noun",
        "cut",
        "longer",
        "another format",
        "begun",
        "empty",
    ],
)
def test_another_key_another_owner_or_an_altered_byte_is_told_and_opens_nothing(
    sealed: bytes, about: str
) -> None:
    with pytest.raises(Unavailable, match="another key"):
        SEAL.open(sealed, about)


def test_a_seal_shows_nothing_of_its_key(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, secret_key=SecretStr(KEY))
    seal = Seal.of(settings)
    with pytest.raises(Unavailable) as raised:
        seal.open(b"", "source:1")
    shown = f"{seal!r}{seal}{vars(seal)}{settings!r}{raised.value}"
    assert KEY not in shown
    assert list(tmp_path.iterdir()) == []


def test_a_short_key_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="16 characters"):
        Seal.of(Settings(home=tmp_path, secret_key=SecretStr("x" * 15)))


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new" / "home", secret_key=None)
    sealed = Seal.of(settings).seal("s", "source:1")
    assert Seal.of(settings).open(sealed, "source:1") == "s"
    (made,) = settings.home.iterdir()
    assert made.name == KEY_FILE
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_of_many_that_make_the_key_at_once_all_have_the_same(tmp_path: Path) -> None:
    together = Barrier(8)

    def seal(_: int) -> Seal:
        together.wait()
        return Seal.of(Settings(home=tmp_path, secret_key=None))

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(seal, range(8))
    assert [other.open(first.seal("s", "a"), "a") for other in others] == ["s"] * 7
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_key_that_others_can_read_or_that_is_gone_is_told_and_not_replaced(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, secret_key=None)
    Seal.of(settings)
    key = tmp_path / KEY_FILE
    key.chmod(0o640)
    with pytest.raises(Unavailable, match="chmod 600"):
        Seal.of(settings)
    key.chmod(0o600)
    key.write_text("")
    with pytest.raises(Unavailable, match="no key"):
        Seal.of(settings)
    assert key.read_text() == ""
