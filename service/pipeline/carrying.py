"""Suggestions of themes that became one: of those that say to do the same, one carries on for the others.

What the others have delivered stays where it is, and nothing is taken away there; what of theirs waits is not
sent. Where the themes come apart again, each goes on by itself.
"""

from sqlmodel import Session

from service.repositories import deliveries, suggestions
from service.repositories.alarms import successors
from service.rules.alarms import led_on
from service.rules.decisions import Carried, carriers


def settle(session: Session, organisation_id: str) -> None:
    """Note of each accepted suggestion which other one carries on for it, by what became of its theme."""
    leads_on = successors(session, organisation_id)
    accepted = suggestions.lock_accepted(session, organisation_id)
    found = carriers(
        Carried(
            suggestion_id=one.id,
            action=one.action,
            theme_id=led_on(one.theme_id, leads_on) or one.theme_id,
            lives_on=one.theme_id not in leads_on,
            decided_at=one.decided_at,
        )
        for one in accepted
        if one.status in suggestions.UNDER_WAY
    )
    for one in accepted:
        carrier = found.get(one.id)
        if carrier is not None and one.carried_on_by != carrier:
            deliveries.withdraw_unsent(session, organisation_id, one.id)
        one.carried_on_by = carrier
    session.flush()
