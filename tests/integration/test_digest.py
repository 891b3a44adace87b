"""The weekly digest: what home tells, to whoever asked for it, once; and one click out of it."""

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col, select

from service.app import create_app
from service.commands.digest import posting
from service.config import Settings
from service.db import Database
from service.doctor import examine_machine
from service.jobs.queue import Queue
from service.jobs.sweep import sweep
from service.models import MAIN, Delivery, DigestLetter, DigestWeek, DigestWish, Person, Theme
from service.pipeline import digest
from service.pipeline.digest import LEASE
from service.posting import leaving, who_leaves
from service.repositories import digests, organisations, targets
from service.rules.digests import DAYS, Rhythm, Week, newest
from tests.access import OURS, a_link, a_person, a_token, an_organisation, by
from tests.cli import Koe
from tests.integration.conftest import Reader
from tests.integration.test_home import forget_all_news
from tests.live import serving
from tests.postbox import Postbox, postbox, usual
from tests.processes import loaded

PUBLIC = "https://koe.example.com"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LINKS = re.compile(r"https://koe\.example\.com[^\s\"<>]*")


def due_now(zone: str = "Asia/Tokyo") -> Rhythm:
    """Return the rhythm in which the hour has just come."""
    now = datetime.now(ZoneInfo(zone))
    return Rhythm(day=now.weekday(), hour=now.hour)


def settings(box: Postbox | None, folder: Path) -> Settings:
    rhythm = due_now()
    return Settings(
        home=folder,
        public_url=PUBLIC,
        smtp_url=SecretStr(box.url) if box else None,
        smtp_from="Koe <koe@example.com>",
        digest_day=DAYS[rhythm.day],  # type: ignore[arg-type]
        digest_hour=rhythm.hour,
        secret_key=SecretStr("a key that is long enough"),
    )


def by_http(known: Settings) -> Settings:
    """Return settings by which a browser of a test stays signed in: it has no https."""
    return known.model_copy(update={"public_url": "http://koe.example.com"})


def asks(db: Database, person: Person, *, lang: str = "en") -> None:
    with db.begin() as session:
        digests.ask(session, person.organisation_id, person.id, lang=lang, at=LONG_AGO)


def letters(db: Database) -> dict[str, DigestLetter]:
    """Return the letters by the name of their person."""
    with db.begin() as session:
        query = select(Person.name, DigestLetter).join(
            DigestLetter, col(DigestLetter.person_id) == col(Person.id)
        )
        return dict(session.exec(query).all())


def let_time_pass(db: Database) -> None:
    """Let all rests and leases be over."""
    with db.begin() as session:
        session.execute(update(DigestLetter).values(next_at=LONG_AGO))


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The demo's voices, a mail server, and people."""

    db: Database
    box: Postbox
    settings: Settings

    def send(self) -> digest.Post:
        post = posting(self.settings)
        digest.run(self.db, MAIN, post)
        return post


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as opened:
        yield opened


@pytest.fixture
def office(demo_db: Database, box: Postbox, tmp_path: Path) -> Office:
    with demo_db.begin() as session:
        # What the demo's loop did is as of now; the hour that has come lies a little before.
        moved = datetime.now(UTC) - timedelta(days=1)
        session.execute(update(Theme).where(col(Theme.born_at) > moved).values(born_at=moved))
    return Office(db=demo_db, box=box, settings=settings(box, tmp_path))


