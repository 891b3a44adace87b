"""A few quotes that stand for many: each says something else, and is another person's."""

from collections.abc import Sequence

from nlp.centrality import Said

MOST = 3
SHORTEST, LONGEST = 8, 160
"""Characters of a text that can stand alone and is read at a glance."""


def quotes(texts: Sequence[str], owners: Sequence[str], *, most: int = MOST) -> list[int]:
    """Return the places of the texts to quote, those that most others support first.

    `owners` says whose each text is. A text that is too long, or hardly anything, is taken only where
    nothing else is there.
    """
    fit = [place for place, text in enumerate(texts) if SHORTEST <= len(text) <= LONGEST]
    places = fit or list(range(len(texts)))
    said = Said([texts[place] for place in places], [owners[place] for place in places])
    support = said.support()
    chosen: list[int] = []
    for row in sorted(range(len(places)), key=lambda row: (-support[row], row)):
        taken = {owners[places[other]] for other in chosen}
        if len(chosen) < most and owners[places[row]] not in taken and said.is_new(row, chosen):
            chosen.append(row)
    return [places[row] for row in chosen]
