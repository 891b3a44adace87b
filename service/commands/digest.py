"""`koe digest`: what changed in the week, as it goes out by e-mail and to channels."""

from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Annotated

import typer
from sqlmodel import Session

from service.arguments import one_of, read_settings
from service.commands.options import Json, opened, zone_of
from service.config import Settings
from service.console import Console
from service.pipeline import digest as sending
from service.pipeline.digest import Post, Written
from service.posting import leaving, mail_server, rhythm_of
from service.rules.digests import Week, newest, next_after

# service.web is imported where it is used: it loads the web framework, of which a worker has no other need.


def digest(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the next one, and send nothing.")] = False,
    lang: Annotated[str, typer.Option(callback=one_of(("en", "ja")), help="Of what is printed.")] = "en",
    as_json: Json = False,
) -> None:
    """Send the digest of the week that is over, as the worker does, or print the next one."""
    console, settings = Console(json=as_json), read_settings()
    post = posting(settings)
    with opened(console, settings) as db:
        if dry_run:
            week = _coming(datetime.now(UTC), zone_of(db, settings), settings)
            with db.begin() as session:
                written = post.write(session, settings.organisation, lang, week, "")
            console.say(f"{written.subject}\n\n{written.text}")
            console.answer({"subject": written.subject, "text": written.text, "html": written.html})
            return
        with console.progress() as progress:
            report = sending.run(db, settings.organisation, post, progress=progress)
    told = f"{report.done:,} sent, {report.failed:,} not." if post.server else "No mail server is set up."
    console.say(told)
    for note in report.notes:
        console.say(note)
    console.answer({"sent": report.done, "failed": report.failed, "reasons": list(report.notes)})


def posting(settings: Settings) -> Post:
    """Return what digests go out by. Raises WrongUse for settings that do not fit together."""
    return Post(
        write=partial(_write, settings.public_url),
        leave=partial(leaving, settings),
        server=mail_server(settings),
        rhythm=rhythm_of(settings),
        public_url=settings.public_url,
    )


def _write(
    public_url: str | None, session: Session, organisation_id: str, lang: str, week: Week, leave: str
) -> Written:
    from service.web.digest import write

    return write(public_url, session, organisation_id, lang, week, leave)


def _coming(now: datetime, zone: tzinfo, settings: Settings) -> Week:
    rhythm = rhythm_of(settings)
    return next_after(newest(now, zone, rhythm), zone, rhythm)
