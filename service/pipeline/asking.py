"""Asks to open again what is done, where customers ask as much as before: here, and at its targets."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlmodel import Session

from connectors.outgoing import News
from connectors.target_port import STILL_ASKED
from service.models import Intervention, Suggestion
from service.pipeline.outgoing import link_of
from service.repositories import deliveries, interventions, outbox, targets
from service.repositories.suggestions import lock_suggestion

WORDS: Mapping[str, str] = {
    "en": "Customers ask as much as before: {contacts} contacts in the {weeks} weeks since this was done, "
    "where {expected} were expected had nothing changed. Please consider opening it again.",
    "ja": "対応後も問い合わせが減っていません（{weeks} 週間で {contacts} 件。"
    "何も変わらない場合の見込みは {expected} 件）。もう一度対応するかどうか、ご検討ください。",
}


def ask(
    session: Session,
    intervention: Intervention,
    why: Mapping[str, object] | None,
    *,
    public_url: str | None,
) -> None:
    """Let what an intervention came from ask to be opened again because of `why`; None takes that back.

    Only what is done asks, and of its interventions the last one; targets are told once of each.
    """
    if intervention.suggestion_id is None:
        return
    suggestion = lock_suggestion(session, intervention.organisation_id, intervention.suggestion_id)
    last = interventions.of_suggestion(session, suggestion.organisation_id, suggestion.id)
    if suggestion.status != "done" or last is None or last.id != intervention.id:
        return
    before = suggestion.came_back or {}
    if before.get("intervention") == intervention.intervention_id and "left_by" in before:
        return
    others = [one for one in suggestion.reasons if one["code"] != "still_asked"]
    suggestion.reasons = [dict(why), *others] if why else others
    if why and not before:
        suggestion.came_back_at = datetime.now(UTC)
    suggestion.came_back = {**why, "intervention": intervention.intervention_id} if why else None
    if why:
        _tell(session, suggestion, intervention, why, public_url=public_url)


def _tell(
    session: Session,
    suggestion: Suggestion,
    intervention: Intervention,
    why: Mapping[str, object],
    *,
    public_url: str | None,
) -> None:
    """Let a note wait for every target at which it is followed."""
    known = {one.id: one for one in targets.list_targets(session, suggestion.organisation_id)}
    sent = deliveries.list_deliveries(session, suggestion.organisation_id, suggestion_id=suggestion.id)
    for delivery in sent:
        if delivery.look_at is None or delivery.target_id not in known:
            continue
        words = WORDS["ja" if suggestion.lang == "ja" else "en"]
        told = News(
            event=STILL_ASKED,
            subject_id=intervention.intervention_id,
            at=datetime.now(UTC),
            data={
                "delivery_id": delivery.id,
                "theme_id": suggestion.theme_id,
                "text": words.format(**why),
                "link": link_of(f"/suggestions/{suggestion.id}", public_url),
            },
        )
        now = outbox.clock(session)
        deliveries.put_news(session, told, known[delivery.target_id], at=now, link_to=delivery.reference)
