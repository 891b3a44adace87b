"""What counts as the address of a page on the web."""

from urllib.parse import urlsplit

LONGEST = 2000


def is_web_address(text: str) -> bool:
    """Say whether a text is an address that a browser can open and a page may lead to."""
    if len(text) > LONGEST or any(c.isspace() or not c.isprintable() for c in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
