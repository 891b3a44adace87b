"""What measures are reckoned from: everything that was heard, used, solved, and became of accounts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from service.models.item import CONTACT_CHANNELS
from service.repositories import organisations, steering, values
from service.repositories.heard import heard_between, returns
from service.repositories.runs import live_run
from service.repositories.steering import Heard, Placed
from service.rules.contacts import Inquiry
from service.rules.routing import is_solved
from service.rules.steering.answering import Ticket
from service.rules.steering.contacting import NO_THEME, Active, Made, contacts_made
from service.rules.steering.deciding import Answer, Spoken
from service.rules.steering.frame import Frame, Slices, frame, most_heard, slices_of
from service.rules.steering.helping import Look
from service.rules.steering.solving import Life, Raised, Solution, Voices, under_contract

NOT_ANYTHING = Placed({}, False)  # noqa: FBT003
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that measures are reckoned from."""

    around: Frame
    end: datetime
    """The last moment that is known."""
    later: int
    """Items dated after it."""
    made: Sequence[Made]
    base: str | None
    active: Sequence[Active]
    looks: Sequence[Look]
    tickets: Sequence[Ticket]
    spoken: Sequence[Spoken]
    answers: Sequence[Answer]
    efforts: Mapping[str, float]
    lives: Sequence[Life]
    voices: Voices
    repeat_days: int


def gather(session: Session, organisation_id: str, *, today: date | None) -> Facts | None:
    """Return what measures are reckoned from, up to today; None where nobody was ever heard.

    `today` is that of the organisation's time zone where none is given.
    """
    zone = organisations.zone_of(session, organisation_id)
    between = heard_between(session, organisation_id, zone=zone)
    if between is None:
        return None
    until = min(between[1], today or datetime.now(zone).date())
    if until < between[0]:
        return None
    end = datetime.combine(until + DAY, time(), zone)
    account_of = values.accounts_of_customers(session, organisation_id)
    run = live_run(session, organisation_id)
    said = _Said(zone=zone, first=between[0], until=until, account_of=account_of)
    said.returns = returns(session, organisation_id)
    about = steering.placed(session, organisation_id, run.id) if run else {}
    for item in steering.heard(session, organisation_id):
        said.add(item, about.get(item.item_id, NOT_ANYTHING))
    lives = _lives(session, organisation_id, zone=zone, account_of=account_of)
    around = frame(first=between[0], until=until, slices=most_heard(said.counts))
    base, active = _active(session, organisation_id, lives, account_of, around, end=end, zone=zone)
    slices = {life.account_id: life.slices for life in lives}
    solved = [each for each in steering.solutions(session, organisation_id, zone=zone) if each.day <= until]
    answers = [Answer(each.theme_id, each.day, each.kind) for each in solved]
    answers += [
        Answer(theme, day, "decision")
        for theme, day in steering.decisions(session, organisation_id, zone=zone)
        if day <= until
    ]
    return Facts(
        around=around,
        end=end,
        later=said.later,
        made=said.made(),
        base=base,
        active=active,
        looks=[
            Look(each.day, each.customer_id, slices.get(_account(each, account_of) or "", ()))
            for each in steering.looks(session, organisation_id, before=end, zone=zone)
        ],
        tickets=said.tickets,
        spoken=said.spoken,
        answers=answers,
        efforts=steering.efforts(session, organisation_id),
        lives=lives,
        voices=Voices(said.raised, (Solution(each.theme_id, each.day, each.segment) for each in solved)),
        repeat_days=values.weighting(session, organisation_id).repeat_days,
    )


