"""A real Request Tracker and a real Koe on this machine: what people write there becomes voices here.

The scrip is the one that the source's guide tells people to paste; tickets come, change and go by RT's own
API and its mail gateway. Where RT is not installed all is skipped; docs/acceptance.md says how to install it.
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from connectors.outgoing import News
from connectors.replying import words_of
from connectors.target_port import AGREED
from service.db import Database
from service.models import (
    MAIN,
    Delivery,
    DeliveryAttempt,
    Intervention,
    Item,
    Message,
    Notice,
    Recipient,
    Theme,
    Walk,
)
from service.models.columns import digest
from service.postgres import open_server
from service.repositories import customers, deliveries, targets
from service.rules.customers import Name
from tests import tracker
from tests.cli import QUICK, Koe
from tests.faults.test_up import Up, free_port
from tests.tracker import Tracker
from tests.waiting import until

KIND = "request-tracker"
NAME = "desk"
PATIENCE = 180
"""Seconds in which the sweep of every minute has come, on a busy machine, too."""

pytestmark = pytest.mark.skipif(not tracker.is_installed(), reason=tracker.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What Koe holds of a ticket."""

    status: str | None
    customer: str | None
    title: str
    said: tuple[tuple[str, str], ...]
    """Who spoke, and their words."""


@dataclass(kw_only=True)
class Desk:
    """A Request Tracker, the Koe that hears it, and what Koe holds."""

    tracker: Tracker
    koe: Koe
    up: Up
    db: Database

    def voice(self, number: str) -> Voice | None:
        """Return what Koe holds of a ticket, once it has been redacted."""
        with self.db.begin() as session:
            item = session.exec(select(Item).where(Item.external_id == number)).one_or_none()
            if item is None or item.text is None:
                return None
            words = item.text
            found = session.exec(
                select(Message).where(Message.item_id == item.id).order_by(col(Message.position))
            )
            return Voice(
                status=item.status,
                customer=item.customer_id,
                title=words[: item.title_end],
                said=tuple((one.author_role, words[one.start : one.end]) for one in found),
            )

    def customer(self, address: str) -> str:
        """Return who writes from an address, as Koe knows them."""
        name = Name("email", address)
        with self.db.begin() as session:
            return customers.known(session, MAIN, customers.CUSTOMERS, [name])[name]

    def wait_for(self, number: str, fits: Callable[[Voice], bool]) -> float:
        """Wait until Koe holds of a ticket what it should, and return the seconds that took."""
        began = time.monotonic()

        def fit() -> bool:
            found = self.voice(number)
            return found is not None and fits(found)

        try:
            until(fit, within=PATIENCE)
        except AssertionError as error:
            raise AssertionError(
                f"Koe holds {self.voice(number)}; {self.up.log.read_text()[-2000:]}"
            ) from error
        return time.monotonic() - began

    def walk(self) -> Walk:
        with self.db.begin() as session:
            return session.exec(select(Walk)).one()

    def walk_now(self) -> None:
        """Let the next hour begin."""
        with self.db.begin() as session:
            session.execute(text("UPDATE walk SET next_at = clock_timestamp()"))

    @contextmanager
    def koe_down(self) -> Iterator[None]:
        """Stop Koe, and start it again in the end."""
        assert self.up.stop() == 0
        yield
        self.up = Up(self.koe)


