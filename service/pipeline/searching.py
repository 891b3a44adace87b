"""Which themes the searches belong to that found nothing: each goes to the nearest, or to none.

They are no voices: they count as no contact and make no theme, but say of a theme that people looked for its
answer before they asked.
"""

from nlp.embedders import Embedders
from service.db import Database
from service.models import Run
from service.pipeline import place
from service.repositories import searches

SURE = 0.5
"""How probably a person would put a search into the theme; a few words are soon near to anything."""
BATCH = 1000
"""Texts committed together."""


def update(db: Database, live: Run, embedders: Embedders) -> None:
    """Bring the themes of all searches in vain up to date with the live run.

    Raises Unavailable if an embedder's model cannot be loaded.
    """
    organisation_id = live.organisation_id
    with db.begin() as session:
        sought = searches.in_vain(session, organisation_id)
    for start in range(0, len(sought), BATCH):
        part = sought[start : start + BATCH]
        place.embed(db, organisation_id, embedders, part)
        with db.begin() as session:
            found = place.places_of(session, live, embedders, part)
            sure = {
                name: taken.theme_id if taken and (taken.confidence or 1) >= SURE else None
                for name, taken in found.items()
            }
            searches.put(session, organisation_id, sure)
