"""What a person does with a suggestion: accept, dismiss, take back, or say that it was published.

Each changes the suggestion, and what follows from it, in the caller's transaction. Two people who decide
at once wait for each other; the second meets what the first decided.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlmodel import Session

from connectors.registry import TARGETS
from connectors.target_port import ACCEPTED
from connectors.target_port import Target as TargetPort
from service.errors import Conflict, WrongUse
from service.models import Suggestion, Target
from service.pipeline import loop
from service.repositories import deliveries, interventions, organisations, outbox, targets, themes
from service.repositories.suggestions import lock_suggestion
from service.rules.decisions import premise

UNDECIDED = frozenset({"open", "snoozed"})
INTERVENTION_KINDS = {"fix_product": "fix"}
"""What a published suggestion is as an intervention; all others are articles."""


def accept(
    session: Session,
    organisation_id: str,
    suggestion_id: str,
    *,
    by: str,
    to: Collection[str] | None = None,
    links: Mapping[str, str] | None = None,
) -> Suggestion:
    """Decide to do it, and let it wait for every target that takes its action, or for those that `to` names.

    At the targets that `links` names it is a note under what stands there already (by its reference), and
    nothing is made. Accepting again changes nothing. Raises NotFound, Conflict where somebody dismissed it,
    and WrongUse for a name of no target that takes it, or a link at one where it is not sent or none can be.
    """
    suggestion = lock_suggestion(session, organisation_id, suggestion_id)
    if suggestion.status in ("accepted", "delivered", "done"):
        return suggestion
    if suggestion.status == "dismissed":
        raise Conflict(f"{suggestion.decided_by} dismissed this suggestion; reopen it first")
    chosen = None if to is None else _chosen(session, suggestion, to)
    _decide(suggestion, "accepted", by=by, reason=None)
    suggestion.sent_to = chosen
    put_in_outbox(session, suggestion, links=links)
    loop.refresh(session, organisation_id)
    return suggestion


def dismiss(
    session: Session,
    organisation_id: str,
    suggestion_id: str,
    *,
    by: str,
    reason: str,
    review_at: datetime | None = None,
) -> Suggestion:
    """Decide against it, with the reason; what waits for a target is taken back.

    It comes back at `review_at`, or once many more people speak of it (`service/rules/decisions.py`). Raises
    NotFound, WrongUse without a reason, and Conflict where it was sent or published already.
    """
    if not reason.strip():
        raise WrongUse("say why this suggestion is dismissed")
    suggestion = lock_suggestion(session, organisation_id, suggestion_id)
    _take_back(session, suggestion)
    _decide(suggestion, "dismissed", by=by, reason=reason.strip())
    suggestion.review_at = review_at
    zone = organisations.zone_of(session, organisation_id)
    figures = themes.theme_figures(session, organisation_id, suggestion.theme_id, zone=zone)
    suggestion.premise = dict(premise(people=figures.people, contacts=figures.contacts))
    loop.refresh(session, organisation_id)
    return suggestion


def reopen(session: Session, organisation_id: str, suggestion_id: str) -> Suggestion:
    """Undo a decision, or open again what is done and still asked about.

    Raises NotFound, and Conflict where it was sent or published already and nothing asks to open it again.
    """
    suggestion = lock_suggestion(session, organisation_id, suggestion_id)
    if not asks_again(suggestion):
        _take_back(session, suggestion)
        suggestion.came_back = None
    suggestion.status = "open"
    suggestion.decided_by = suggestion.decided_at = suggestion.decision_reason = suggestion.sent_to = None
    suggestion.review_at = suggestion.premise = None
    loop.refresh(session, organisation_id)
    return suggestion


def leave(session: Session, organisation_id: str, suggestion_id: str, *, by: str) -> Suggestion:
    """Let what is done stay done, though it is still asked about; it is not asked again.

    Leaving it twice changes nothing. Raises NotFound, and Conflict where nothing asks to open it again.
    """
    suggestion = lock_suggestion(session, organisation_id, suggestion_id)
    if suggestion.status != "done" or not suggestion.came_back:
        raise Conflict("nothing asks to open this suggestion again")
    suggestion.reasons = [one for one in suggestion.reasons if one["code"] != suggestion.came_back["code"]]
    suggestion.came_back = {"left_by": by} | suggestion.came_back
    return suggestion


def asks_again(suggestion: Suggestion) -> bool:
    """Say whether a suggestion is done, still asked about, and nobody has said what follows from that."""
    return suggestion.status == "done" and "left_by" not in (suggestion.came_back or {"left_by": ""})


def published(
    session: Session, organisation_id: str, suggestion_id: str, *, url: str | None, at: datetime, by: str
) -> Suggestion:
    """Note that customers have it since `at`: from that day on its effect is measured.

    Told twice, the first day stays and the address is replaced. Raises NotFound, WrongUse for a URL that
    is no web address or a time without zone, and Conflict for a decision not to act.
    """
    if url is not None and not url.startswith(("https://", "http://")):
        raise WrongUse("the address of what was published starts with https:// or http://")
    if at.tzinfo is None:
        raise WrongUse("the time of publishing needs a time zone")
    suggestion = lock_suggestion(session, organisation_id, suggestion_id)
    if suggestion.action == "no_action":
        raise Conflict("this is a decision not to act; there is nothing to publish")
    if suggestion.status in UNDECIDED | {"dismissed"}:
        _decide(suggestion, "done", by=by, reason=None)
    again, suggestion.status = suggestion.status != "done", "done"
    suggestion.published_url = url or suggestion.published_url
    kind = INTERVENTION_KINDS.get(suggestion.action, "article")
    interventions.open_intervention(session, suggestion, kind=kind, at=at, again=again)
    loop.refresh(session, organisation_id)
    return suggestion


def put_in_outbox(
    session: Session, suggestion: Suggestion, *, links: Mapping[str, str] | None = None
) -> None:
    """Let a suggestion with a draft wait for every target where it is sent; `links` as for `accept`."""
    links = links or {}
    taking = {} if suggestion.draft is None else sent_to(session, suggestion)
    if unknown := links.keys() - {name for name, (_, kind) in taking.items() if kind.follows}:
        raise WrongUse(f"“{min(unknown)}” is no target at which this suggestion can be linked")
    for name, (target, _) in taking.items():
        deliveries.put(session, suggestion, target, at=outbox.clock(session), link_to=links.get(name))


def takers(session: Session, suggestion: Suggestion) -> dict[str, tuple[Target, type[TargetPort]]]:
    """Return the targets that take a suggestion's action, with what they are, by name."""
    return {
        target.name: (target, kind)
        for target in targets.list_targets(session, suggestion.organisation_id)
        if (kind := TARGETS.get(target.kind)) is not None
        and suggestion.action in kind.takes
        and ACCEPTED in kind.chosen(target.settings)
    }


