"""Whoever makes a request, once they have proved who they are."""

from dataclasses import dataclass

from service.errors import Forbidden
from service.rules.permissions import SCOPES, Scope, allows

__all__ = ["SCOPES", "Caller", "Scope", "must_administer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person or a program, in the organisation whose data it may see. There is no other."""

    id: str
    """Of the person or the token."""
    organisation_id: str
    name: str
    """What decisions are signed with: the person's name, or `token NAME`."""
    scope: Scope

    def may(self, scope: Scope) -> bool:
        """Say whether the caller may do what needs this scope."""
        return allows(self.scope, scope)


def must_administer(caller: Caller) -> None:
    """Raise Forbidden for whoever may not set up how Koe works for everybody."""
    if not caller.may("admin"):
        raise Forbidden("Only administrators may change this.")