@pytest.fixture(scope="module")
def desk(used_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A Request Tracker with one ticket, to which Koe was then connected as its guide says."""
    home = used_once.parent / "heard"
    subprocess.run(["cp", "-a", str(used_once), str(home)], check=True)
    environment = {"KOE_HOME": str(home), "KOE_PORT": str(free_port()), "KOE_PRIVATE_HOSTS": "127.0.0.1"}
    koe = Koe(folder=tmp_path_factory.mktemp("rt"), settings={**environment, **QUICK})
    with ExitStack() as ends:
        rt = Tracker(passable_folder(ends), free_port())
        ends.callback(rt.stop)
        rt.create("Before", "early@example.com", "We could not print invoices last week.")
        found = Desk(
            tracker=rt, koe=koe, up=Up(koe), db=Database.at(ends.enter_context(open_server(home)).url)
        )
        ends.callback(found.db.close)
        ends.callback(lambda: found.up.stop())  # whichever runs then
        connect(koe, rt)
        yield found


def passable_folder(ends: ExitStack) -> Path:
    """Return a folder that other users can pass; it is gone in the end."""
    folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="koe-rt-")))
    folder.chmod(0o755)
    return folder


def connect(koe: Koe, rt: Tracker) -> None:
    """Add the source by the command, and paste the scrip that it prints."""
    told = ("--set", f"address={rt.address}", "--set", "token=-", "--json")
    added = koe.start("source", "add", KIND, NAME, *told)
    said, why = added.communicate(f"{rt.tokens['koe']}\n")
    assert added.returncode == 0, why
    answer = json.loads(said)
    rt.add_scrip(next(code for step in answer["guide"] if (code := step.partition("\n\n")[2])))
    print(f"\n{answer['check']}")  # noqa: T201


def say(what: str, seconds: float) -> None:
    print(f"- {what}: {seconds:.1f} s")  # noqa: T201


def mail(sender: str, subject: str, words: str, charset: str) -> bytes:
    made = MIMEText(words, "plain", charset)
    made["From"], made["To"], made["Subject"] = sender, "desk@koe.test", str(Header(subject, charset))
    return made.as_bytes()


def test_tickets_from_before_come_by_the_first_walk(desk: Desk) -> None:
    desk.wait_for("1", lambda voice: bool(voice.said))
    assert desk.voice("1") == Voice(
        status="new",
        customer=desk.customer("early@example.com"),
        title="Before",
        said=(("customer", "We could not print invoices last week."),),
    )


def test_a_ticket_is_a_voice_at_once_and_follows_all_that_is_said_to_both_sides(desk: Desk) -> None:
    rt = desk.tracker
    number = rt.create("ログインできない", "aya@example.com", "昨日からログインできません。")
    say("a new ticket is a voice", desk.wait_for(number, lambda voice: len(voice.said) == 1))
    rt.comment(number, "社内メモ: 担当は開発です。")
    rt.answer(number, "<p>パスワードを<b>再設定</b>してください。</p>")
    say("an answer of staff follows", desk.wait_for(number, lambda voice: len(voice.said) == 2))
    rt.receive(
        mail("aya@example.com", f"Re: [koe.test #{number}] ログイン", "直りました。助かりました。", "utf-8")
    )
    say("the customer's reply by mail follows", desk.wait_for(number, lambda voice: len(voice.said) == 3))
    rt.change(number, Status="resolved")
    say("it is resolved", desk.wait_for(number, lambda voice: voice.status == "resolved"))
    assert desk.voice(number) == Voice(
        status="resolved",
        customer=desk.customer("aya@example.com"),
        title="ログインできない",
        said=(
            ("customer", "昨日からログインできません。"),
            ("agent", "パスワードを再設定してください。"),
            ("customer", "直りました。助かりました。"),
        ),
    )


def test_a_mail_in_the_old_japanese_encoding_is_read_as_it_was_written(desk: Desk) -> None:
    number = str(int(desk.tracker.create("次", "b@example.com", "領収書をください。")) + 1)
    desk.tracker.receive(
        mail("hanako@example.com", "請求書について", "先月の請求書が届きません。", "iso-2022-jp")
    )
    say("a mail in ISO-2022-JP is a voice", desk.wait_for(number, lambda voice: bool(voice.said)))
    assert desk.voice(number) == Voice(
        status="new",
        customer=desk.customer("hanako@example.com"),
        title="請求書について",
        said=(("customer", "先月の請求書が届きません。"),),
    )


def test_of_a_deleted_ticket_nothing_stays(desk: Desk) -> None:
    number = desk.tracker.create("Wrong", "c@example.com", "This was sent by mistake.")
    desk.wait_for(number, lambda voice: bool(voice.said))
    desk.tracker.change(number, Status="deleted")
    say("a deleted ticket has gone", desk.wait_for(number, lambda voice: not voice.said))
    assert "mistake" not in str(desk.voice(number))


def test_tickets_that_are_merged_are_one_voice(desk: Desk) -> None:
    one = desk.tracker.create("Export", "d@example.com", "The export fails with error 42.")
    other = desk.tracker.create("Export again", "d@example.com", "The export failed once more.")
    desk.wait_for(other, lambda voice: bool(voice.said))
    desk.tracker.change(other, MergeInto=one)
    say("two merged tickets are one voice", desk.wait_for(one, lambda voice: len(voice.said) == 2))
    desk.wait_for(other, lambda voice: not voice.said)


def test_what_happened_while_koe_was_down_comes_with_the_next_walk(desk: Desk) -> None:
    rt = desk.tracker
    gone = rt.create("Twice", "e@example.com", "I was charged twice.")
    desk.wait_for(gone, lambda voice: bool(voice.said))
    until(lambda: desk.walk().through is not None, within=PATIENCE)
    with desk.koe_down():
        missed = rt.create("Slow", "f@example.com", "The pages load slowly since Monday.")
        rt.answer(missed, "We are looking into it.", kind="text/plain")
        rt.change(gone, Status="deleted")
    desk.walk_now()
    say(
        "a ticket from while Koe was down is a voice",
        desk.wait_for(missed, lambda voice: len(voice.said) == 2),
    )
    desk.wait_for(gone, lambda voice: not voice.said)
    assert desk.walk().repaired >= 1
    voice = desk.voice(missed)
    assert voice is not None
    assert voice.said == (
        ("customer", "The pages load slowly since Monday."),
        ("agent", "We are looking into it."),
    )


def test_a_deleted_ticket_that_is_restored_comes_back(desk: Desk) -> None:
    number = desk.tracker.create("Back", "g@example.com", "Please do not lose this.")
    desk.wait_for(number, lambda voice: bool(voice.said))
    desk.tracker.change(number, Status="deleted")
    desk.wait_for(number, lambda voice: not voice.said)
    desk.tracker.change(number, Status="open")
    desk.wait_for(number, lambda voice: voice.said == (("customer", "Please do not lose this."),))


def test_no_comment_ever_came(desk: Desk) -> None:
    with desk.db.begin() as session:
        kept = session.execute(
            text("SELECT count(*) FROM inbox WHERE position('社内メモ' IN convert_from(body, 'UTF8')) > 0")
        )
        assert kept.scalar_one() == 0
        calls = session.execute(text("SELECT convert_from(body, 'UTF8') FROM webhook_call")).scalars().all()
    assert calls
    assert all(set(json.loads(call)) == {"event", "ticket", "transaction"} for call in calls)


def test_a_customer_is_told_in_their_ticket_once_and_it_is_no_voice_when_it_comes_back(desk: Desk) -> None:
    number = desk.tracker.create("Print", "h@example.com", "Invoices do not print.")
    desk.wait_for(number, lambda voice: bool(voice.said))
    desk.tracker.change(number, Status="resolved")
    desk.wait_for(number, lambda voice: voice.status == "resolved")
    switched, why = desk.koe.start("source", "set", NAME, "replies=yes").communicate()
    assert "may reply" in switched, why
    delivery_id = agree(desk, number, "This has been fixed.\n\nThank you for telling us.")
    say("a customer is told", desk.wait_for(number, lambda voice: len(voice.said) == 2))
    voice = desk.voice(number)
    assert voice is not None
    assert voice.said[1] == ("bot", "This has been fixed.\n\nThank you for telling us.")
    print(f"- a resolved ticket in which Koe replied is {voice.status}")  # noqa: T201
    with desk.db.begin() as session:
        delivery = session.get_one(Delivery, delivery_id)
        delivery.state, delivery.next_at = "uncertain", datetime.now(UTC)
    until(lambda: outcomes(desk) == ["delivered", "found"], within=PATIENCE)
    again = desk.voice(number)
    assert again is not None
    assert len(again.said) == 2


def agree(desk: Desk, number: str, words: str) -> str:
    """Let a customer be told at once, as if somebody had agreed to it ten minutes ago."""
    now = datetime.now(UTC)
    ours: dict[str, Any] = {"organisation_id": MAIN}
    with desk.db.begin() as session:
        item = session.exec(select(Item).where(Item.external_id == number)).one()
        session.add(Theme(id="print", title="Print", lang="en", **ours))
        session.flush()
        opened: dict[str, Any] = {
            "intervention_id": "print",
            "theme": "print",
            "kind": "fix",
            "occurred_at": now,
        }
        session.add(Intervention(id="print", **opened, **ours))
        session.flush()
        session.add(Notice(id="print", **ours))
        target = targets.add_target(session, MAIN, f"{NAME} (replies)", "replies", {"source": NAME})
        news = News(event=AGREED, subject_id="h", at=now, data={"text": words, "theme_id": "print"})
        row = deliveries.news_row(news, target, at=now, link_to=number)
        deliveries.put_all(session, [row])
        delivery_id = str(row["id"])
        told: dict[str, Any] = {
            "item_id": item.id,
            "customer_id": item.customer_id,
            "delivery_id": delivery_id,
        }
        agreed: dict[str, Any] = {"agreed_by": "Aki", "agreed_at": now, "words": digest(words_of(words))}
        session.add(Recipient(id="h", notice_id="print", **told, **agreed, **ours))
    return delivery_id


def outcomes(desk: Desk) -> list[str]:
    """Return what came of each attempt."""
    with desk.db.begin() as session:
        query = select(DeliveryAttempt.outcome).order_by(col(DeliveryAttempt.number))
        return list(session.exec(query))