class TestWhatIsSent:
    def test_says_in_the_language_of_each_what_home_says_and_leads_there(self, office: Office) -> None:
        asks(office.db, a_person(office.db, "aki@example.com", name="明希"), lang="ja")
        asks(office.db, a_person(office.db, "ben@example.com", name="Ben"))
        office.send()
        to = {mail.to: mail for mail in office.box.mails}
        english, japanese = to["ben@example.com"], to["aki@example.com"]
        with office.db.begin() as session:
            week = newest(datetime.now(UTC), ZoneInfo("Asia/Tokyo"), due_now())
            born = session.exec(select(Theme).where(col(Theme.born_at) > week.since)).all()
        assert born
        for mail, said, waits in (
            (english, r"\d+ things changed from ", "What waits for somebody"),
            (japanese, r"の間に、\d+件の変化がありました。", "対応を待っているもの"),
        ):
            for subtype in ("plain", "html"):
                text = mail.part(subtype)
                assert re.search(said, text)
                assert waits in text
                assert f"{PUBLIC}/themes/" in text
                assert f"{PUBLIC}/measures" in text
                assert any(theme.title in text for theme in born)
            assert mail.message["Subject"].startswith("Koe")
            assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert japanese.message["Content-Language"] == "ja"
        assert '<html lang="ja">' in japanese.part("html")
        assert "style=" not in japanese.part("html")

    def test_every_link_opens_a_page(self, office: Office, reader: Reader) -> None:
        ben = a_person(office.db, "ben@example.com", name="Ben")
        asks(office.db, ben)
        office.send()
        (mail,) = office.box.mails
        links = set(LINKS.findall(mail.part("plain"))) | set(LINKS.findall(mail.part("html")))
        assert len(links) >= 5
        with serving(create_app(office.db, by_http(office.settings))) as address:
            client = reader(address)
            client.get(a_link(office.db, ben))
            for link in links:
                assert client.get(link.removeprefix(PUBLIC).replace("&amp;", "&")).status_code == 200, link

    def test_what_a_person_wrote_into_a_title_is_sent_without_personal_data(self, office: Office) -> None:
        with office.db.begin() as session:
            session.execute(update(Theme).values(title="Call <b>me</b>\r\nat 090-1234-5678, a@b.example.com"))
        asks(office.db, a_person(office.db, "ben@example.com", name="Ben\r\nBcc: x@example.com"[:3]))
        office.send()
        (mail,) = office.box.mails
        for subtype in ("plain", "html"):
            assert "5678" not in mail.part(subtype)
            assert "a@b.example.com" not in mail.part(subtype)
        assert "<b>me</b>" not in mail.part("html")
        assert "Call <b>me</b> at [phone]" in mail.part("plain")

    def test_a_name_that_holds_a_header_adds_none(self, office: Office) -> None:
        person = a_person(office.db, "ben@example.com", name="Ben")
        with office.db.begin() as session:
            session.execute(update(Person).values(name="Ben\r\nBcc: everybody@example.com\r\n\r\nHello"))
        asks(office.db, person)
        office.send()
        (mail,) = office.box.mails
        assert mail.message["Bcc"] is None
        assert mail.to == "ben@example.com"
        assert [line for line in office.box.lines if line.startswith("RCPT")] == ["RCPT TO:<ben@example.com>"]

    def test_nothing_happened_is_a_short_honest_mail_and_no_message_in_a_channel(
        self, office: Office
    ) -> None:
        forget_all_news(office.db)
        with office.db.begin() as session:
            targets.add_target(session, MAIN, "team", "slack", {"lang": "en"})
        asks(office.db, a_person(office.db, "ben@example.com", name="Ben"))
        office.send()
        (mail,) = office.box.mails
        assert "Nothing changed from " in mail.part("plain")
        with office.db.begin() as session:
            assert session.exec(select(Delivery).where(Delivery.event == "digest.weekly")).all() == []


