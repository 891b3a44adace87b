"""Cells of a text table that a spreadsheet would run as a formula (OWASP, CSV injection)."""

STARTS = tuple("=+-@\t\r|＝＋－＠")
_PASSED = " \u3000'"
"""What may stand before the start: a spreadsheet passes spaces, and an apostrophe is what we put there."""


def harmless(text: str) -> str:
    """Return the cell so that a spreadsheet shows it and does not run it: with an apostrophe before it."""
    return f"'{text}" if _is_formula(text) else text


def original(cell: str) -> str:
    """Return what was made `harmless`."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell[1:]) else cell


def _is_formula(text: str) -> bool:
    return text.lstrip(_PASSED).startswith(STARTS)
