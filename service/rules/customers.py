"""Who is one customer: names that sources give are joined where they are one person's.

Each record tells one or more names of whoever spoke: an id of the organisation's own (in files and generic
calls), the id that a connected system gives, an e-mail address. Names that come together in one record are
one customer's, and so is whoever is known by either. Two ids of the organisation's own never become one: it
tells them apart itself, though a family or an office may share one address.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Sort = Literal["own", "source", "email", "domain"]

_DOMAIN = re.compile(r"[^@\s./]+(?:\.[^@\s./]+)+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_SHARED = re.compile(
    r"(?:info|support|contact|help|helpdesk|sales|office|admin|administrator|team|hello|mail|"
    r"no-?reply|do-?not-?reply|postmaster|mailer-daemon|webmaster|notifications?)(?:[.+_-].*)?@",
)
"""Addresses that stand for an office and not for a person."""


_FREE = frozenset(
    re.split(
        r"\s+",
        "gmail.com googlemail.com yahoo.com yahoo.co.jp yahoo.ne.jp ymail.com outlook.com "
        "outlook.jp hotmail.com hotmail.co.jp live.com live.jp msn.com icloud.com me.com mac.com "
        "aol.com proton.me protonmail.com gmx.com gmx.de web.de mail.com mail.ru yandex.ru qq.com "
        "163.com 126.com naver.com zoho.com docomo.ne.jp au.com ezweb.ne.jp softbank.ne.jp "
        "i.softbank.jp ymobile.ne.jp nifty.com ocn.ne.jp so-net.ne.jp biglobe.ne.jp plala.or.jp "
        "dion.ne.jp jcom.home.ne.jp rakuten.jp comcast.net orange.fr free.fr t-online.de",
    )
)
"""Domains under which anybody may have an address: they tell no account."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name under which a customer or an account is known."""

    sort: Sort
    value: str
    """For an id of a source, with the source's name before it."""


def names_of(
    *, customer_id: str | None, email: str | None, own_id: str | None = None, source: str | None = None
) -> list[Name]:
    """Return the names that a record tells, the surest first.

    `source` is the connected system whose id it is; None where it is the organisation's own. An address that
    an office shares is no name.
    """
    found = [Name("own", own_id)] if own_id else []
    if customer_id:
        found.append(Name("source", f"{source}/{customer_id}") if source else Name("own", customer_id))
    found += [Name("email", address) for each in (email, customer_id) if (address := _address(each))]
    return list(dict.fromkeys(found))


def account_names(
    *,
    account_id: str | None,
    own_id: str | None = None,
    source: str | None = None,
    domains: Iterable[str] = (),
) -> list[Name]:
    """Return the names of an account, the surest first, as `names_of` does those of a customer."""
    found = [Name("own", own_id)] if own_id else []
    if account_id:
        found.append(Name("source", f"{source}/{account_id}") if source else Name("own", account_id))
    return list(dict.fromkeys([*found, *(each for domain in domains if (each := domain_name(domain)))]))


def domain_name(address: str | None) -> Name | None:
    """Return the domain of an address (or a domain itself) as a name of an account; None for a free one."""
    domain = (address or "").strip().casefold().rpartition("@")[2].removeprefix("www.")
    return Name("domain", domain) if _DOMAIN.fullmatch(domain) and domain not in _FREE else None


def _address(text: str | None) -> str | None:
    """Return an e-mail address in the form in which equal ones are equal; None for what names no person."""
    address = (text or "").strip().casefold()
    return address if _EMAIL.fullmatch(address) and not _SHARED.match(address) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What records come to."""

    customers: Sequence[str | None]
    """Who spoke, record by record."""
    learned: Mapping[Name, str]
    """Names whose customer was not known, or is another now."""
    merged: Mapping[str, str]
    """Customers that turned out to be another: old id to the one that counts."""


def join(
    records: Iterable[Sequence[Name]], known: Mapping[Name, str], *, call: Callable[[Name], str]
) -> Joined:
    """Return whose each record is, given the names that are known.

    `known` holds the customer of every name in the records that has one, and for each such customer their own
    id as a name, if it is one. `call` returns the id of a customer who is known by one name alone.
    """
    whose = _Whose(dict(known))
    for names in records:
        whose.take(names, call)
    return whose.joined()


@dataclass(slots=True)
class _Whose:
    """Whose names are, while records are gone through."""

    of: dict[Name, str]
    merged: dict[str, str] = field(default_factory=dict)
    learned: list[Name] = field(default_factory=list)
    taken: list[str | None] = field(default_factory=list)

    def take(self, names: Sequence[Name], call: Callable[[Name], str]) -> None:
        """Find out whose a record is, and join those who are one by it."""
        if not names:
            self.taken.append(None)
            return
        for name in names:
            if name.sort == "own" and name not in self.of:
                self.of[name] = call(name)
                self.learned.append(name)
        found = {self.last(self.of[name]) for name in names if name in self.of}
        told = {self.last(self.of[name]) for name in names if name.sort == "own"}
        sure = {each for each in told if self.is_own(each)}
        chosen = min(sure or found or {call(names[0])}, key=self.rank)
        for other in found:
            if other != chosen and not self.is_own(other):
                self.merged[other] = chosen
        for name in names:
            # An address that belongs to a customer whom the organisation itself tells apart stays theirs.
            if name not in self.of or not self.is_own(self.last(self.of[name])):
                self.of[name] = chosen
                self.learned.append(name)
        self.taken.append(chosen)

    def last(self, customer: str) -> str:
        """Return who a customer turned out to be."""
        while customer in self.merged:
            customer = self.merged[customer]
        return customer

    def is_own(self, customer: str) -> bool:
        """Whether somebody goes by an id of the organisation's own, other than an address."""
        return Name("own", customer) in self.of and _address(customer) is None

    def rank(self, customer: str) -> tuple[int, str]:
        """Return a place that is the lower the better an id is to be called by."""
        if self.is_own(customer):
            return 0, customer
        return (2 if _address(customer) else 1), customer

    def joined(self) -> Joined:
        """Return what the records came to."""
        return Joined(
            customers=tuple(None if each is None else self.last(each) for each in self.taken),
            learned={name: self.last(self.of[name]) for name in self.learned},
            merged={old: self.last(old) for old in self.merged},
        )