class TestOnce:
    @pytest.fixture
    def ben(self, office: Office) -> Person:
        person = a_person(office.db, "ben@example.com", name="Ben")
        asks(office.db, person)
        return person

    @pytest.mark.usefixtures("ben")
    def test_a_week_is_sent_once_however_often_it_is_looked_at(self, office: Office) -> None:
        for _ in range(3):
            office.send()
            let_time_pass(office.db)
        assert len(office.box.mails) == 1
        assert letters(office.db)["Ben"].state == "sent"

    def test_nobody_gets_one_who_did_not_ask_or_asked_after_its_hour_or_is_no_longer_let_in(
        self, office: Office, ben: Person
    ) -> None:
        a_person(office.db, "never@example.com", name="Never")
        late = a_person(office.db, "late@example.com", name="Late")
        gone = a_person(office.db, "gone@example.com", name="Gone")
        asks(office.db, gone)
        with office.db.begin() as session:
            digests.ask(session, MAIN, late.id, lang="en", at=datetime.now(UTC) + timedelta(hours=1))
            session.execute(
                update(Person).where(col(Person.id) == gone.id).values(disabled_at=datetime.now(UTC))
            )
        office.send()
        assert [mail.to for mail in office.box.mails] == [ben.email]

    @pytest.mark.usefixtures("ben")
    def test_a_mail_server_that_is_away_is_tried_again(self, office: Office) -> None:
        says = iter(["421 not now", "451 4.3.0 later", None])
        answers: dict[str, str | None] = {}

        def answer(line: str) -> str | None:
            if line.startswith("MAIL"):
                answers["now"] = next(says)
            return answers.get("now") if line.startswith("MAIL") else None

        office.box.answer = answer
        office.send()
        waiting = letters(office.db)["Ben"]
        assert (waiting.state, waiting.attempts) == ("waiting", 1)
        assert "421 not now" in (waiting.reason or "")
        office.send()
        assert letters(office.db)["Ben"].attempts == 1, "it rests first"
        for state in ("waiting", "sent"):
            let_time_pass(office.db)
            office.send()
            assert letters(office.db)["Ben"].state == state
        assert len(office.box.mails) == 1

    @pytest.mark.usefixtures("ben")
    def test_an_answer_that_was_lost_is_not_followed_by_a_second_mail(self, office: Office) -> None:
        office.box.answer = lambda line: "" if line == "." else None
        office.send()
        office.box.answer = usual
        let_time_pass(office.db)
        office.send()
        assert len(office.box.mails) == 1
        assert letters(office.db)["Ben"].state == "unsure"

    @pytest.mark.usefixtures("ben")
    def test_it_is_given_up_before_the_next_one_comes(self, office: Office) -> None:
        office.box.answer = lambda line: "421 not now" if line.startswith("MAIL") else None
        office.send()
        with office.db.begin() as session:
            long_ago = datetime.now(UTC) - timedelta(days=6, hours=2)
            session.execute(update(DigestLetter).values(until=long_ago, next_at=LONG_AGO))
        office.send()
        assert letters(office.db)["Ben"].state == "given_up"

    def test_each_organisation_by_its_own_clock_and_its_own_people(self, office: Office, ben: Person) -> None:
        an_organisation(office.db, "north", timezone="Pacific/Kiritimati")
        nora = a_person(office.db, "nora@example.com", name="Nora", organisation_id="north")
        asks(office.db, nora)
        office.send()
        assert [mail.to for mail in office.box.mails] == [ben.email]
        with office.db.begin() as session:
            assert [one.organisation_id for one in session.exec(select(DigestWeek))] == [MAIN]
        there = due_now("Pacific/Kiritimati")
        post = replace(posting(office.settings), rhythm=there)
        digest.run(office.db, "north", post)
        (_, mail) = office.box.mails
        assert mail.to == nora.email
        assert "Nothing changed" in mail.part("plain")
        with office.db.begin() as session:
            titles = session.exec(select(Theme.title)).all()
        assert [title for title in titles if title in mail.part("plain")] == []

    def test_the_sweep_asks_for_it_at_its_hour_and_for_letters_that_are_due(
        self, office: Office, ben: Person
    ) -> None:
        def asked() -> list[str]:
            sweep(office.db, Queue(office.db), rhythm=due_now())
            with office.db.begin() as session:
                query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'digest'"
                ((n,),) = session.connection().exec_driver_sql(query)
                session.connection().exec_driver_sql("DELETE FROM procrastinate_jobs")
            return ["digest"] * n

        assert asked() == ["digest"]
        office.box.answer = lambda line: "421 not now" if line.startswith("MAIL") else None
        office.send()
        assert asked() == []
        let_time_pass(office.db)
        assert asked() == ["digest"]
        assert ben.email


