"""Passwords: kept by Argon2id, whose work is done for two at a time."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.access.secret import new_secret
from service.errors import Unavailable

SHORTEST = 12
LONGEST = 500
"""Characters of a password."""
HASHER = PasswordHasher()
"""With the library's parameters (RFC 9106): 64 MiB each, so that guessing is dear."""
_turn = BoundedSemaphore(2)
_line = BoundedSemaphore(8)
"""Those at work and those who wait: more would take every thread of the server."""


def protect(password: str) -> str:
    """Return what is kept of a password."""
    with _in_turn():
        return HASHER.hash(_normal(password))


def proves(password: str, kept: str | None) -> bool:
    """Say whether a password is the one that is kept. Where none is kept the work is the same."""
    with _in_turn():
        try:
            HASHER.verify(kept or _nobodys(), _normal(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None


def is_outdated(kept: str) -> bool:
    """Say whether a password was kept with parameters of former days."""
    return HASHER.check_needs_rehash(kept)


def _normal(password: str) -> bytes:
    """Return the same for the same letters, whichever way a keyboard wrote them (ａ and a, ｶﾞ and ガ)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    return HASHER.hash(new_secret())


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _line.acquire(blocking=False):
        raise Unavailable("Many sign in at once. Try again in a moment.")
    try:
        with _turn:
            yield
    finally:
        _line.release()
