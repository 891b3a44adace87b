"""Where a request that changes something comes from: our own pages, or another site (Fetch Metadata)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def is_ours(headers: Mapping[str, str], *, or_unsaid: bool) -> bool:
    """Say whether our own pages sent this; browsers say so in `Sec-Fetch-Site`, older ones in `Origin`.

    What says neither is no browser, or a very old one: whether it passes is `or_unsaid`.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return or_unsaid
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:
        return False
