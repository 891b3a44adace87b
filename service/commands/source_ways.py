"""What is printed of the way to a source: where calls go, what proves them, and what to do there."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from service import trying
from service.access import senders
from service.access.hosts import address_of
from service.config import Settings
from service.connections import GENERIC, Kind, step
from service.console import Console
from service.errors import WrongUse
from service.trying import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of the way to a source."""

    kind: Kind
    name: str
    proof: str | None
    secret: str | None = field(default=None, repr=False)
    own: bool = False
    """True where somebody else made the secret, who knows it already."""
    records: Sequence[Record] = ()
    """What a generic source is tried with."""


def tell_way(console: Console, settings: Settings, way: Told) -> dict[str, object]:
    """Print where calls go, what proves them and what to do there, and return it for programs."""
    if way.kind.slug == GENERIC and way.proof and way.secret:
        url = trying.address(address_of(settings), way.name, proof=way.proof, secret=way.secret)
        line = trying.curl(url, proof=way.proof, secret=way.secret, records=way.records)
        console.say(
            f"URL     {url}\nSecret  {way.secret}\n\n"
            f"Try it while koe up runs; 200 says that it was kept:\n\n{line}"
        )
        return {"url": url, "secret": way.secret, "curl": line}
    answer: dict[str, object] = {}
    shown = None if way.own else way.secret
    url = ""
    if way.proof:
        url = trying.address(address_of(settings), way.name, proof=way.proof, secret=way.secret or "")
        console.say(f"URL     {url}")
        answer["url"] = url
        if shown:
            console.say(f"Secret  {shown}")
            answer["secret"] = shown
    steps = [step(words["en"], url=url, secret=shown or "") for words in way.kind.steps(way.proof)]
    if steps:
        console.say(f"\nIn {way.kind.title['en']}:")
        for number, told in enumerate(steps, 1):
            console.say(f"  {number}. {told}")
    unverified = [words["en"] for words in way.kind.unverified]
    for words in unverified:
        console.note(f"Not tried on a real account yet: {words}")
    return {**answer, "guide": steps, "unverified": unverified}


def tried_with(session: Session, settings: Settings, kind: Kind) -> Sequence[Record]:
    """Return what a source is tried with: a generic one alone takes what Koe itself can send."""
    if kind.slug != GENERIC:
        return ()
    return trying.sample(session, settings.organisation, settings.zone)


def read_secret(given: str | None, *, kind: Kind, proof: str | None) -> str | None:
    """Return the secret that was given, if one was. Raises WrongUse for a kind whose secret Koe makes."""
    if given is None:
        return None
    if proof is None or not senders.awaits_secret(kind.slug, proof):
        raise WrongUse(f"{kind.title['en']} takes no --secret: where there is one, Koe makes it.")
    secret = (sys.stdin.readline() if given == "-" else given).strip()
    if not secret:
        raise WrongUse("--secret needs the secret that the sender made.")
    return secret
