"""Two organisations in one Koe: neither finds, changes or so much as notices what is the other's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import delete, text
from sqlmodel import col, select

from service.access.caller import SCOPES, Scope
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import (
    MAIN,
    Account,
    Alarm,
    Article,
    Correction,
    Delivery,
    Effect,
    GlossaryEntry,
    Intervention,
    Item,
    Person,
    PreviewTheme,
    Run,
    SavedView,
    Source,
    Suggestion,
    Target,
    Theme,
    ThemePair,
    Token,
    Upload,
    WebhookCall,
)
from service.pipeline import correct, decide
from service.repositories import glossary, pairs, targets
from service.rules.glossary import Wording
from tests.access import OURS, a_person, a_token, an_organisation, by
from tests.integration.conftest import Reader
from tests.live import routes, serving

NAMES = {
    "theme_id": Theme.id,
    "suggestion_id": Suggestion.id,
    "article_id": Article.id,
    "item_id": Item.id,
    "account_id": Account.account_id,
    "intervention_id": Intervention.intervention_id,
    "notice_id": Intervention.id,
    "effect_id": Intervention.id,
    "source_id": Source.id,
    "target_id": Target.id,
    "delivery_id": Delivery.id,
    "run_id": Run.id,
    "alarm_id": Alarm.id,
    "entry_id": GlossaryEntry.id,
    "view_id": SavedView.id,
    "upload_id": Upload.id,
    "pair_id": ThemePair.id,
    "correction_id": Correction.id,
    "person_id": Person.id,
    "token_id": Token.id,
}
"""What a path names, by its parameter."""
LETTERS = ("dead_letter_id", "letter_id")
SPOKE = "customer_id"
FORECAST = "forecast_id"
ELSEWHERE = {"decision", "done", "wish", "source", "secret", "sign_in_id", "kind", "measure", "form", "token"}
"""Parameters that name nothing of an organisation."""
OPEN_TO_ALL = ("/sign-in", "/webhooks", "/hooks", "/me", "/static", "/unsubscribe")
"""Routes that name nothing of an organisation, or prove themselves in another way."""
ABSENT = "absent"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
BODIES: Mapping[str, Mapping[str, object]] = {
    "dismiss": {"reason": "no"},
    "published": {"url": "https://help.example.com/1"},
    "texts": {"texts": {}, "version": 0},
    "agree": {"offer": "x"},
    "consents": {"customer_id": "c-1", "answer": "no"},
}
"""What the API wants to know, by the last part of the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The demo company in `main`, an empty organisation `north`, and a program of each scope in both."""

    client: httpx.Client
    ids: Mapping[str, str]
    """One of each thing of `main`."""
    tokens: dict[tuple[str, Scope], str]
    db: Database

    def ask(self, method: str, path: str, who: str, scope: Scope, *, key: str = "") -> httpx.Response:
        """Ask as a program of an organisation does, with whatever the address takes."""
        headers = by(self.tokens[who, scope]) | OURS
        if method == "GET":
            return self.client.get(path, headers=headers)
        if not path.startswith("/api/"):
            return self.client.post(path, headers=headers, data={"reason": "no", "day": "2026-01-01"})
        body = BODIES.get(path.rpartition("/")[2], {})
        if method in ("PUT", "DELETE"):
            wanted = {"term": "Smart Shift"} if method == "PUT" else None
            return self.client.request(method, path, headers=headers, json=wanted)
        return self.client.post(path, headers=headers | ({"Idempotency-Key": key} if key else {}), json=body)


@pytest.fixture
def neighbours(demo_db: Database, reader: Reader) -> Iterator[Neighbours]:
    """Both, over one server."""
    north = an_organisation(demo_db, "north")
    a_person(demo_db, "somebody@main.example.com", role="admin")
    a_token(demo_db, name="of main alone")
    with demo_db.begin() as session:
        glossary.add(session, MAIN, Wording(term="Smart Shift"))
        targets.add_target(session, MAIN, "backlog", "backlog-file", {"path": "/tmp/backlog.jsonl"})
        open_one = session.exec(select(Suggestion).where(Suggestion.action == "fix_product")).first()
        assert open_one
        decide.accept(session, MAIN, open_one.id, by="Aki")
    letter = WebhookCall(
        organisation_id=MAIN,
        source_id="",
        call_key="1",
        body=b"{}",
        received_at=NOW,
        state="dead",
        reason="odd",
    )
    alarm = Alarm(
        id="an-alarm", organisation_id=MAIN, kind="spam", onset=NOW, raised_at=NOW, contacts=9, expected=1
    )
    with demo_db.begin() as session:
        pair = pairs.proposals(session, MAIN)[0].pair
        correct.merge(session, MAIN, pair.theme_id, pair.other_id, by="Aki")
    waits = Run(
        id="a-preview",
        organisation_id=MAIN,
        ordinal=2,
        state="preview",
        input_digest="",
        embedder="",
        clusterer="",
        created_at=NOW,
        figures={"spans": 0, "themed": 0, "groups": 1, "beside": None, "corrected": []},
    )
    would_be = PreviewTheme(
        run_id=waits.id,
        level="upper",
        number=0,
        organisation_id=MAIN,
        theme_id="a-forecast",
        title="Would be",
        lang="en",
        kind="other",
    )
    with demo_db.begin() as session:
        session.add(waits)
        session.flush()
        session.add(would_be)
    with demo_db.begin() as session:
        letter.source_id = session.exec(select(Source.id)).first() or ""
        view = SavedView(
            id="a-view",
            organisation_id=MAIN,
            owner_id="a",
            owner_name="Aki",
            place="/themes",
            query="",
            name="All of them",
            shared=True,
            at=NOW,
        )
        session.add_all([letter, alarm, view])
    with demo_db.begin() as session:
        session.execute(
            delete(Intervention).where(col(Intervention.id).not_in(select(Effect.intervention_id)))
        )
        ids = {name: str(session.exec(select(column).limit(1)).one()) for name, column in NAMES.items()}
        known = select(Item.customer_id).where(col(Item.customer_id).is_not(None))
        ids[SPOKE] = session.exec(known.limit(1)).one() or ""
        ids["pair_id"] = pairs.proposals(session, MAIN)[0].pair.id
    ids |= {"run_id": waits.id, FORECAST: would_be.theme_id}
    ids |= dict.fromkeys(LETTERS, f"call-{letter.sequence}")
    tokens = {
        (who, scope): a_token(demo_db, scope, organisation_id=who, name=scope)
        for who in (MAIN, north)
        for scope in SCOPES
    }
    with serving(create_app(demo_db, Settings())) as address:
        yield Neighbours(client=reader(address), ids=ids, tokens=tokens, db=demo_db)


def guarded_routes() -> list[tuple[str, str]]:
    """Return what the gate guards: method and path, whose parameters stand in braces."""
    return [(m, p.replace(":path}", "}")) for m, p in routes() if not p.startswith(OPEN_TO_ALL)]


def named_in(path: str) -> list[str]:
    return re.findall(r"\{([a-z_]+)\}", path)


def leads_back(method: str, path: str) -> bool:
    """Say whether this is the address of a form, which leads to its page without looking at anything."""
    return method == "GET" and bool({"decision", "wish"} & set(named_in(path)))


def nowhere(method: str, path: str) -> int:
    """Return the status for what is not there. A dead letter that is gone is replayed: back to the list."""
    return 303 if method == "POST" and path.startswith("/dead-letters/") else 404


def filled(path: str, ids: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda found: ids.get(found[1], ABSENT), path)


def told(answer: httpx.Response, ids: Mapping[str, str]) -> str:
    """Return an answer without the ids that were asked for, which it may say again."""
    text = answer.text
    for one in (*ids.values(), ABSENT):
        text = text.replace(one, "…")
    return text


def test_what_is_anothers_is_answered_as_what_does_not_exist(neighbours: Neighbours) -> None:
    """The whole route table, three scopes: another's id and one that nobody has cannot be told apart."""
    asked = [
        (m, p)
        for m, p in guarded_routes()
        if set(named_in(p)) & {*NAMES, *LETTERS, SPOKE} and not leads_back(m, p)
    ]
    assert len(asked) >= 20
    assert {name for _, path in routes() for name in named_in(path)} <= {
        *NAMES,
        *LETTERS,
        SPOKE,
        FORECAST,
        *ELSEWHERE,
    }
    for method, path in asked:
        theirs, absent = filled(path, neighbours.ids), filled(path, {})
        for scope in SCOPES:
            other = neighbours.ask(method, theirs, "north", scope)
            nothing = neighbours.ask(method, absent, "north", scope)
            expected = 403 if method != "GET" and scope == "read" else nowhere(method, path)
            assert (other.status_code, nothing.status_code) == (expected, expected), (method, path, scope)
            assert told(other, neighbours.ids) == told(nothing, neighbours.ids), (method, path, scope)
            if method == "GET":
                assert neighbours.ask(method, theirs, MAIN, scope).status_code == 200, (path, scope)
            elif scope == "read":
                assert neighbours.ask(method, theirs, MAIN, scope).status_code == 403, (path, scope)


