"""One-time secrets: made at random, handed out once, and kept as a digest alone."""

import hashlib
import secrets


def new_secret() -> str:
    """Return 256 random bits as text that fits into an address, a cookie and a header."""
    return secrets.token_hex(32)


def fingerprint(secret: str) -> str:
    """Return the SHA-256 that is kept of a secret.

    A secret of 256 random bits cannot be guessed, so nothing slower is needed, as it is for passwords.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