class TestKilled:
    @pytest.fixture
    def koe(self, demo_url: str, office: Office, tmp_path: Path) -> Koe:
        set_so = office.settings
        assert set_so.smtp_url
        return Koe(
            folder=tmp_path,
            settings={
                "KOE_DATABASE_URL": demo_url,
                "KOE_PUBLIC_URL": PUBLIC,
                "KOE_SMTP_URL": set_so.smtp_url.get_secret_value(),
                "KOE_SMTP_FROM": "koe@example.com",
                "KOE_DIGEST_DAY": set_so.digest_day,
                "KOE_DIGEST_HOUR": str(set_so.digest_hour),
                "KOE_SECRET_KEY": "a key that is long enough",
            },
        )

    @pytest.mark.parametrize(
        ("at", "mails", "state"), [("RCPT", 1, "sent"), (".", 1, "unsure"), ("MAIL", 1, "sent")]
    )
    def test_in_the_middle_it_is_sent_once_all_the_same(
        self, office: Office, koe: Koe, at: str, mails: int, state: str
    ) -> None:
        asks(office.db, a_person(office.db, "ben@example.com", name="Ben"))
        process = koe.start("digest")

        def kill(line: str) -> str | None:
            if line.startswith(at):
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            return None

        office.box.answer = kill
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        office.box.answer = usual
        office.send()
        assert len(office.box.mails) == (at == "."), "whoever died may still be at it"
        let_time_pass(office.db)
        for _ in range(2):
            office.send()
        assert len(office.box.mails) == mails
        assert letters(office.db)["Ben"].state == state
        assert timedelta(minutes=1) < LEASE

    def test_a_dry_run_prints_what_would_come_and_sends_nothing(self, office: Office, koe: Koe) -> None:
        asks(office.db, a_person(office.db, "ben@example.com", name="Ben"))
        process = koe.start("digest", "--dry-run", "--lang", "ja")
        out, _ = process.communicate()
        assert process.returncode == 0
        assert "対応を待っているもの" in out
        assert office.box.mails == []
        assert letters(office.db) == {}

    def test_doctor_says_whether_the_server_takes_letters(self, office: Office) -> None:
        (found,) = [one for one in examine_machine(office.settings) if one.what.startswith("mail: ")]
        assert (found.ok, "takes letters" in found.what) == (True, True)
        office.box.answer = lambda line: "" if line.startswith("EHLO") else None
        (found,) = [one for one in examine_machine(office.settings) if one.what.startswith("mail: ")]
        assert not found.ok
        assert office.box.mails == []

    def test_settings_that_do_not_fit_are_told_without_the_credentials(
        self, demo_url: str, tmp_path: Path
    ) -> None:
        for more in (
            {"KOE_SMTP_URL": "smtp://koe:s3cret@mail.example.com"},
            {"KOE_SMTP_URL": "http://koe:s3cret@mail.example.com", "KOE_SMTP_FROM": "koe@example.com"},
        ):
            with_public = {"KOE_DATABASE_URL": demo_url, "KOE_PUBLIC_URL": PUBLIC, **more}
            process = Koe(folder=tmp_path, settings=with_public).start("digest")
            out, err = process.communicate()
            assert process.returncode == 2
            assert "KOE_SMTP" in err
            assert "s3cret" not in out + err


