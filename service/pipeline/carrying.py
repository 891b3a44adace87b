"""Suggestions of themes that became one: of those that say to do the same, one carries on for the others.

What the others have delivered stays where it is, and nothing is taken away there; what of theirs waits is not
sent. So it stays when what carries on is done: that was done for all of them. Where the themes come apart
again, or what carries on is open again or dismissed, each goes on by itself.
"""

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from service.models import Suggestion
from service.repositories import deliveries, suggestions
from service.repositories.alarms import successors
from service.rules.alarms import led_on
from service.rules.decisions import Carried, carriers


def settle(session: Session, organisation_id: str) -> None:
    """Note of each accepted suggestion which other one carries on for it, by what became of its theme."""
    leads_on = successors(session, organisation_id)
    accepted = suggestions.lock_accepted(session, organisation_id)
    done_for = _done_for(accepted, leads_on)
    found = carriers(
        Carried(
            suggestion_id=one.id,
            action=one.action,
            theme_id=led_on(one.theme_id, leads_on) or one.theme_id,
            lives_on=one.theme_id not in leads_on,
            decided_at=one.decided_at,
        )
        for one in accepted
        if one.status in suggestions.UNDER_WAY and one.id not in done_for
    )
    for one in accepted:
        carrier = done_for.get(one.id) or found.get(one.id)
        if carrier is not None and one.carried_on_by != carrier:
            deliveries.withdraw_plain(session, organisation_id, one.id)
        one.carried_on_by = carrier
    session.flush()


def _done_for(accepted: Sequence[Suggestion], leads_on: Mapping[str, str]) -> dict[str, str]:
    """Return by what each is carried on that is done by now, as long as both are about one theme."""
    done = {one.id: one for one in accepted if one.status == "done"}
    return {
        one.id: carrier.id
        for one in accepted
        if one.status in suggestions.UNDER_WAY
        and (carrier := done.get(one.carried_on_by or ""))
        and led_on(one.theme_id, leads_on) == led_on(carrier.theme_id, leads_on)
    }
