"""`koe user`: who may use the pages, and as what."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from service.access import links, people
from service.access.hosts import address_of
from service.arguments import named, one_of, read_settings
from service.commands.options import Json, opened
from service.config import Settings
from service.console import Console
from service.models import Person
from service.repositories import persons as person_repository
from service.rules.permissions import OF_ROLE

app = typer.Typer(help="Who may use the pages, and as what.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(callback=named, help="The address that the person signs in with.")]


@app.command("add")
def add_person(
    email: Email,
    name: Annotated[str | None, typer.Option(help="What decisions are signed with.")] = None,
    role: Annotated[
        str, typer.Option(callback=one_of(tuple(OF_ROLE)), help=f"{', '.join(OF_ROLE)}.")
    ] = "viewer",
    as_json: Json = False,
) -> None:
    """Let somebody in, and print the link that signs them in once."""
    console, settings, now = Console(json=as_json), read_settings(), datetime.now(UTC)
    with opened(console, settings) as db, db.begin() as session:
        person = people.add(session, settings.organisation, email, name=name, role=role, now=now)
        path = links.link_for(session, person, now=now)
    tell_link(console, settings, person, path)


@app.command("link")
def print_link(email: Email, as_json: Json = False) -> None:
    """Print a new link that signs somebody in once; the one before is void."""
    console, settings, now = Console(json=as_json), read_settings(), datetime.now(UTC)
    with opened(console, settings) as db, db.begin() as session:
        person = people.find(session, settings.organisation, email)
        path = links.link_for(session, person, now=now)
    tell_link(console, settings, person, path)


@app.command("list")
def list_people(as_json: Json = False) -> None:
    """List the persons, and what each may do."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        found = person_repository.list_persons(session, settings.organisation)
    console.listing(
        ("role", "state", "name", "e-mail"),
        [(p.role, state(p), p.name, p.email or "none yet") for p in found],
        if_none="There is nobody yet: koe user add EMAIL --role admin",
    )
    console.answer([{"email": p.email, "name": p.name, "role": p.role, "state": state(p)} for p in found])


@app.command("role")
def give_role(
    email: Email,
    role: Annotated[str, typer.Argument(callback=one_of(tuple(OF_ROLE)), help=f"{', '.join(OF_ROLE)}.")],
    as_json: Json = False,
) -> None:
    """Let somebody do more, or less, from their next request on."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        person = people.find(session, settings.organisation, email)
        people.give_role(session, person, role)
    console.say(f"{person.email} is {person.role} now.")
    console.answer({"email": person.email, "role": person.role})


@app.command("disable")
def disable_person(email: Email, as_json: Json = False) -> None:
    """Let somebody in no longer; what they are signed in with ends at once."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        person = people.find(session, settings.organisation, email)
        people.disable(session, person, now=datetime.now(UTC))
    console.say(f"{person.email} is not let in any longer.")
    console.answer({"email": person.email, "state": state(person)})


@app.command("enable")
def enable_person(email: Email, as_json: Json = False) -> None:
    """Let somebody in again."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        person = people.find(session, settings.organisation, email)
        people.enable(person)
    console.say(f"{person.email} is let in again.")
    console.answer({"email": person.email, "state": state(person)})


def tell_link(console: Console, settings: Settings, person: Person, path: str) -> None:
    """Print the link that a person signs in with."""
    link = address_of(settings) + path
    console.note(f"{person.email} ({person.role}) signs in by this link once, within 24 hours:")
    console.say(link)
    console.answer({"email": person.email, "name": person.name, "role": person.role, "link": link})


def state(person: Person) -> str:
    """Return whether a person is let in."""
    return "let in" if person.disabled_at is None else "disabled"