class TestLeaving:
    @pytest.fixture
    def ben(self, office: Office) -> Person:
        person = a_person(office.db, "ben@example.com", name="Ben")
        asks(office.db, person)
        return person

    @pytest.fixture
    def stranger(self, office: Office, reader: Reader) -> Iterator[httpx.Client]:
        with serving(create_app(office.db, office.settings)) as address:
            yield reader(address)

    def gets_it(self, office: Office, person: Person) -> bool:
        with office.db.begin() as session:
            return digests.wish_of(session, person.organisation_id, person.id) is not None

    def test_one_click_of_a_mail_program_is_enough_and_needs_no_sign_in(
        self, office: Office, ben: Person, stranger: httpx.Client
    ) -> None:
        office.send()
        told = office.box.mails[0].message["List-Unsubscribe"]
        path = told.strip("<>").removeprefix(PUBLIC)
        answer = stranger.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert not self.gets_it(office, ben)
        assert stranger.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        let_time_pass(office.db)
        office.send()
        assert len(office.box.mails) == 1

    @pytest.mark.parametrize("lang", ["en", "ja"])
    def test_a_link_that_is_looked_at_shows_one_button_and_changes_nothing(
        self, office: Office, ben: Person, stranger: httpx.Client, lang: str
    ) -> None:
        path = leaving(office.settings, MAIN, ben.id).removeprefix(PUBLIC)
        page = stranger.get(path, headers={"Accept-Language": lang})
        assert page.status_code == 200
        assert page.text.count("<button") == 1
        assert "ben@example.com" not in page.text
        assert "Ben" not in page.text
        assert self.gets_it(office, ben)
        assert stranger.post(path, headers=OURS).status_code == 200
        assert not self.gets_it(office, ben)

    def test_what_waits_for_a_person_who_leaves_is_not_sent(self, office: Office, ben: Person) -> None:
        office.box.answer = lambda line: "421 not now" if line.startswith("MAIL") else None
        office.send()
        office.box.answer = usual
        with office.db.begin() as session:
            digests.leave(session, MAIN, ben.id)
        let_time_pass(office.db)
        office.send()
        assert office.box.mails == []
        asks(office.db, ben)
        office.send()
        assert office.box.mails == []

    def test_a_person_who_leaves_while_the_letter_is_on_its_way_gets_none(
        self, office: Office, ben: Person
    ) -> None:
        def leave(line: str) -> str | None:
            if line.startswith("RCPT"):
                with office.db.begin() as session:
                    digests.leave(session, MAIN, ben.id)
            return None

        office.box.answer = leave
        office.send()
        assert office.box.mails == []

    def test_no_other_token_is_taken(self, office: Office, ben: Person, stranger: httpx.Client) -> None:
        good = leaving(office.settings, MAIN, ben.id).removeprefix(f"{PUBLIC}/unsubscribe/")
        other_key = office.settings.model_copy(update={"secret_key": SecretStr("another key of that length")})
        tokens = [
            good[:-2] + ("AA" if good[-2:] != "AA" else "BB"),
            good[:20],
            "x" * 5_000,
            "%00",
            "é",
            leaving(other_key, MAIN, ben.id).rpartition("/")[2],
        ]
        for token in tokens:
            for answer in (
                stranger.get(f"/unsubscribe/{token}"),
                stranger.post(f"/unsubscribe/{token}"),
            ):
                assert answer.status_code in (400, 404), token
        assert self.gets_it(office, ben)
        assert who_leaves(office.settings, good) is not None

    def test_a_link_of_one_organisation_changes_nothing_in_another(
        self, office: Office, ben: Person, stranger: httpx.Client
    ) -> None:
        an_organisation(office.db, "north")
        path = leaving(office.settings, "north", ben.id).removeprefix(PUBLIC)
        assert stranger.post(path).status_code == 200
        assert self.gets_it(office, ben)


class TestOnesOwnPage:
    @dataclass(frozen=True, slots=True)
    class Desk:
        client: httpx.Client
        person: Person

        def post(self, **data: str) -> str:
            assert self.client.post("/me/digest", headers=OURS, data=data).status_code == 303
            return self.client.get("/me").text

    @pytest.fixture
    def ben(self, office: Office, reader: Reader) -> Iterator["TestOnesOwnPage.Desk"]:
        person = a_person(office.db, "ben@example.com", name="Ben")
        with serving(create_app(office.db, by_http(office.settings))) as address:
            client = reader(address)
            client.get(a_link(office.db, person))
            yield TestOnesOwnPage.Desk(client, person)

    def test_it_is_asked_for_and_given_up_there_by_whoever_only_reads(
        self, office: Office, ben: "TestOnesOwnPage.Desk"
    ) -> None:
        assert "Send it to me" in ben.client.get("/me").text
        with office.db.begin() as session:
            assert session.exec(select(DigestWish)).all() == []
        assert "You get it at ben@example.com" in ben.post(lang="ja", wanted="yes")
        with office.db.begin() as session:
            wish = session.exec(select(DigestWish)).one()
        assert (wish.person_id, wish.lang) == (ben.person.id, "ja")
        assert "Send it to me" in ben.post(wanted="no")

    def test_an_address_that_is_refused_is_told_there_and_left_alone_until_it_is_another(
        self, office: Office, ben: "TestOnesOwnPage.Desk"
    ) -> None:
        asks(office.db, ben.person)
        office.box.answer = lambda line: "550 5.1.1 no such user" if line.startswith("RCPT") else None
        office.send()
        page = ben.client.get("/me").text
        assert "The mail server refused ben@example.com" in page
        assert "no such user" in page
        japanese = ben.client.get("/me", headers={"Accept-Language": "ja"}).text
        assert "ben@example.com を受け付けませんでした" in japanese
        office.box.answer = usual
        with office.db.begin() as session:
            assert digests.count_wishes(session, MAIN) == 0
            session.execute(update(Person).values(email="ben2@example.com"))
        with office.db.begin() as session:
            assert digests.count_wishes(session, MAIN) == 1
        assert "You get it at ben2@example.com" in ben.client.get("/me").text

    def test_what_may_not_have_arrived_is_told_and_can_be_read(
        self, office: Office, ben: "TestOnesOwnPage.Desk"
    ) -> None:
        asks(office.db, ben.person)
        office.box.answer = lambda line: "" if line == "." else None
        office.send()
        page = ben.client.get("/me").text
        assert "It is not known whether the digest of" in page
        link = re.search(r'href="(/digest\?week=[0-9-]+)"', page)
        assert link
        assert "things changed from" in ben.client.get(link[1]).text

    def test_without_a_mail_server_it_cannot_be_asked_for(
        self, demo_db: Database, reader: Reader, tmp_path: Path
    ) -> None:
        person = a_person(demo_db, "ben@example.com", name="Ben")
        with serving(create_app(demo_db, by_http(settings(None, tmp_path)))) as address:
            client = reader(address)
            client.get(a_link(demo_db, person))
            assert "KOE_SMTP_URL" in client.get("/me").text
            client.post("/me/digest", headers=OURS, data={"wanted": "yes", "lang": "en"})
        with demo_db.begin() as session:
            assert session.exec(select(DigestWish)).all() == []

    def test_a_program_has_no_wish(self, office: Office, reader: Reader) -> None:
        token = a_token(office.db, "admin")
        with serving(create_app(office.db, office.settings)) as address:
            answer = reader(address).post("/me/digest", headers=by(token), data={"wanted": "yes"})
        assert answer.status_code == 404


