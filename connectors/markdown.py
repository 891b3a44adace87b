"""Markdown of other systems as what its author said."""

from connectors.own import is_own


def said(text: str | None) -> str:
    """Return what somebody wrote, without comments that the page does not show, such as those of a template.

    What Koe itself wrote stays as it is: its mark is such a comment.
    """
    if text is None or is_own(text):
        return text or ""
    kept, position = list[str](), 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[position:start])
        position = end + len("-->")
    return "".join([*kept, text[position:]]).strip()