@dataclass(slots=True, kw_only=True)
class _Said:
    """What was said, taken in item by item in the order of time."""

    zone: ZoneInfo
    first: date
    until: date
    account_of: Mapping[str, str]
    returns: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    later: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    inquiries: list[Inquiry] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    raised: list[Raised] = field(default_factory=list)
    slices: dict[str, Slices] = field(default_factory=dict)
    solved: dict[str, bool] = field(default_factory=dict)
    source_of: dict[str, str] = field(default_factory=dict)
    telling: set[str] = field(default_factory=set)
    """The sources that tell of any item whether it is solved."""
    known_slices: dict[Slices, Slices] = field(default_factory=dict)

    def add(self, item: Heard, placed: Placed) -> None:
        """Take in an item, unless it lies outside of the days that can be right."""
        day = item.created_at.astimezone(self.zone).date()
        self.later += day > self.until
        if not self.first <= day <= self.until or (placed.is_ignored and not placed.themes):
            return
        told = slices_of(segment=item.segment, plan=item.plan, area=item.area, team=item.team)
        slices = self.known_slices.setdefault(told, told)
        self.counts.update(slices)
        again = self._again(item)
        self._raise(item, placed, (day, *(moment.astimezone(self.zone).date() for moment in again)))
        who = f"customer {item.customer_id}" if item.customer_id is not None else f"item {item.item_id}"
        self.spoken += [
            Spoken(theme, day, who, slices) for theme, about in placed.themes.items() if about.wants
        ]
        if item.channel in CONTACT_CHANNELS:
            self._reach_out(item, placed, day, slices, again)

    def _again(self, item: Heard) -> list[datetime]:
        """Return when its customer asked again after it was resolved."""
        moments = self.returns.get(item.item_id, ()) if item.customer_id is not None else ()
        return [moment for moment in moments if moment.astimezone(self.zone).date() <= self.until]

    def _raise(self, item: Heard, placed: Placed, days: Sequence[date]) -> None:
        account = item.account_id or self.account_of.get(item.customer_id or "")
        if account is not None:
            self.raised += [
                Raised(account, theme, day, about.severity)
                for theme, about in placed.themes.items()
                for day in days
            ]

    def _reach_out(
        self, item: Heard, placed: Placed, day: date, slices: Slices, again: Sequence[datetime]
    ) -> None:
        is_closed = is_solved(item.status, item.resolved_at)
        self.slices[item.item_id] = slices
        self.solved[item.item_id] = is_closed
        self.source_of[item.item_id] = item.source_id
        if item.status is not None or item.resolved_at is not None:
            self.telling.add(item.source_id)
        self.inquiries += [
            Inquiry(theme, item.item_id, item.customer_id, moment)
            for theme in (placed.themes or (NO_THEME,))
            for moment in (item.created_at, *again)
        ]
        self.tickets.append(
            Ticket(
                item.source_id, day, slices, item.created_at, item.answered_at, item.resolved_at, is_closed
            )
        )

    def made(self) -> list[Made]:
        """Return the contacts."""
        solved = {
            item: is_closed if self.source_of[item] in self.telling else None
            for item, is_closed in self.solved.items()
        }
        return contacts_made(self.inquiries, zone=self.zone, slices=self.slices, solved=solved)


def _account(each: steering.Used | steering.Looked, account_of: Mapping[str, str]) -> str | None:
    return each.account_id or account_of.get(each.customer_id or "")


def _lives(
    session: Session, organisation_id: str, *, zone: ZoneInfo, account_of: Mapping[str, str]
) -> list[Life]:
    happened = steering.happened(session, organisation_id, zone=zone)
    usage = steering.usage(session, organisation_id, zone=zone, account_of=account_of)
    lives = []
    for one in values.standings(session, organisation_id, zone=zone):
        known = happened.get(one.account_id)
        lives.append(
            Life(
                one,
                slices_of(segment=one.segment, plan=one.plan),
                signed=known.signed if known else (),
                expanded=known.expanded if known else (),
                contracted=known.contracted if known else (),
                used=usage.get(one.account_id, ()),
            )
        )
    return lives


def _active(
    session: Session,
    organisation_id: str,
    lives: Sequence[Life],
    account_of: Mapping[str, str],
    around: Frame,
    *,
    end: datetime,
    zone: ZoneInfo,
) -> tuple[str | None, list[Active]]:
    """Return who counts as active, and who was: customers that used the product, accounts, or contracts."""
    slices = {life.account_id: life.slices for life in lives}
    used = steering.used(session, organisation_id, before=end, zone=zone)
    by_customer = any(one.customer_id is not None for one in used)
    if not used:
        return ("contracts" if lives else None), list(under_contract(lives, around))

    def active() -> Iterator[Active]:
        for one in used:
            who = one.customer_id if by_customer else one.account_id
            if who is not None:
                yield Active(one.period, one.start, who, slices.get(_account(one, account_of) or "", ()))

    return ("customers" if by_customer else "accounts"), list(active())