class TestThePage:
    def test_shows_what_the_next_one_would_tell_and_what_one_told(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/digest").text
        assert "What would the next digest tell?" in page
        assert "No mail is sent here" in page
        before = re.search(r'rel="prev" href="(/digest\?week=[0-9-]+)"', page)
        assert before
        past = demo_pages.get(before[1]).text
        assert "What changed in this week?" in past
        assert "Nothing changed from" in past
        japanese = demo_pages.get("/digest", headers={"Accept-Language": "ja"}).text
        assert "次のまとめで何を伝えるか" in japanese

    @pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31", "2026-05-05"])
    def test_takes_any_day(self, demo_pages: httpx.Client, week: str) -> None:
        assert demo_pages.get(f"/digest?week={week}").status_code == 200

    def test_is_honest_where_nothing_was_heard(self, empty_pages: httpx.Client) -> None:
        assert "No voices yet" in empty_pages.get("/digest").text


class TestAChannel:
    def test_is_told_once_a_week_in_its_language(self, office: Office) -> None:
        with office.db.begin() as session:
            for name, more in (("team", {}), ("quiet", {"digest": "no"})):
                targets.add_target(session, MAIN, name, "slack", {"lang": "en", **more})
            targets.add_target(session, MAIN, "crm", "webhook", {"url": "https://example.com/x"})
            chosen = {"url": "https://example.com/y", "events": "digest.weekly"}
            targets.add_target(session, MAIN, "wants", "webhook", chosen)
        for _ in range(2):
            office.send()
        with office.db.begin() as session:
            told = session.exec(select(Delivery).where(Delivery.event == "digest.weekly")).all()
            names = {targets.target_by_id(session, MAIN, one.target_id).name for one in told}
        assert names == {"team", "wants"}
        assert len(told) == 2
        data = (told[0].payload or {})["data"]
        assert data["told"]["ja"]["headline"] != data["told"]["en"]["headline"]
        assert {one["title"] for one in data["told"]["ja"]["changes"]} == {
            one["title"] for one in data["told"]["en"]["changes"]
        }
        assert 0 < len(data["told"]["en"]["changes"]) <= data["changes"]


def test_a_worker_loads_no_web_framework_before_a_digest_is_due() -> None:
    program = "import service.commands.digest, service.worker"
    assert loaded(program, ["fastapi", "service.web.digest"]) == "[]"


def test_a_week_is_told_by_one_of_two_who_begin_it(demo_db: Database, tmp_path: Path) -> None:
    post = posting(settings(None, tmp_path))
    with demo_db.begin() as session:
        zone = organisations.zone_of(session, MAIN)
        week = newest(datetime.now(UTC), zone, post.rhythm)
        first = digest.begin(session, MAIN, post, week, now=datetime.now(UTC))
    with demo_db.begin() as session:
        again = Week(since=week.since, until=week.until)
        second = digest.begin(session, MAIN, post, again, now=datetime.now(UTC))
    assert (first, second) == (True, False)
