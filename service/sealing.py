"""Secrets of connections at rest: AES-GCM under one key, each bound to what it is the secret of.

The key comes from KOE_SECRET_KEY, which several machines can share, else from a file that is made once and
that nobody but its owner can read. Whoever has a copy of the database alone reads no secret.
"""

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.config import Settings
from service.errors import Unavailable, WrongUse

KEY_FILE = "secret.key"
SHORTEST_KEY = 16
"""Characters of KOE_SECRET_KEY."""
FORMAT = b"\x01"
"""What a sealed secret begins with, so that another cipher can follow one day."""
NONCE = 12
"""Bytes, drawn anew for each secret."""


class Seal:
    """Closes secrets and opens them again; what it shows of itself holds no key."""

    def __init__(self, key: str) -> None:
        stretched = HKDF(SHA256(), length=32, salt=None, info=b"koe: secrets of connections")
        self._cipher = AESGCM(stretched.derive(key.encode("utf-8", "surrogateescape")))

    @classmethod
    def of(cls, settings: Settings) -> "Seal":
        """Return the seal of an installation; its key file is made when it is first needed.

        Raises WrongUse for a KOE_SECRET_KEY that is too short, Unavailable for a key file that others can
        read or that cannot be had.
        """
        if settings.secret_key is None:
            return cls(_key_in(settings.home))
        key = settings.secret_key.get_secret_value()
        if len(key) < SHORTEST_KEY:
            raise WrongUse(f"KOE_SECRET_KEY needs {SHORTEST_KEY} characters or more, drawn at random.")
        return cls(key)

    def seal(self, text: str, about: str) -> bytes:
        """Return a secret that opens only for what it is about (`source:ID`)."""
        nonce = secrets.token_bytes(NONCE)
        return FORMAT + nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())

    def open(self, sealed: bytes, about: str) -> str:
        """Return the secret. Raises Unavailable if it was closed with another key or about something else."""
        nonce, closed = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        try:
            if sealed[:1] != FORMAT:
                raise InvalidTag
            return self._cipher.decrypt(nonce, closed, about.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unavailable(
                f"The secret of {about} does not open: it was closed with another key. Set KOE_SECRET_KEY "
                f"or put back {KEY_FILE} in KOE_HOME as it was, else give the secret anew."
            ) from error


def _key_in(home: Path) -> str:
    path = home / KEY_FILE
    try:
        if not path.exists():
            home.mkdir(mode=0o711, parents=True, exist_ok=True)
            _make(path)
        if path.stat().st_mode & 0o077:
            raise Unavailable(f"Others can read the key in {path}. Close it: chmod 600 {path}")
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"The key in {path} cannot be read or made: {error}") from error
    if len(key) < SHORTEST_KEY:
        raise Unavailable(f"There is no key in {path}. Put back the one that was there.")
    return key


def _make(path: Path) -> None:
    """Write a key whole or not at all; of several that do so at once, the first one's counts."""
    fresh = path.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(32)}\n")
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)
    finally:
        fresh.unlink()
