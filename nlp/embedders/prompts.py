"""What some models want in front of every text, and do not say."""

import re

E5 = re.compile(r"(?i)\be5\b(?!.*instruct)")
E5_PROMPT = "query: "
"""Of this family, for texts that are compared with each other: all stand on one side, so that one vector
a text serves themes and search alike."""


def prompt_of(model: str) -> str:
    """Return what a model of this name wants in front of every text; nothing for most."""
    return E5_PROMPT if E5.search(model) else ""
