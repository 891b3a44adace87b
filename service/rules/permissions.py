"""What a role may do, as the scope it gives."""

from typing import Literal, TypeGuard

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
"""Each may do what the ones before it may."""
OF_ROLE: dict[str, Scope] = {"viewer": "read", "writer": "write", "manager": "write", "admin": "admin"}


def scope_of(role: str) -> Scope:
    """Return what a person of this role may do; of a role that nobody knows, the least."""
    return OF_ROLE.get(role, "read")


def scope_named(word: str) -> Scope:
    """Return the scope of this name; for a word that is none, the least."""
    return word if _is_scope(word) else "read"


def allows(given: Scope, needed: Scope) -> bool:
    """Say whether whoever was given one scope may do what needs another."""
    return SCOPES.index(given) >= SCOPES.index(needed)


def _is_scope(word: str) -> TypeGuard[Scope]:
    return word in SCOPES
