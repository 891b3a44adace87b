"""What people may see of a body that could not be read: without personal data, and no more than is needed."""

import re

from connectors.files.encodings import clean
from nlp.redact import redact

SHORT, LONG = 300, 20_000
"""Code points in a list, and where one body is shown."""
SPARE = 200
"""Code points at the end of what was looked at that are not shown: what is cut in two is not recognised."""
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def glimpse(body: bytes, most: int = SHORT) -> str:
    """Return the redacted beginning of a body in one line."""
    looked_at = 4 * (most + SPARE)
    written = body[:looked_at].decode("utf-8", "replace")
    # A character that JSON writes as \u0040 must not pass by the redactor in disguise.
    readable = clean(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), written))
    redacted = redact(readable).text
    line = " ".join((redacted[:-SPARE] if len(body) > looked_at else redacted).split())
    return line if len(line) <= most else f"{line[:most].rstrip()}…"
