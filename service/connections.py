"""Sources as people set them up: what each kind must be told, tried before it is kept, and begun.

By command and by page alike: first the words are read, then the system itself is asked whether they are
right, and only then anything is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from sqlmodel import Session

from connectors.ports import Category, Means, Proof, Setting, Words
from connectors.ports import Source as SourcePort
from connectors.registry import SOURCES, open_source
from connectors.target_port import Target as TargetPort
from connectors.target_port import TargetKind
from service import credentials
from service.access import senders
from service.config import Settings
from service.db import Database
from service.errors import Conflict, WrongUse
from service.models import Source
from service.parts import ask
from service.repositories import calls, sources, walks
from service.rules import asking
from service.sealing import Seal

Fault = Literal["missing", "unknown"]
GENERIC = "generic"
"""The kind of source that takes JSON from whatever tool, by a mapping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of source or target, as somebody who sets one up meets it."""

    slug: str
    title: Words
    category: Category | TargetKind
    settings: Sequence[Setting]
    proofs: Sequence[Proof]
    fetches: bool
    guide: Sequence[Words]
    unverified: Sequence[Words]

    @classmethod
    def of(cls, port: type[SourcePort]) -> "Kind":
        """Return the kind of a connector."""
        return cls(
            slug=port.slug,
            title={"en": port.title, "ja": port.title_ja or port.title},
            category=port.category,
            settings=port.settings,
            proofs=port.proofs,
            fetches=port.fetches,
            guide=port.guide,
            unverified=port.unverified,
        )

    @classmethod
    def of_target(cls, port: type[TargetPort]) -> "Kind":
        """Return the kind of a target, which is always asked, and whose calls are set up by themselves."""
        return cls(
            slug=port.slug,
            title={"en": port.title, "ja": port.title_ja or port.title},
            category=port.category,
            settings=port.settings,
            proofs=(),
            fetches=True,
            guide=port.guide,
            unverified=port.unverified,
        )

    def steps(self, proof: str | None) -> Sequence[Words]:
        """Return what to do there, where calls prove themselves in this way."""
        return [*self.guide, *PROVEN.get(proof or "", ())] if self.slug == GENERIC else self.guide

    @property
    def to_fetch(self) -> Sequence[Setting]:
        """Return what it must be told before it can be asked for what it holds."""
        return [one for one in self.settings if one.needed == "to_fetch" and one.default is None]


PROVEN: Mapping[str, Sequence[Words]] = {
    "bearer": (
        {
            "en": "Let it send the secret along, as Authorization: Bearer {secret} or as the password "
            "of HTTP Basic.",
            "ja": "シークレットを Authorization: Bearer {secret} として、または HTTP Basic のパスワードとして"
            "送ります。",
        },
    ),
    "signature": (
        {
            "en": "Let it sign its calls as Standard Webhooks says, with the secret {secret}.",
            "ja": "Standard Webhooks の方式で、シークレット {secret} を使って署名します。",
        },
    ),
}
"""How calls of a generic source prove themselves, as a step; by its address they do so already."""
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        GENERIC: Kind(
            slug=GENERIC,
            title={"en": "Any tool that posts JSON", "ja": "JSON を送れるツール（汎用 Webhook）"},
            category="other",
            settings=(),
            proofs=senders.PROOFS,
            fetches=False,
            guide=(
                {
                    "en": "Let your tool POST JSON to {url}. Every record needs a text; docs/webhooks.md "
                    "names all fields.",
                    "ja": "お使いのツールから {url} へ JSON を POST します。各レコードに必要なのは text だけ"
                    "です。すべての項目は docs/webhooks.ja.md にあります。",
                },
            ),
            unverified=(),
        ),
        **{slug: Kind.of(port) for slug, port in SOURCES.items()},
    }
)
"""The kinds of source that can be set up, by slug; files need no setting up."""


class Unfit(WrongUse):
    """What was filled in does not suffice, or names what there is not."""

    def __init__(self, kind: Kind, faults: Mapping[str, Fault]) -> None:
        self.faults = faults
        super().__init__(". ".join(_told(kind, name, fault) for name, fault in faults.items()) + ".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a source was told, by setting."""

    settings: Mapping[str, str]
    credentials: Mapping[str, str] | None = field(repr=False)
    """The secret ones; None where it cannot be asked for what it holds."""

    @property
    def known(self) -> Mapping[str, str]:
        """Return all of it."""
        return {**self.settings, **(self.credentials or {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A source that is to be."""

    kind: Kind
    name: str
    filled: Filled
    proof: str | None
    secret: str | None = field(default=None, repr=False)
    """The one that its sender made, or None: Koe makes it, or it is given later."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Of a generic one: from field to path."""
    since: datetime | None = None
    """From when on it is asked for what it holds; None for ever."""


def read(kind: Kind, given: Mapping[str, str]) -> Filled:
    """Return what was filled in. Raises Unfit, naming every setting that is missing or that there is not."""
    told = {name: value.strip() for name, value in given.items() if value.strip()}
    known = {one.name for one in kind.settings}
    faults: dict[str, Fault] = {name: "unknown" for name in told if name not in known}
    wanting = [one for one in kind.settings if one.needed == "always" and one.default is None]
    is_to_ask = kind.fetches and (not kind.proofs or not kind.to_fetch or _names_any(told, kind.to_fetch))
    if is_to_ask:
        wanting += kind.to_fetch
    faults |= {one.name: "missing" for one in wanting if one.name not in told}
    if faults:
        raise Unfit(kind, faults)
    secret = {one.name for one in kind.settings if one.secret}
    credentials = {name: value for name, value in told.items() if name in secret}
    return Filled(
        settings={name: value for name, value in told.items() if name not in secret},
        credentials=credentials if is_to_ask or credentials else None,
    )


def kept(kind: Kind, known: Mapping[str, str], given: Mapping[str, str]) -> Mapping[str, str]:
    """Return what a source was told before and that stays when it is told something else.

    A setting that is given empty is taken away: an address goes back to the usual one.
    Raises Unfit where it is told another address and not the secrets anew: those it knows are meant for the
    system that it knows, and go to no other.
    """
    usual = {
        one.name: one.default for one in kind.settings if (one.default or one.example).startswith("http")
    }
    moves = any(
        (to := given[name].strip() or default) and to != known.get(name, default)
        for name, default in usual.items()
        if name in given
    )
    secret = [one.name for one in kind.settings if one.secret and one.name in known]
    missing = [name for name in secret if not given.get(name, "").strip()]
    if moves and missing:
        raise Unfit(kind, dict.fromkeys(missing, "missing"))
    return known


def read_anew(kind: Kind, known: Mapping[str, str], given: Mapping[str, str]) -> Filled:
    """Return what a form filled in anew: what it holds empty is taken away, but for secrets, which stay.

    Raises Unfit as `kept` and `read` do.
    """
    secret = {one.name for one in kind.settings if one.secret}
    stays = {name: value for name, value in kept(kind, known, given).items() if name in secret}
    return read(kind, {**stays, **{name: value for name, value in given.items() if value.strip()}})


def try_out(settings: Settings, db: Database, organisation_id: str, kind: Kind, filled: Filled) -> str | None:
    """Ask the system whether what was filled in is right, and return its answer in a sentence.

    None where there is nothing to ask with. Raises Refused or RetryLater where it is wrong or cannot be told
    now. To be called outside of a transaction: it may take a minute.
    """
    if kind.slug not in SOURCES:
        return None
    if filled.credentials is None:
        open_source(kind.slug, filled.known, Means())
        return None
    return ask(settings, db, organisation_id, kind.slug, filled.known).check()


def add(session: Session, seal: Seal, organisation_id: str, wanted: Wanted, *, now: datetime) -> Source:
    """Add a source, and let what it holds be fetched where it can be asked.

    Raises WrongUse for a name that no address can hold, Conflict for one that is taken.
    """
    made: dict[str, object] = {**wanted.filled.settings}
    if wanted.kind.slug == GENERIC:
        made["map"] = dict(wanted.mapping)
    senders.add(
        session,
        seal,
        organisation_id,
        wanted.name,
        kind=wanted.kind.slug,
        proof=wanted.proof,
        settings=made,
        now=now,
        secret=wanted.secret,
        known=wanted.filled.credentials,
    )
    source = sources.get_source(session, organisation_id, wanted.name)
    if wanted.filled.credentials is not None and wanted.kind.fetches:
        walks.begin(session, source, since=wanted.since, now=now)
    return source


def kind_of(source: Source) -> Kind:
    """Return the kind of a source that was set up. Raises Conflict for one of files, or of none installed."""
    if source.kind not in KINDS:
        raise Conflict(f"“{source.name}” is a source of the kind “{source.kind}”: it has no settings.")
    return KINDS[source.kind]


def told(seal: Seal, source: Source) -> Mapping[str, str]:
    """Return what a source was told, secrets among it. Raises Unavailable where these do not open."""
    names = {one.name for one in kind_of(source).settings}
    known = {**source.settings, **credentials.of(seal, source)}
    return {name: str(value) for name, value in known.items() if name in names}


def told_openly(source: Source) -> Mapping[str, str]:
    """Return what a source was told, but for secrets."""
    names = {one.name for one in kind_of(source).settings if not one.secret}
    return {name: str(value) for name, value in source.settings.items() if name in names}


def step(words: str, *, url: str, secret: str) -> str:
    """Return a step of a guide with the address and the secret in their places."""
    return words.replace("{url}", url).replace("{secret}", secret)


def change(session: Session, seal: Seal, source: Source, filled: Filled, *, now: datetime) -> None:
    """Let a source be told something else from now on; what it did not get before is asked for at once."""
    names = {one.name for one in kind_of(source).settings}
    others = {name: value for name, value in source.settings.items() if name not in names}
    source.settings = {**others, **filled.settings}
    source.sealed_credentials = credentials.close(seal, source.id, filled.credentials)
    if filled.credentials is None or not kind_of(source).fetches:
        walks.stop(session, source.id)
        source.refuses_since = None
    elif walks.walk_of(session, source.id) is None:
        walks.begin(session, source, since=None, now=now)
    else:
        walks.ask_now(session, source.id)


def pause(source: Source, *, now: datetime) -> None:
    """Keep what a source sends without reading it, and ask it for nothing.

    Raises Conflict for a source of files, from which nothing comes by itself.
    """
    if source.kind == "file":
        raise Conflict(f"Nothing comes from “{source.name}” by itself: it is a source of files.")
    source.paused_at = source.paused_at or now


def resume(session: Session, source: Source) -> int:
    """Let a source go on, and return how many calls it held, which are read in their order now.

    In a transaction in which no call arrives (`calls.stop_arrivals`), so that none is held by mistake.
    """
    source.paused_at = None
    return calls.release(session, source.id)


def remove(session: Session, source: Source, *, give_up: bool) -> int:
    """Let nothing come from a source any more, and return how many calls were given up that waited.

    What came stays, under its name: it is a source of files from now on. What it was told, its secrets and
    its credentials are forgotten. Raises Conflict where it is one of files already, and where calls wait to
    be read that are not to be given up.
    """
    if source.kind == "file":
        raise Conflict(f"Nothing comes from “{source.name}” by itself: it is a source of files.")
    calls.stop_arrivals(session)
    waiting = calls.waits(session, source.id)
    if waiting and not give_up:
        count = "1 call waits" if waiting == 1 else f"{waiting:,} calls wait"
        raise Conflict(f"{count} to be read from “{source.name}”: let them be read first, or give them up.")
    calls.give_up(session, source.id)
    walks.stop(session, source.id)
    source.kind, source.settings, source.proof = "file", {}, None
    source.sealed_secrets = source.sealed_credentials = source.paused_at = source.refuses_since = None
    return waiting


def fetch_now(session: Session, source: Source, *, since: datetime | None, now: datetime) -> None:
    """Let a source be asked at once for what it holds: all that changed since a day, or what is new.

    Raises Conflict where it cannot be asked, and where it is paused.
    """
    if not kind_of(source).fetches:
        raise Conflict(f"“{source.name}” cannot be asked for what it holds: it only tells what is new.")
    if source.sealed_credentials is None:
        raise Conflict(f"“{source.name}” cannot be asked for what it holds: it lacks what proves Koe there.")
    if source.paused_at is not None:
        raise Conflict(f"“{source.name}” is paused; let it go on first.")
    walk = walks.lock_walk(session, source.id)
    if walk is None:
        walks.begin(session, source, since=since, now=now)
    elif since is not None:
        walks.begin(session, source, since=asking.begin_by(since, walk.since, walk.through), now=now)
    else:
        walks.ask_now(session, source.id)


def _names_any(told: Mapping[str, str], settings: Sequence[Setting]) -> bool:
    return any(one.name in told for one in settings)


def _told(kind: Kind, name: str, fault: Fault) -> str:
    if fault == "missing":
        label = next(one.label["en"] for one in kind.settings if one.name == name)
        return f"{kind.title['en']} needs {name}: {label}"
    known = ", ".join(one.name for one in kind.settings) or "none"
    return f"{kind.title['en']} has no setting {name}; it has {known}"
