"""`koe tell`: those who raised a theme are told what was done about it."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from service.arguments import one_of, read_settings
from service.commands.options import Json, opened
from service.commands.tokens import shown
from service.console import Console
from service.errors import WrongUse
from service.models import Organisation
from service.pipeline import notices
from service.pipeline.notice_overview import overview
from service.pipeline.notice_rows import by_hand_csv, rows, summary
from service.pipeline.notice_templates import change, templates_of
from service.pipeline.notices import ANSWERS
from service.repositories import notices as notice_repository
from service.rules.notice_templates import DONE
from service.rules.notice_texts import key_of

app = typer.Typer(help="Tell those who raised a theme what was done about it.", no_args_is_help=True)

MOST = 50
"""Interventions that are listed."""
BY = "command line"
RULES = ("conversation", "yes")
NoticeId = Annotated[str, typer.Argument(metavar="NOTICE", help="The id of a notice: koe tell list.")]


@app.command("list")
def list_notices(as_json: Json = False) -> None:
    """List what was done for customers, the latest first, and who could be told of it."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        found = notice_repository.interventions_of(session, settings.organisation, most=MOST)
        seen = [overview(session, settings.organisation, one.id) for one in found]
        told = [summary(one) for one in seen]
    console.listing(
        ("notice", "since (UTC)", "what", "by reply", "by hand", "not", "told", "theme"),
        [
            (
                one.notice_id,
                shown(one.intervention.occurred_at),
                one.intervention.kind,
                len(one.by_way("reply")),
                len(one.by_way("by_hand")),
                len(one.by_way("none")),
                len(one.told),
                one.theme.title if one.theme else "",
            )
            for one in seen
        ],
        if_none="Nothing was done yet of which anybody could be told.",
    )
    console.answer(told)


@app.command("show")
def show_notice(notice_id: NoticeId, as_json: Json = False) -> None:
    """Show whom a notice tells, by which way, and with which words."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        seen = overview(session, settings.organisation, notice_id)
        everybody, told = list(rows(seen)), summary(seen)
    needed = {key_of(one.lang, one.form) for one in seen.waiting}
    for key, text in seen.texts.items():
        if key in needed or key in seen.changed:
            console.say(f"{key}{' (changed)' if key in seen.changed else ''}:\n{text}\n")
    columns = ("customer_id", "source", "conversation", "lang", "consent", "way", "state", "reason")
    console.listing(
        ("customer", "source", "conversation", "language", "consent", "way", "state", "why"),
        [tuple(row[name] or "" for name in columns) for row in everybody],
        if_none="Nobody raised this before it was done.",
    )
    if people := len(seen.by_way("reply")):
        console.say(f"To tell {people:,} by a reply: koe tell agree {notice_id} --offer {seen.offer}")
    console.answer({**told, "texts": dict(seen.texts), "recipients": everybody})


@app.command("text")
def change_text(
    notice_id: NoticeId,
    key: Annotated[str, typer.Argument(help="Language and form: en-mail, en-chat, ja-mail or ja-chat.")],
    file: Annotated[
        Path, typer.Argument(help="A file with the text; - reads stdin, empty is the usual one.")
    ],
    as_json: Json = False,
) -> None:
    """Let a notice say something else, in one language and form."""
    console, settings = Console(json=as_json), read_settings()
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    with opened(console, settings) as db, db.begin() as session:
        version = overview(session, settings.organisation, notice_id).version
        seen = notices.edit(session, settings.organisation, notice_id, {key: text}, version=version)
    console.say(seen.texts[key])
    console.answer({"notice_id": notice_id, "texts": dict(seen.texts)})


@app.command("template")
def template(
    done: Annotated[
        str | None,
        typer.Argument(callback=one_of(tuple(DONE)), help=f"What was done: {', '.join(DONE)}; else all."),
    ] = None,
    key: Annotated[
        str | None, typer.Argument(help="Language and form: en-mail, en-chat, ja-mail or ja-chat.")
    ] = None,
    file: Annotated[
        Path | None, typer.Argument(help="A file with the text; - reads stdin, empty is the usual one again.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what notices are made from, or keep a text of your own, for all that nobody has edited.

    A text may name {thanks}, {title} and {url}; a line whose title or address is not known is left out.
    """
    console, settings = Console(json=as_json), read_settings()
    if key is not None and file is None:
        raise WrongUse("Name a file with the text as well; - reads stdin.")
    text = None if file is None else sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    with opened(console, settings) as db, db.begin() as session:
        found = [one for one in templates_of(session, settings.organisation) if done in (None, one.done)]
        if done and key and text is not None:
            version = found[0].version
            found = [change(session, settings.organisation, done, {key: text}, version=version)]
    for one in found:
        for each in one.each:
            own = " (your own)" if each.is_own else ""
            console.say(f"{one.done} {each.key}{own}:\n{each.text}\n")
    console.answer([asdict(one) for one in found])