def test_nothing_of_another_stands_in_lists_filters_feeds_and_figures(neighbours: Neighbours) -> None:
    with neighbours.db.begin() as session:
        words = [one.title for one in session.exec(select(Theme).limit(20))]
        words += [one.title for one in session.exec(select(Article).limit(20))]
        words += [one.external_id for one in session.exec(select(Item).limit(20)) if len(one.external_id) > 5]
        words += [one.name for one in session.exec(select(Source))]
        words += [one.name for one in session.exec(select(Account)) if one.name]
    secret = [*words, *neighbours.ids.values()]
    lists = [path for method, path in guarded_routes() if method == "GET" and not named_in(path)]
    lists.remove("/api/v1/openapi.json")  # the same for everybody: its examples are of the demo
    assert {"/themes", "/items", "/api/v1/themes", "/api/v1/items"} <= set(lists)
    ids = neighbours.ids
    lists += [f"/items?q={words[0]}", "/items?channel=ticket", "/items?page=2"]
    lists += [f"/lists/{noun}.csv" for noun in ("themes", "suggestions", "effects", "accounts", "items")]
    lists += [f"/api/v1/{noun}?theme_id={ids['theme_id']}" for noun in ("items", "suggestions")]
    for path in lists:
        text = neighbours.ask("GET", path, "north", "admin").text
        assert [word for word in secret if word in text and word not in path] == [], path
    assert neighbours.ask("GET", f"/items?theme={ids['theme_id']}", "north", "admin").status_code == 404
    assert neighbours.ask("GET", f"/items?article={ids['article_id']}", "north", "admin").status_code == 404


