"""Targets: the backlogs and knowledge bases that deliveries go to."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from service.errors import Conflict, NotFound
from service.models import Target
from service.models.columns import digest

OF_ITS_LIFE = ("held_until", "held_reason", "refuses_since", "paused_at", "proof", "sealed_secrets")
"""What a target that comes again begins without."""


class Called(NamedTuple):
    """A target that calls."""

    organisation_id: str
    id: str
    kind: str
    proof: str
    sealed_secrets: bytes | None


def called(connection: Connection, its_id: str) -> Called | None:
    """Return a target if it may call, whoever's it is; None also where it was removed."""
    query = select_columns(*(col(getattr(Target, name)) for name in Called._fields)).where(
        col(Target.id) == its_id, col(Target.proof).is_not(None), col(Target.removed_at).is_(None)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Called(*row)


def target_id(organisation_id: str, name: str) -> str:
    """Return the id of the target of a name."""
    return digest(organisation_id, "target", name)


def add_target(
    session: Session,
    organisation_id: str,
    name: str,
    kind: str,
    settings: Mapping[str, object],
    *,
    automatic: bool = False,
    sealed_secret: bytes | None = None,
) -> Target:
    """Keep a target; the same one again changes nothing, another one of its name raises Conflict.

    One that was removed may come again as another one. A secret that it has already stays.
    Whether the kind exists and the settings are right is asked before, of `connectors.registry`.
    """
    made = {
        "id": target_id(organisation_id, name),
        "organisation_id": organisation_id,
        "name": name,
        "kind": kind,
        "settings": dict(settings),
        "automatic": automatic,
        "sealed_secret": sealed_secret,
    }
    # Of two that add the same one at once, the second finds what the first has added.
    anew = made | {"removed_at": None, "setbacks": 0} | dict.fromkeys(OF_ITS_LIFE)
    session.execute(
        insert(Target)
        .values(made)
        .on_conflict_do_update(index_elements=["id"], set_=anew, where=col(Target.removed_at).is_not(None))
    )
    target = get_target(session, organisation_id, name)
    if (target.kind, target.settings, target.automatic) != (kind, dict(settings), automatic):
        raise Conflict(f"there is already another target called {name}")
    return target


def list_targets(session: Session, organisation_id: str) -> list[Target]:
    """Return the organisation's targets by name, without those that were removed."""
    query = select(Target).where(Target.organisation_id == organisation_id, col(Target.removed_at).is_(None))
    return list(session.exec(query.order_by(col(Target.name))))


def refusing(session: Session, organisation_id: str) -> list[Target]:
    """Return the targets that let Koe do nothing at the moment, by name."""
    return [one for one in list_targets(session, organisation_id) if one.refuses_since is not None]


def get_target(session: Session, organisation_id: str, name: str) -> Target:
    """Return the target of a name; raises NotFound, also where it was removed."""
    query = select(Target).where(
        Target.organisation_id == organisation_id, Target.name == name, col(Target.removed_at).is_(None)
    )
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"there is no target called {name}")
    return found


def target_by_id(session: Session, organisation_id: str, its_id: str) -> Target:
    """Return the target that a delivery goes to, also where it was removed."""
    query = select(Target).where(Target.organisation_id == organisation_id, Target.id == its_id)
    return session.exec(query).one()


def found(session: Session, organisation_id: str, its_id: str) -> Target | None:
    """Return the target of an id, also where it was removed; None where there is none."""
    query = select(Target).where(Target.organisation_id == organisation_id, Target.id == its_id)
    return session.exec(query).one_or_none()


def target_names(session: Session, organisation_id: str) -> dict[str, str]:
    """Return the names of the targets by id, those of removed ones too."""
    query = select(Target.id, Target.name).where(Target.organisation_id == organisation_id)
    return dict(session.exec(query).all())