@app.command("agree")
def agree(
    notice_id: NoticeId,
    offer: Annotated[
        str, typer.Option(help="What koe tell show ends with: for whom it stands, and for which words.")
    ],
    as_json: Json = False,
) -> None:
    """Tell everybody who can be told by a reply. It waits ten minutes, in which it can be stopped."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        people = len(overview(session, settings.organisation, notice_id).by_way("reply"))
        seen = notices.agree(session, settings.organisation, notice_id, by=BY, offer=offer)
        told = summary(seen)
    minutes = int(notices.GRACE.total_seconds() // 60)
    console.say(f"{people:,} are told in {minutes} minutes; until then: koe tell stop {notice_id}")
    console.answer(told)


@app.command("stop")
def stop(notice_id: NoticeId, as_json: Json = False) -> None:
    """Send nothing more of a notice."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        stopped = notices.stop(session, settings.organisation, notice_id, by=BY)
    console.say(f"{stopped.stopped:,} are not told.")
    if stopped.looked_up:
        console.say(f"{stopped.looked_up:,} may have been told already; that is looked up, and not repeated.")
    console.answer({"stopped": stopped.stopped, "looked_up": stopped.looked_up})


@app.command("export")
def export_by_hand(
    notice_id: NoticeId,
    file: Annotated[Path, typer.Argument(help="Where the CSV is written.")],
    as_json: Json = False,
) -> None:
    """Write whom a person has to tell, with which words, into a CSV file."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        written = by_hand_csv(overview(session, settings.organisation, notice_id))
    file.write_text(written, encoding="utf-8", newline="")
    console.say(f"{file} holds whom a person has to tell. Then: koe tell by-hand {notice_id}")
    console.answer({"file": str(file)})


@app.command("by-hand")
def by_hand(
    notice_id: NoticeId,
    customers: Annotated[
        list[str] | None,
        typer.Argument(metavar="CUSTOMER", help="Those whom you told; else all in the list."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Note that you told customers yourself."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        seen = notices.told_by_hand(session, settings.organisation, notice_id, by=BY, keys=customers or None)
        told = summary(seen)
    console.say(f"{len(seen.told):,} are told.")
    console.answer(told)


@app.command("consent")
def consent(
    customer: Annotated[str, typer.Argument(help="The id of a customer.")],
    answer: Annotated[str, typer.Argument(callback=one_of(tuple(ANSWERS)), help=f"{', '.join(ANSWERS)}.")],
    as_json: Json = False,
) -> None:
    """Note whether a customer wants to be told of such things."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        notices.say(session, settings.organisation, customer, answer, by=BY)
    console.say(f"{customer}: {answer}")
    console.answer({"customer_id": customer, "answer": answer})


@app.command("rule")
def rule(
    needs: Annotated[
        str | None,
        typer.Argument(
            callback=one_of(RULES),
            help="conversation: who said nothing is told in a conversation that they began; "
            "yes: nobody is told without a yes.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what it means that a customer said nothing; without a word, tell which rule holds."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        organisation = session.get_one(Organisation, settings.organisation)
        if needs is not None:
            organisation.asks_consent = needs == "yes"
        holds = "yes" if organisation.asks_consent else "conversation"
    console.say(
        "Nobody is told without a yes."
        if holds == "yes"
        else "Who said nothing is told in a conversation that they began, and nowhere else."
    )
    console.answer({"rule": holds})
