"""Which lists can be saved under a name, and when two of them are the same."""

from urllib.parse import parse_qsl, urlencode

PLACES = ("/themes", "/suggestions", "/items")
LONGEST_NAME = 80
LONGEST_QUERY = 2_000
PASSING = frozenset({"page", "ui", "changed"})
"""What stands in an address and is no filter."""


def filters_of(query: str) -> str:
    """Return the filters of an address, in one order, without those that are empty."""
    pairs = sorted((name, value) for name, value in parse_qsl(query) if name not in PASSING and value.strip())
    return urlencode(pairs)
