"""Cursors: where a list goes on, as an opaque text.

It is nobody's secret: whoever makes one up chooses a place among what they may see anyway.
"""

import base64
import binascii

from service.errors import WrongUse


def write_cursor(*parts: str) -> str:
    """Return the cursor that holds these texts, of which only the last may have several lines."""
    return base64.urlsafe_b64encode("\n".join(parts).encode()).decode().rstrip("=")


def read_cursor(cursor: str, count: int) -> list[str]:
    """Return the `count` texts that a cursor holds. Raises WrongUse for one that Koe never gave out."""
    try:
        said = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise no_cursor() from error
    parts = said.split("\n", count - 1)
    if len(parts) != count or "\0" in said:
        raise no_cursor()
    return parts


def no_cursor() -> WrongUse:
    """Return the error of a cursor that Koe never gave out."""
    return WrongUse("This cursor is not one that Koe gave out; begin without one.")