def test_nothing_of_another_is_changed(neighbours: Neighbours) -> None:
    def state() -> list[object]:
        with neighbours.db.begin() as session:
            found: list[object] = []
            tables = (Suggestion, Delivery, Theme, Correction, Intervention, WebhookCall, Person, Upload)
            for table in tables:
                found += [one.model_dump() for one in session.exec(select(table).order_by(text("1")))]
            return found

    before = state()
    changing = [
        (m, p) for m, p in guarded_routes() if m != "GET" and set(named_in(p)) & {*NAMES, *LETTERS, SPOKE}
    ]
    assert len(changing) >= 8
    for method, path in changing:
        others: tuple[tuple[str, Scope], ...] = (("north", "admin"), ("north", "write"), (MAIN, "read"))
        for who, scope in others:
            answer = neighbours.ask(method, filled(path, neighbours.ids), who, scope, key="a-key")
            assert answer.status_code in (403, nowhere(method, path)), (method, path, who, scope)
    assert state() == before


def test_a_decision_is_signed_with_the_name_of_whoever_made_it(neighbours: Neighbours) -> None:
    with neighbours.db.begin() as session:
        found = session.exec(select(Suggestion.id).where(Suggestion.status == "open").limit(2)).all()
    neighbours.ask("POST", f"/suggestions/{found[0]}/accept", MAIN, "write")
    neighbours.ask("POST", f"/api/v1/suggestions/{found[1]}/dismiss", MAIN, "admin")
    with neighbours.db.begin() as session:
        by_whom = [session.get_one(Suggestion, one).decided_by for one in found]
    assert by_whom == ["token write", "token admin"]
    page = neighbours.ask("GET", f"/suggestions/{found[0]}", MAIN, "read").text
    assert "token write</span> accepted this" in page
    assert 'method="post"' not in page, "who may not decide is shown no button"