def sent_to(session: Session, suggestion: Suggestion) -> dict[str, tuple[Target, type[TargetPort]]]:
    """Return those of the takers that whoever accepted it chose, by name; all where nobody chose."""
    chosen, taking = suggestion.sent_to, takers(session, suggestion)
    return {name: one for name, one in taking.items() if chosen is None or one[0].id in chosen}


def _chosen(session: Session, suggestion: Suggestion, names: Collection[str]) -> list[str]:
    taking = takers(session, suggestion)
    if unknown := sorted(set(names) - taking.keys()):
        raise WrongUse(f"“{unknown[0]}” is no target that takes this suggestion")
    return sorted(taking[name][0].id for name in set(names))


def _take_back(session: Session, suggestion: Suggestion) -> None:
    if suggestion.status in ("delivered", "done"):
        raise Conflict(f"this suggestion is {suggestion.status} already")
    if not deliveries.withdraw(session, suggestion.organisation_id, suggestion.id):
        raise Conflict("this suggestion is on its way to a target already")


def _decide(suggestion: Suggestion, status: str, *, by: str, reason: str | None) -> None:
    suggestion.status = status
    suggestion.decided_by = by
    suggestion.decided_at = datetime.now(UTC)
    suggestion.came_back = suggestion.sent_to = None
    suggestion.decision_reason = reason
