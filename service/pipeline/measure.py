"""The stage that compares each intervention's theme before and after, and says what that is worth."""

from datetime import date, tzinfo

from sqlmodel import Session

from service.db import Database
from service.models import Effect, Intervention
from service.models.item import CONTACT_CHANNELS
from service.pipeline import asking, loop
from service.pipeline.report import Progress, Report, silent
from service.repositories import effects, interventions, organisations, themes
from service.repositories.heard import heard_between
from service.rules.effect import plain_before_after, still_asked

STAGE = "measure"


def run(
    db: Database, organisation_id: str, *, public_url: str | None = None, progress: Progress = silent
) -> Report:
    """Find the theme that each intervention means today, and compare its contacts before and after.

    What is done and still asked about asks to be opened again.
    """
    with db.begin() as session:
        zone = organisations.zone_of(session, organisation_id)
        opened = interventions.list_interventions(session, organisation_id)
        heard = heard_between(session, organisation_id, zone=zone, channels=CONTACT_CHANNELS)
        names = []
        for number, intervention in enumerate(opened, start=1):
            if heard is None or not _measure(session, intervention, heard, zone, public_url):
                names.append(intervention.intervention_id)
                effects.forget(session, organisation_id, intervention.id)
            progress(STAGE, number, len(opened))
        session.flush()
        loop.refresh(session, organisation_id)
    notes = (f"These interventions mean no theme yet: {', '.join(names)}.",) if names else ()
    return Report(stage=STAGE, done=len(opened) - len(names), notes=notes)


def _measure(
    session: Session,
    intervention: Intervention,
    heard: tuple[date, date],
    zone: tzinfo,
    public_url: str | None,
) -> bool:
    """Write the effect of an intervention; False where it means no theme."""
    theme_id = interventions.meant_theme(session, intervention)
    intervention.theme_id = theme_id
    if theme_id is None:
        return False
    contacts = themes.contacts_of(
        session, intervention.organisation_id, [theme_id], zone=zone, segment=intervention.segment
    )
    compared = plain_before_after(
        contacts.get(theme_id, []),
        on=intervention.occurred_at.astimezone(zone).date(),
        first_day=heard[0],
        last_day=heard[1],
    )
    effects.keep(
        session,
        Effect(
            intervention_id=intervention.id,
            organisation_id=intervention.organisation_id,
            theme_id=theme_id,
            verdict=compared.verdict,
            relative_effect=compared.naive,
            naive=compared.naive,
            observed=compared.observed,
            expected=compared.expected,
            weeks_needed=compared.weeks_needed,
            reasons=[dict(reason) for reason in compared.reasons],
        ),
    )
    asking.ask(session, intervention, still_asked(compared), public_url=public_url)
    return True
