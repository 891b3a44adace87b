"""Whom the organisation's own sign-in (OIDC) lets in, and as what: decided by e-mail domain and by group."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from service.rules.permissions import OF_ROLE

EVERYBODY = "*"
"""Stands for a group that everybody is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What is set about who comes in."""

    domains: tuple[str, ...] = ()
    """Of e-mail addresses, in lower case; empty for any."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """The role that a group gives; empty where administrators give roles by hand."""
    trusts_email: bool = False
    """True where an address counts though it is not said to be verified."""

    @property
    def makes_people(self) -> bool:
        """True where whoever may come in is let in the first time, too, and nobody has to do it by hand."""
        return bool(self.domains or self.roles)

    def covers(self, email: str) -> bool:
        """Say whether people of an address may come in."""
        return not self.domains or email.rpartition("@")[2] in self.domains

    def role_of(self, groups: Collection[str]) -> str | None:
        """Return the greatest of the roles that the groups give, None where they give none."""
        given = {role for group, role in self.roles.items() if group == EVERYBODY or group in groups}
        return max(given, key=tuple(OF_ROLE).index, default=None)


def read_admission(domains: str, roles: str, *, trusts_email: bool) -> Admission:
    """Return what two lists with commas say. Raises ValueError, which names the word that is wrong."""
    return Admission(
        domains=tuple(_domain(word) for word in _words(domains)),
        roles=dict(_role(word) for word in _words(roles)),
        trusts_email=trusts_email,
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _domain(word: str) -> str:
    domain = word.lower().removeprefix("@")
    if "@" in domain or " " in domain or "*" in domain:
        raise ValueError(f"“{word}” is no domain of e-mail addresses; write it like example.com")
    return domain


def _role(word: str) -> tuple[str, str]:
    group, _, role = (part.strip() for part in word.rpartition("="))
    if not group or role not in OF_ROLE:
        raise ValueError(f"“{word}” gives no role; write it like support=writer, with {', '.join(OF_ROLE)}")
    return group, role
